"""Figure `rates`: whether every mode decays as fast as theory says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import PREDICTED, Table, Tables, View, require
from gnviz.views.figures.modes import rounding
from gnviz.views.plot import GREY, Axis, Mark, Plot, Range, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import mode_color
from gnviz.views.values import at, log_limits, positive

if TYPE_CHECKING:
    import xarray as xr

MEASURED = "measured"
"""Label of the rates that were measured."""

LEFT = 0.01
"""Share of a mode's residual down to which its fall is measured; later, turning eigenvectors feed it."""

TIPS: tuple[Tip, ...] = (("", "$name", ""), ("mode", "mode", "0"), ("rate", "rate", "0.000e"))

LOOKS: dict[str, dict[str, Any]] = {
    MEASURED + PREDICTED: {"color": GREY, "fill": 0.0, "size": 11.0, "width": 1.8, "entry": "predicted"},
    MEASURED: {
        "color": mode_color(1, 2), "fill": 0.8, "marker": "diamond", "size": 9.0, "width": 1.0,
        "entry": MEASURED,
    },
}  # fmt: skip


class Rates(View):
    """The rates of one run's modes at one moment, predicted and measured."""

    label = "rates"
    title = "Rate of each mode"
    caption = (
        "Hollow marks: the rate that the kernel's eigenvalue and the damping predict; filled: how fast that "
        "part of the error has fallen since the start, until a hundredth of it was left. They differ where "
        "eigenvectors turn; a part that has grown has no filled mark."
    )
    needs = ("residual_modes", "rate", "y")

    def tables(self, ds: xr.Dataset, *, run: str | None = None, moment: int = -1) -> Tables:
        """Return mode numbers with predicted and measured rates, from the start until a moment.

        Measured is log(|c_i(0)| / |c_i(s)|) / s with s that moment, or the first at which |c_i| had fallen
        to `LEFT` of its start, or the last above rounding, whichever is first. Predicted is the mean of r_i
        until s (in continuous time only).

        Args:
            ds: A Dataset of schema 1.
            run: Label of the run; None is the first.
            moment: Which recorded moment; -1 is the last.
        """
        require(ds, self)
        at(ds, "rate", moment)  # complains of a moment that is not recorded
        index, count, modes = run_index(ds, run), ds.sizes["time"], np.arange(1.0, ds.sizes["mode"] + 1)
        if not count:
            return {MEASURED: _table(modes, np.full(len(modes), np.nan))}
        now = moment + count if moment < 0 else moment
        time, rates = ds["time"].values[: now + 1], positive(ds["rate"].values[index, : now + 1])
        sizes = positive(np.abs(ds["residual_modes"].values[index]))
        ends = _ends(sizes[: now + 1], rounding(ds, sizes))
        out: Tables = {}
        if ds.attrs.get("clock", "flow") == "flow":
            means = [_mean(time[: k + 1], rates[: k + 1, i]) for i, k in enumerate(ends)]
            out[MEASURED + PREDICTED] = _table(modes, np.array(means))
        return out | {MEASURED: _table(modes, _fallen(time, sizes, ends))}

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        step = "per step" if ds.attrs.get("clock") == "steps" else "per unit of flow time"
        marks = tuple(Mark(label, "points", tips=TIPS, **LOOKS[label]) for label in tables)
        return Plot(
            self.title,
            Axis("mode number i", whole=True),
            Axis(f"rate, {step}", log=True),
            marks,
            (0.4, ds.sizes["mode"] + 0.6),
            self.limits(tables),
            entries=tuple(mark.entry for mark in marks),
        )

    def limits(self, tables: Tables) -> Range:
        """Return decades around all rates."""
        return log_limits([table["rate"] for table in tables.values()])


def _table(modes: np.ndarray, rates: np.ndarray) -> Table:
    return {"mode": modes, "rate": positive(rates)}


def _ends(sizes: np.ndarray, floor: float) -> np.ndarray:
    """Return at which moment the fall of each mode is measured, given |c_i|, shape (time, mode)."""
    with np.errstate(invalid="ignore"):
        above = np.logical_and.accumulate(sizes > floor, axis=0)
        left = np.logical_and.accumulate(sizes > LEFT * sizes[0], axis=0)
    return np.clip(np.minimum(above.sum(0) - 1, left.sum(0)), 0, len(sizes) - 1)


def _mean(time: np.ndarray, rates: np.ndarray) -> float:
    """Return the mean over time, by the trapezoidal rule; of a single moment, what it is."""
    span = time[-1] - time[0]
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.trapezoid(rates, time) / span) if span > 0 else float(rates[-1])


def _fallen(time: np.ndarray, sizes: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how fast each mode fell from the first moment to its last one, shape (mode,); NaN for none."""
    last = sizes[ends, np.arange(sizes.shape[1])]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(ends > 0, np.log(sizes[0] / last) / (time[ends] - time[0]), np.nan)
