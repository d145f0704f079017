"""Figure `drift`: how far training leaves the lazy regime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from gnviz.views import over_time
from gnviz.views.base import Scale, Tables, require
from gnviz.views.runs import shown

if TYPE_CHECKING:
    import xarray as xr

WEIGHTS, GAP = " · weights", " · lazy gap"
"""Endings of the curves beside the kernel's."""

LOOKS = {
    WEIGHTS: {"dash": (6, 3), "width": 1.5},
    GAP: {"dash": (1, 3), "width": 2.0},
    "": {},
}


class Drift(over_time.OverTime):
    """Change of the kernel, of the weights, and distance to the linearized network, of every run."""

    label = "drift"
    title = "Drift of kernel and weights"
    caption = (
        "How far the kernel (solid) and the weights (dashed) have come from where they started, relative to "
        "their size there, and how far the network is from its linearization (dotted): small means lazy."
    )
    needs = ("kernel_drift", "weight_drift", "lazy_gap")
    words = "change relative to the start"
    looks = LOOKS
    meaning: ClassVar[Mapping[str, str]] = {"": "kernel", WEIGHTS: "weights", GAP: "lazy gap"}

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time and kernel drift, weight drift and lazy gap of each run.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        quantities = {WEIGHTS: "weight_drift", GAP: "lazy_gap", "": "kernel_drift"}
        return over_time.tables_of(ds, {end: ds[x].values for end, x in quantities.items()}, time_scale)
