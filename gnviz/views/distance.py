"""Figure `distance`: how far the weights went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv

from gnviz.views import over_time
from gnviz.views.base import FRAME, Frame, Scale, Tables, log_limits, require, shown

if TYPE_CHECKING:
    import xarray as xr

MOVED = " · moved"
"""Ending of the curve of the distance from the start."""

LOOKS = {MOVED: {"line_dash": [6, 3], "line_width": 1.5}, "": {}}


@dataclass(frozen=True)
class Distance:
    """Length of each run's path through the weights, and distance from its start to its end."""

    name: str = "distance"
    title: str = "Distance moved by the weights"
    caption: str = (
        "Length of the weights' path (solid) and how far it has led (dashed), relative to the first weights: "
        "together for a straight path; the larger alpha, the less the weights need to move."
    )
    needs: tuple[str, ...] = ("path_length", "weight_drift")
    backend: Literal["bokeh"] = "bokeh"

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

    def draw(self, ds: xr.Dataset, *, time_scale: Scale = "log", frame: Frame = FRAME) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables = self.tables(ds, time_scale=time_scale)
        return over_time.draw(
            self, ds, tables, "length / size of the first weights", LOOKS, time_scale, frame
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all values."""
        return log_limits([table["value"] for table in tables.values()])
