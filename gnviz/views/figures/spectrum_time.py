"""Figure `spectrum_time`: whether the kernel stays what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views import endings
from gnviz.views.base import RESOLUTION, Scale, Tables, View, require, time_label
from gnviz.views.figures.spectrum import resolution
from gnviz.views.over_time import time_plot
from gnviz.views.plot import Axis, Mark, Plot, Range, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import mode_color, reference
from gnviz.views.values import log_limits, picked, positive, times, with_mode

if TYPE_CHECKING:
    import xarray as xr

MOST_MODES = 24
"""Lines beyond this many cannot be told apart."""


class SpectrumTime(View):
    """The eigenvalues of one run's kernel over time."""

    label = "spectrum_time"
    title = "Eigenvalues over time"
    caption = (
        "Flat lines mean that the kernel stays as it was (lazy training); "
        "bends mean that features are learned."
    )
    needs = ("eigenvalues",)

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

    def marks(self, ds: xr.Dataset, tables: Tables, **options: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        words, n = time_label(ds), ds.sizes["mode"]
        tips: tuple[Tip, ...] = (
            ("", "$name", ""),
            (words, "time", "0.00e"),
            ("eigenvalue", "eigenvalue", "0.000e"),
        )

        def mark(label: str) -> Mark:
            if label == RESOLUTION:
                return reference(label, tips=tips)
            return Mark(label, color=mode_color(int(label.split()[1]) - 1, n), tips=tips)

        marks = (*map(mark, endings.without(tables)), *endings.marks(tables, {}, tips=tips))
        return time_plot(
            self, ds, tables, Axis("eigenvalue λ of the kernel K", log=True), marks, modes=n, **options
        )

    def limits(self, tables: Tables) -> Range:
        """Return decades around all eigenvalues; the floor does not count."""
        return log_limits([t["eigenvalue"] for label, t in tables.items() if label != RESOLUTION])
