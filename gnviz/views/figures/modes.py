"""Figure `modes`: which parts of the residual are learned when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views import endings
from gnviz.views.base import PREDICTED, Scale, Tables, View, require, residual_label, time_label
from gnviz.views.over_time import time_plot
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import mode_color
from gnviz.views.values import finite, log_limits, picked, positive, times, with_mode

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
        "other under gradient flow; dashed is the decay predicted from the kernel at the start."
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
        """Return time and size of each mode shown, and |c_i(0)| exp(-r_i(0) t).

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
        rates = ds["rate"].values[index]
        floor = rounding(ds, sizes)
        out: Tables = {}
        for k in with_mode(picked(ds.sizes["mode"], MOST_MODES), ds, mode):
            label = f"mode {k + 1}"
            if predicted and ds.attrs.get("clock", "flow") == "flow" and len(sizes):
                with np.errstate(over="ignore", invalid="ignore"):
                    decay = sizes[0, k] * np.exp(-rates[0, k] * time)
                out[label + PREDICTED] = {"time": time, "size": _above(decay, floor)}
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

        decay = (Key("predicted at the start", Mark("", **DECAY)),) if any(map(_dashed, tables)) else ()
        marks = (*map(mark, endings.without(tables)), *endings.marks(tables, {}, tips=tips))
        return time_plot(
            self, ds, tables, Axis(residual_label(ds), log=True), marks, key=decay, modes=n, **options
        )

    def limits(self, tables: Tables) -> Range:
        """Return decades around what was measured; predictions may leave the figure."""
        return log_limits([t["size"] for label, t in tables.items() if not _dashed(label)])


def _dashed(label: str) -> bool:
    return label.endswith(PREDICTED)


def rounding(ds: xr.Dataset, sizes: np.ndarray) -> float:
    """Return the size below which a residual is rounding: machine precision times what it is made of."""
    eps = float(np.finfo("float32" if ds.attrs.get("dtype") == "float32" else "float64").eps)
    parts = [np.abs(finite(ds["y"].values)), *positive(sizes[:1])]
    return eps * max(float(np.nanmax(part, initial=0.0)) for part in parts) * np.sqrt(ds.sizes["mode"])


def _above(values: np.ndarray, floor: float) -> np.ndarray:
    values = positive(values)
    with np.errstate(invalid="ignore"):
        return np.where(values > floor, values, np.nan)
