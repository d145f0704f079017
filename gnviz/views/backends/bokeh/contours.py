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
"""Decades, or share of a linear scale, that the outermost bands reach further: each holds what is above its
lower end, and the flat floor is in the first."""


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
        self._lines = mark.alpha > 0
        self._bar = colour_bar(shades)
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
        heights, ends = _scaled(height, shades)
        grid = heights.reshape(len(up), len(across))
        self._drawn.levels = ends.tolist()
        self._drawn.set_data(contour_data(across, up, grid, ends, want_line=self._lines))
        _scale(self._bar, ends, shades.log)


def _scaled(height: np.ndarray, shades: Shades) -> tuple[np.ndarray, np.ndarray]:
    """Return heights, and the ends of the bands, on the scale on which these are evenly wide."""
    low, high = shades.low, shades.high
    with np.errstate(invalid="ignore", divide="ignore"):
        heights = np.clip(height, low, high)
        heights = np.log10(heights) if shades.log else heights
    first, last = np.log10([low, high]).tolist() if shades.log else (low, high)
    ends = np.linspace(first, last, len(shades.palette) + 1)
    room = _room(first, last, shades.log)
    ends[[0, -1]] += (-room, room)
    return heights, ends


def _same(new: Table, old: Table) -> bool:
    return new.keys() == old.keys() and all(np.array_equal(new[k], old[k], equal_nan=True) for k in new)


def colour_bar(shades: Shades) -> ColorBar:
    """Return a bar in the figures' style that says what colours mean; its numbers are set by `_scale`."""
    return ColorBar(
        color_mapper=LinearColorMapper(palette=list(shades.palette)), ticker=FixedTicker(ticks=[]),
        width=8, padding=4, background_fill_alpha=0, bar_line_alpha=0, title=shades.words,
        title_text_color=GREY, title_text_font_style="normal", title_text_font_size="12px",
        major_label_text_font_size="12px", major_label_text_color=GREY, major_tick_line_alpha=0,
    )  # fmt: skip


def _scale(bar: Any, ends: np.ndarray, log: bool) -> None:
    """Label the colour bar with powers of ten where it has some, else with three numbers."""
    whole = np.arange(np.ceil(ends[0]), np.floor(ends[-1]) + 1) if log else np.empty(0)
    room = _room(ends[0], ends[-1], log)
    ticks = whole if len(whole) > 1 else np.linspace(ends[0] + room, ends[-1] - room, 3)
    bar.color_mapper.update(low=float(ends[0]), high=float(ends[-1]))
    bar.ticker.ticks = ticks.tolist()
    bar.major_label_overrides = {float(t): f"{10.0**t if log else t:.3g}" for t in ticks}


def scale_bar(bar: Any, shades: Shades) -> None:
    """Label a colour bar from the first to the last number of its shades."""
    ends = np.array([shades.low, shades.high])
    _scale(bar, np.log10(ends) if shades.log else ends, shades.log)


def _room(low: float, high: float, log: bool) -> float:
    """Return how far the outermost bands reach further, on the scale on which bands are evenly wide."""
    return ROOM if log else ROOM * (high - low)
