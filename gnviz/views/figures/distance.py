"""Figure `distance`: how far the weights went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from gnviz.views import over_time
from gnviz.views.base import Scale, Tables, require
from gnviz.views.runs import shown

if TYPE_CHECKING:
    import xarray as xr

MOVED = " · moved"
"""Ending of the curve of the distance from the start."""

LOOKS = {MOVED: {"dash": (6, 3), "width": 1.5}, "": {}}


class Distance(over_time.OverTime):
    """Length of each run's path through the weights, and distance from its start to its end."""

    label = "distance"
    title = "Distance moved by the weights"
    caption = (
        "Length of the weights' path (solid) and how far it has led (dashed), relative to the first weights: "
        "together for a straight path; the larger alpha, the less the weights need to move."
    )
    needs = ("path_length", "weight_drift")
    words = "length / size of the first weights"
    looks = LOOKS
    meaning: ClassVar[Mapping[str, str]] = {"": "path", MOVED: "distance"}

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time, path length and distance moved of each run.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        quantities = {MOVED: ds["weight_drift"].values, "": ds["path_length"].values}
        return over_time.tables_of(ds, quantities, time_scale)
