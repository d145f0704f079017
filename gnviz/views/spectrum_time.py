"""Figure `spectrum_time`: whether the kernel stays what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.views import endings, style
from gnviz.views.base import (
    FRAME,
    RESOLUTION,
    Frame,
    Scale,
    Tables,
    log_limits,
    picked,
    positive,
    require,
    run_index,
    times,
    with_mode,
)
from gnviz.views.spectrum import resolution

if TYPE_CHECKING:
    import xarray as xr

MOST_MODES = 24
"""Lines beyond this many cannot be told apart."""


@dataclass(frozen=True)
class SpectrumTime:
    """The eigenvalues of one run's kernel over time."""

    name: str = "spectrum_time"
    title: str = "Eigenvalues over time"
    caption: str = (
        "Flat lines mean that the kernel stays as it was (lazy training); "
        "bends mean that features are learned."
    )
    needs: tuple[str, ...] = ("eigenvalues",)
    backend: Literal["bokeh"] = "bokeh"

    def tables(
        self, ds: xr.Dataset, *, run: str | None = None, time_scale: Scale = "log", mode: int | None = None
    ) -> Tables:
        """Return time and eigenvalue of each mode shown, and the resolution floor.

        Args:
            ds: A Dataset of schema 1.
            run: Label of the run; None is the first.
            time_scale: A "log" axis leaves out the moment 0.
            mode: A mode, from 1, that is to be among those shown.
        """
        require(ds, self)
        index = run_index(ds, run)
        time, keep = times(ds, time_scale)
        out: Tables = {RESOLUTION: {"time": time, "eigenvalue": np.full(len(time), resolution(ds))}}
        for k in with_mode(picked(ds.sizes["mode"], MOST_MODES), ds, mode):
            values = ds["eigenvalues"].values[index, keep, k]
            out[f"mode {k + 1}"] = {"time": time, "eigenvalue": positive(values)}
        modes = {label: table for label, table in out.items() if label != RESOLUTION}
        return out | endings.of_modes(ds, index, modes)

    def draw(
        self,
        ds: xr.Dataset,
        *,
        run: str | None = None,
        time_scale: Scale = "log",
        mode: int | None = None,
        frame: Frame = FRAME,
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        tables = self.tables(ds, run=run, time_scale=time_scale, mode=mode)
        words = (style.time_label(ds.attrs.get("clock", "flow")), "eigenvalue λ of the kernel K")
        n = ds.sizes["mode"]
        elements = []
        for label, table in endings.without(tables).items():
            look = style.REFERENCE
            if label != RESOLUTION:
                look = {"color": style.mode_color(int(label.split()[1]) - 1, n)}
            elements.append(style.curve(label, table, style.dimensions(table, *words), **look))
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
                style.legend({}, endings.LOOKS),
                endings.hook(tables),
                style.hover(
                    [("", "$name"), (words[0], "@time{0.00e}"), ("eigenvalue", "@eigenvalue{0.000e}")]
                ),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all eigenvalues; the floor does not count."""
        return log_limits([t["eigenvalue"] for label, t in tables.items() if label != RESOLUTION])
