"""Figure `excess`: how fast the loss falls to the best that the network can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import end_loss
from gnviz.analysis.excess import excess_loss, settled
from gnviz.views import over_time
from gnviz.views.base import Scale, Tables, require
from gnviz.views.plot import Range
from gnviz.views.runs import shown
from gnviz.views.values import log_limits, positive, times

if TYPE_CHECKING:
    import xarray as xr

LAW = "e⁻²ᵗ"
"""Label of the reference, which follows from du/dt = -P e and has no fitted constant."""

SO_FAR = " · so far"
"""Ending of curves over the least loss seen so far, where the optimum is not known (yet)."""

LOOKS = {SO_FAR: {"dash": (8, 2), "width": 1.6}, "": {}}


class Excess(over_time.OverTime):
    """The loss of every run over the in-class optimum, beside exp(-2t)."""

    label = "excess"
    title = "Excess loss"
    caption = (
        "Loss above the least that the runs head for: pure Gauss-Newton with a large alpha falls along "
        "the dashed exp(−2t), whatever the kernel's condition. That least loss is known once all runs have "
        "ended; until then the least loss seen so far stands in for it, and curves bend down too early. "
        "It may be a local minimum: the headline says if other starts found less."
    )
    needs = ("loss", "optimum", "optimum_error", "y")
    looks = LOOKS

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time and excess loss of each run, and exp(-2t) from the largest excess at the start.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        time, _ = times(ds, time_scale)
        ending, values = excess(ds)
        curves = over_time.tables_of(ds, {ending: values}, time_scale)
        start = float(np.nanmax(positive(values[:, :1]), initial=0.0))
        with np.errstate(over="ignore"):
            law = positive(start * np.exp(-2 * time))
        if ds.attrs.get("clock", "flow") == "flow":
            return {LAW: {"time": time, "value": law}} | curves
        return curves

    def axis(self, ds: xr.Dataset) -> str:
        """Return the words on the vertical axis."""
        if ds.sizes["mode"] == ds.sizes["sample"]:
            return "loss g (its least is 0)"
        return "loss − least so far" if excess(ds)[0] == SO_FAR else "excess loss g − g*"

    def limits(self, tables: Tables) -> Range:
        """Return decades around all losses; the reference may leave the figure."""
        return log_limits([table["value"] for label, table in tables.items() if label != LAW])


def excess(ds: xr.Dataset) -> tuple[str, np.ndarray]:
    """Return the ending of the curves' labels, and the excess loss, shape (run, time).

    With at least as many parameters as samples the least loss is taken to be 0. An excess that cannot be
    told from the optimum's uncertainty is NaN.
    """
    loss = ds["loss"].values
    if ds.sizes["mode"] == ds.sizes["sample"]:
        return "", loss
    if np.isfinite(ds["optimum"].values).any():
        return "", np.where(settled(ds), np.nan, excess_loss(ds))
    with np.errstate(invalid="ignore"):
        return SO_FAR, loss - _least_so_far(ds)[:, None]


def _least_so_far(ds: xr.Dataset) -> np.ndarray:
    """Return the least loss, at an end or before, of runs with the same alpha and seed, shape (run,)."""
    kinds = list(zip(ds["alpha"].values, ds["seed"].values, strict=True))
    seen = np.column_stack([ds["loss"].values, end_loss(ds)])
    least = np.where(np.isfinite(seen), seen, np.inf).min(axis=1, initial=np.inf)
    return np.array(
        [min(x for x, other in zip(least, kinds, strict=True) if other == kind) for kind in kinds]
    )
