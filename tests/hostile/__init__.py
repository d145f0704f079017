"""Damaged and hostile inputs, drawn from seeds: what a page, a file or a command line may be given.

`KINDS` maps each kind to a function that draws one case and lets gnviz have it. It returns whether the case
was `ACCEPTED` or `REFUSED` in words, or raises what gnviz raised.
"""

from __future__ import annotations

from hostile.files import cell, checkpoint, netcdf
from hostile.outcomes import Case
from hostile.words import formula, json_text, python_values, table, url

KINDS: dict[str, tuple[Case, int]] = {
    "URL": (url, 1500),
    "JSON experiment": (json_text, 1000),
    "Python experiment": (python_values, 1000),
    "formula": (formula, 1000),
    "table": (table, 1000),
    "NetCDF file": (netcdf, 600),
    "checkpoint": (checkpoint, 600),
    "cell of a sweep": (cell, 400),
}
"""Each kind's cases, and how many are drawn in bulk."""
