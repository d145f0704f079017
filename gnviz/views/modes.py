"""Figure `modes`: which parts of the residual are learned when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import holoviews as hv
import numpy as np

from gnviz.views import endings, style
from gnviz.views.base import (
    FRAME,
    PREDICTED,
    Frame,
    Scale,
    Tables,
    finite,
    log_limits,
    picked,
    positive,
    require,
    residual_label,
    run_index,
    times,
    with_mode,
)

if TYPE_CHECKING:
    import xarray as xr

MOST_MODES = 12
"""Curves that can still be told apart by colour."""

DECAY: dict[str, Any] = {"line_dash": [5, 4], "line_width": 1.3}
"""How the decay that the kernel at the start predicts is drawn."""


@dataclass(frozen=True)
class Modes:
    """The residual of one run in the kernel's eigenvectors, over time."""

    name: str = "modes"
    title: str = "Residual mode by mode"
    caption: str = (
        "Each part of the error decays at its own rate: together under damped Gauss-Newton, one after the "
        "other under gradient flow; dashed is the decay predicted from the kernel at the start."
    )
    needs: tuple[str, ...] = ("residual_modes", "rate", "y")
    backend: Literal["bokeh"] = "bokeh"

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

    def draw(
        self,
        ds: xr.Dataset,
        *,
        run: str | None = None,
        time_scale: Scale = "log",
        predicted: bool = True,
        mode: int | None = None,
        frame: Frame = FRAME,
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        tables = self.tables(ds, run=run, time_scale=time_scale, predicted=predicted, mode=mode)
        words = (style.time_label(ds.attrs.get("clock", "flow")), residual_label(ds))
        n = ds.sizes["mode"]
        elements = []
        for label, table in endings.without(tables).items():
            color = style.mode_color(int(label.split()[1]) - 1, n)
            look = DECAY if _dashed(label) else {}
            elements.append(style.curve(label, table, style.dimensions(table, *words), color=color, **look))
        return style.figure(
            [*elements, *endings.elements(tables, {}, words)],
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=style.time_limits(times(ds, time_scale)[0], frame, time_scale == "log"),
            ylim=self.limits(tables),
            logx=time_scale == "log",
            logy=True,
            hooks=(
                style.mode_bar(n),
                style.legend(
                    {},
                    ({"predicted at the start": DECAY} if any(map(_dashed, tables)) else {})
                    | dict(endings.LOOKS),
                ),
                endings.hook(tables),
                style.hover([("", "$name"), (words[0], "@time{0.00e}"), ("size", "@size{0.00e}")]),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
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
