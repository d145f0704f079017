"""Figure `modes`: which parts of the residual are learned when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views import endings
from gnviz.views.base import FROZEN_WORDS, PREDICTED, Scale, Tables, View, require, residual_label, time_label
from gnviz.views.over_time import time_plot
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import mode_color
from gnviz.views.values import log_limits, picked, positive, rounding, times, with_mode

if TYPE_CHECKING:
    import xarray as xr

MOST_MODES = 12
"""Curves that can still be told apart by colour."""

DECAY: dict[str, Any] = {"dash": (5, 4), "width": 1.3}
"""How the decay that the kernel at the start predicts is drawn."""


class Modes(View):
    """The residual of one run in the kernel's eigenvectors, over time."""

    label = "modes"
    title = "Residual mode by mode"
    caption = (
        "Each part of the error decays at its own rate: together under damped Gauss-Newton, one after the "
        "other under gradient flow; dashed is the decay if the kernel stayed as it is at the start."
    )
    needs = ("residual_modes", "rate", "y")

    def tables(
        self,
        ds: xr.Dataset,
        *,
        run: str | None = None,
        time_scale: Scale = "log",
        predicted: bool = True,
        mode: int | None = None,
    ) -> Tables:
        """Return time and size of each mode shown, and what it would be if the kernel stayed as it is.

        Where the file does not have that, it is |c_i(0)| exp(-r_i(0) t).

        Args:
            ds: A Dataset of schema 1.
            run: Label of the run; None is the first.
            time_scale: A "log" axis leaves out the moment 0.
            predicted: Whether to draw the prediction (continuous time only).
            mode: A mode, from 1, that is to be among those shown.
        """
        require(ds, self)
        index = run_index(ds, run)
        time, keep = times(ds, time_scale)
        sizes = np.abs(ds["residual_modes"].values[index])
        floor = rounding(ds, sizes)
        out: Tables = {}
        for k in with_mode(picked(ds.sizes["mode"], MOST_MODES), ds, mode):
            label = f"mode {k + 1}"
            if predicted and ds.attrs.get("clock", "flow") == "flow" and len(sizes):
                when, decay = _frozen(ds, index, k, time_scale)
                out[label + PREDICTED] = {"time": when, "size": _above(decay, floor)}
            out[label] = {"time": time, "size": _above(sizes[keep, k], floor)}
        measured = {label: table for label, table in out.items() if not _dashed(label)}
        return out | endings.of_modes(ds, index, measured)

    def marks(self, ds: xr.Dataset, tables: Tables, **options: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        words, n = time_label(ds), ds.sizes["mode"]
        tips: tuple[Tip, ...] = (("", "$name", ""), (words, "time", "0.00e"), ("size", "size", "0.00e"))

        def mark(label: str) -> Mark:
            color = mode_color(int(label.split()[1]) - 1, n)
            return Mark(label, color=color, tips=tips, **(DECAY if _dashed(label) else {}))

        decay = (Key(FROZEN_WORDS, Mark("", **DECAY)),) if any(map(_dashed, tables)) else ()
        marks = (*map(mark, endings.without(tables)), *endings.marks(tables, {}, tips=tips))
        return time_plot(
            self, ds, tables, Axis(residual_label(ds), log=True), marks, key=decay, modes=n, **options
        )

    def limits(self, tables: Tables) -> Range:
        """Return decades around all sizes."""
        return log_limits([table["size"] for table in tables.values()])


def _frozen(ds: xr.Dataset, run: int, mode: int, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Return moments, and the size of a mode if the kernel stayed as it is."""
    if "frozen_modes" in ds:
        time = ds["moment"].values
        keep = time > 0 if scale == "log" else slice(None)
        return time[keep], np.abs(ds["frozen_modes"].values[run, keep, mode])
    time, _ = times(ds, scale)
    start, rate = (float(ds[name].values[run, 0, mode]) for name in ("residual_modes", "rate"))
    with np.errstate(over="ignore", invalid="ignore"):
        return time, abs(start) * np.exp(-rate * time)


def _dashed(label: str) -> bool:
    return label.endswith(PREDICTED)


def _above(values: np.ndarray, floor: float) -> np.ndarray:
    values = positive(values)
    with np.errstate(invalid="ignore"):
        return np.where(values > floor, values, np.nan)
