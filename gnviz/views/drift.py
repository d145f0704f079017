"""Figure `drift`: how far training leaves the lazy regime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from gnviz.views import over_time
from gnviz.views.base import Scale, Tables, require, shown

if TYPE_CHECKING:
    import xarray as xr

WEIGHTS, GAP = " · weights", " · lazy gap"
"""Endings of the curves beside the kernel's."""

LOOKS = {
    WEIGHTS: {"line_dash": [6, 3], "line_width": 1.5},
    GAP: {"line_dash": [1, 3], "line_width": 2.0},
    "": {},
}


@dataclass(frozen=True)
class Drift(over_time.OverTime):
    """Change of the kernel, of the weights, and distance to the linearized network, of every run."""

    name: str = "drift"
    title: str = "Drift of kernel and weights"
    caption: str = (
        "How far the kernel (solid) and the weights (dashed) have come from where they started, relative to "
        "their size there, and how far the network is from its linearization (dotted): small means lazy."
    )
    needs: tuple[str, ...] = ("kernel_drift", "weight_drift", "lazy_gap")
    backend: Literal["bokeh"] = "bokeh"
    words: ClassVar[str] = "change relative to the start"
    looks: ClassVar[over_time.Looks] = LOOKS
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
