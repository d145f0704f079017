"""Figure `rates`: whether every mode decays as fast as theory says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.views import style
from gnviz.views.base import (
    FRAME,
    PREDICTED,
    Frame,
    Table,
    Tables,
    at,
    log_limits,
    positive,
    require,
    run_index,
)
from gnviz.views.modes import rounding

if TYPE_CHECKING:
    import xarray as xr

MEASURED = "measured"
"""Label of the rates that were measured."""


@dataclass(frozen=True)
class Rates:
    """The rates of one run's modes at one moment, predicted and measured."""

    name: str = "rates"
    title: str = "Rate of each mode"
    caption: str = (
        "Hollow marks: the rate that the kernel's eigenvalue and the damping predict; filled: how fast that "
        "part of the error has fallen since the moment before. They differ where eigenvectors turn; a part "
        "that grows has no filled mark."
    )
    needs: tuple[str, ...] = ("residual_modes", "rate", "y")
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, run: str | None = None, moment: int = -1) -> Tables:
        """Return mode numbers with predicted and measured rates.

        Measured is -log(|c_i(t)| / |c_i(s)|) / (t - s) with the moment s before, above rounding only;
        predicted is the mean of r_i at both moments (in continuous time only).

        Args:
            ds: A Dataset of schema 1.
            run: Label of the run; None is the first.
            moment: Which recorded moment; -1 is the last.
        """
        require(ds, self)
        at(ds, "rate", moment)  # complains of a moment that is not recorded
        index, count, modes = run_index(ds, run), ds.sizes["time"], np.arange(1.0, ds.sizes["mode"] + 1)
        now = moment + count if moment < 0 else moment
        nothing = np.full(len(modes), np.nan)
        rates = positive(ds["rate"].values[index, max(now - 1, 0) : now + 1])
        predicted = rates.mean(0) if count else nothing
        out: Tables = {}
        if ds.attrs.get("clock", "flow") == "flow":
            out[MEASURED + PREDICTED] = _table(modes, predicted)
        return out | {MEASURED: _table(modes, _measured(ds, index, now) if now > 0 else nothing)}

    def draw(
        self, ds: xr.Dataset, *, run: str | None = None, moment: int = -1, frame: Frame = FRAME
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        tables = self.tables(ds, run=run, moment=moment)
        step = "per step" if ds.attrs.get("clock") == "steps" else "per unit of flow time"
        words = ("mode number i", f"rate, {step}")
        looks = {
            MEASURED + PREDICTED: {"fill_alpha": 0.0, "marker": "circle", "size": 11, "line_width": 1.8},
            MEASURED: {"fill_alpha": 0.8, "marker": "diamond", "size": 9},
        }
        colors = {MEASURED + PREDICTED: style.GREY, MEASURED: style.mode_color(1, 2)}
        elements = [
            style.points(label, table, style.dimensions(table, *words), color=colors[label], **looks[label])
            for label, table in tables.items()
        ]
        n = ds.sizes["mode"]
        return style.figure(
            elements,
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=(0.4, n + 0.6),
            ylim=self.limits(tables),
            logy=True,
            hooks=(
                style.legend({"predicted": [MEASURED + PREDICTED], "measured": [MEASURED]}),
                style.whole_ticks,
                style.hover([("", "$name"), ("mode", "@mode{0}"), ("rate", "@rate{0.000e}")]),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all rates."""
        return log_limits([table["rate"] for table in tables.values()])


def _table(modes: np.ndarray, rates: np.ndarray) -> Table:
    return {"mode": modes, "rate": positive(rates)}


def _measured(ds: xr.Dataset, run: int, now: int) -> np.ndarray:
    """Return how fast each mode of a run fell since the moment before, NaN in rounding, shape (mode,)."""
    sizes = positive(np.abs(ds["residual_modes"].values[run]))
    before, after = sizes[now - 1], sizes[now]
    time = ds["time"].values
    with np.errstate(invalid="ignore"):
        return np.where(
            after > rounding(ds, sizes), np.log(before / after) / (time[now] - time[now - 1]), np.nan
        )
