"""Figure `pl_ratio`: whether the excess loss must fall like exp(-2t)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.excess import pl_ratio
from gnviz.views import over_time
from gnviz.views.base import Scale, Tables, require
from gnviz.views.plot import Range
from gnviz.views.runs import shown
from gnviz.views.values import DECADES, times

if TYPE_CHECKING:
    import xarray as xr

ONE = "e⁻²ᵗ"
"""Label of the line at 1."""


class PlRatio(over_time.OverTime):
    """The geodesic Polyak-Lojasiewicz ratio of every run over time."""

    label = "pl_ratio"
    title = "Geodesic Polyak-Łojasiewicz ratio"
    caption = (
        "Squared slope along the manifold over twice the excess loss: on or above the dashed line at 1, "
        "Gauss-Newton's excess loss falls like exp(−2t) or faster; known once the optimum is."
    )
    needs = ("loss", "residual_modes", "optimum", "optimum_error", "y")
    words = "‖Pe‖² / 2(g − g*)"

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time and ratio of each run, and the line at 1; NaN until the optimum is known.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        time, _ = times(ds, time_scale)
        out: Tables = {ONE: {"time": time, "value": np.ones(len(time))}}
        return out | over_time.tables_of(ds, {"": pl_ratio(ds)}, time_scale)

    def limits(self, tables: Tables) -> Range:
        """Return the range of all ratios, a decade to either side of 1 at least: an axis needs some ticks."""
        values = np.concatenate([np.empty(0), *[table["value"] for table in tables.values()]])
        values = values[np.isfinite(values)]
        low, high = 0.9 * values.min(initial=0.1), 1.1 * values.max(initial=10.0)
        return max(low, high * 10.0**-DECADES), high
