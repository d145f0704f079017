"""Contours below a flat figure: drawn once, then brought up to date in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColorBar, ContourRenderer, FixedTicker, LinearColorMapper
from bokeh.plotting import figure
from bokeh.plotting.contour import contour_data

from gnviz.views.base import Table
from gnviz.views.plot import GREY, Mark, Shades

ROOM = 1e-9
"""Decades that the outermost bands reach further: each holds what is above its lower end, and the flat floor
is in the first."""


class Contours:
    """Bands of a height over a plane, one for each colour of its shades, and their colour bar.

    Args:
        fig: The figure, in which they lie below all else.
        mark: How their lines are drawn.
        shades: What their colours mean.
    """

    def __init__(self, fig: figure, mark: Mark, shades: Shades) -> None:
        count = len(shades.palette)
        self._drawn: ContourRenderer = fig.contour(
            [0, 1], [0, 1], np.array([[0.0, 0.0], [1.0, 1.0]]), np.linspace(0, 1, count + 1).tolist(),
            fill_color=list(shades.palette), line_color=[GREY] * (count + 1), line_alpha=mark.alpha,
            line_width=mark.width,
        )  # fmt: skip
        self._drawn.level = "image"
        self._bar = _bar(shades)
        fig.add_layout(self._bar, "right")
        self._table: Table = {}

    def show(self, table: Table, shades: Shades) -> None:
        """Show heights on a grid, given row by row; where they do not vary, nothing is seen.

        Args:
            table: Columns x, y and height.
            shades: Where the first band begins, and the last ends.
        """
        if _same(table, self._table):
            return
        self._table = table
        varies = shades.high > shades.low
        self._drawn.visible = self._bar.visible = varies
        if not varies:
            return
        across, up, height = table.values()
        across, up = np.unique(across), np.unique(up)
        edges = np.geomspace(shades.low, shades.high, len(shades.palette) + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            heights = np.log10(np.clip(height, edges[0], edges[-1])).reshape(len(up), len(across))
        ends = np.log10(edges)
        ends[[0, -1]] += (-ROOM, ROOM)
        self._drawn.levels = ends.tolist()
        self._drawn.set_data(contour_data(across, up, heights, ends))
        _scale(self._bar, ends)


def _same(new: Table, old: Table) -> bool:
    return new.keys() == old.keys() and all(np.array_equal(new[k], old[k], equal_nan=True) for k in new)


def _bar(shades: Shades) -> ColorBar:
    return ColorBar(
        color_mapper=LinearColorMapper(palette=list(shades.palette)), ticker=FixedTicker(ticks=[]),
        width=8, padding=4, background_fill_alpha=0, bar_line_alpha=0, title=shades.words,
        title_text_color=GREY, title_text_font_style="normal", title_text_font_size="12px",
        major_label_text_font_size="12px", major_label_text_color=GREY, major_tick_line_alpha=0,
    )  # fmt: skip


def _scale(bar: Any, ends: np.ndarray) -> None:
    """Label the colour bar with powers of ten where there are some, else with three numbers."""
    whole = np.arange(np.ceil(ends[0]), np.floor(ends[-1]) + 1)
    ticks = whole if len(whole) > 1 else np.linspace(ends[0] + ROOM, ends[-1] - ROOM, 3)
    bar.color_mapper.update(low=float(ends[0]), high=float(ends[-1]))
    bar.ticker.ticks = ticks.tolist()
    bar.major_label_overrides = {float(t): f"{10.0**t:.3g}" for t in ticks}
