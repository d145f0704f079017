"""Figure `singular`: how close the Jacobian is to losing rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.views import over_time
from gnviz.views.base import RESOLUTION, Scale, Tables, require
from gnviz.views.figures.spectrum import resolution
from gnviz.views.runs import shown
from gnviz.views.values import times

if TYPE_CHECKING:
    import xarray as xr


class Singular(over_time.OverTime):
    """The smallest singular value of every run's Jacobian over time."""

    label = "singular"
    title = "Smallest singular value"
    caption = (
        "Where the smallest singular value of the Jacobian falls to the dashed line it is rounding: "
        "the predictors are no manifold there, and undamped Gauss-Newton breaks down."
    )
    needs = ("eigenvalues",)
    words = "smallest singular value σ_min of J"

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time and the root of the least eigenvalue of each run, and of the resolution.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        time, _ = times(ds, time_scale)
        out: Tables = {RESOLUTION: {"time": time, "value": np.full(len(time), np.sqrt(resolution(ds)))}}
        with np.errstate(invalid="ignore"):
            smallest = np.sqrt(ds["eigenvalues"].values[:, :, -1])
        return out | over_time.tables_of(ds, {"": smallest}, time_scale)
