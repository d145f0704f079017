"""Contours of the loss below a flat figure: drawn once, then brought up to date in place.

Drawing a whole figure anew takes some tenths of a second, in which a page can do nothing else; other
contours in the same figure take a tenth of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import ColorBar, ContourRenderer, FixedTicker, LinearColorMapper
from bokeh.plotting import figure
from bokeh.plotting.contour import contour_data

from gnviz.views import style
from gnviz.views.base import finite, positive

if TYPE_CHECKING:
    import xarray as xr

LEVELS = 14
"""Bands of the loss at most: of more, the lines run together."""

DEEPEST = 1e-4
"""The lowest level, as a share of the loss's median: where M goes through the target, the loss falls to 0."""

STEEPEST = 0.98
"""Share of the plane below the highest level: beyond, some models run to infinity."""

ROOM = 1e-9
"""Decades that the outermost bands reach further: each holds what is above its lower end, and the flat floor
is in the first."""


def levels(loss: np.ndarray) -> np.ndarray:
    """Return where the bands of the loss end: evenly spaced in its logarithm; empty if it does not vary."""
    found = positive(loss)
    found = found[np.isfinite(found)]
    if not len(found):
        return np.empty(0)
    high = float(np.quantile(found, STEEPEST))
    low = max(float(found.min()), DEEPEST * float(np.median(found)))
    return np.geomspace(low, high, LEVELS + 1) if high > low * (1 + 1e-6) else np.empty(0)


def add_contours(fig: figure, ds: xr.Dataset) -> None:
    """Fill the plane below everything else in a figure, with a colour bar."""
    palette = style.blend(style.LOSS_PALETTE, LEVELS)
    anything = np.array([[0.0, 0.0], [1.0, 1.0]])
    drawn = fig.contour(
        [0, 1], [0, 1], anything, np.linspace(0, 1, LEVELS + 1), fill_color=palette,
        line_color=[style.GREY] * (LEVELS + 1), line_alpha=0.45, line_width=0.7,
    )  # fmt: skip
    drawn.level = "image"
    fig.add_layout(_bar(palette), "right")
    fill_contours(fig, ds)


def fill_contours(fig: figure, ds: xr.Dataset) -> None:
    """Bring the contours that `add_contours` drew up to a Dataset; where there are none, none are seen.

    Args:
        fig: The figure, or a copy of it.
        ds: Has plane_loss, shape (plane_1, plane_2).
    """
    drawn = next(r for r in fig.renderers if isinstance(r, ContourRenderer))
    bar = next(a for a in fig.right if isinstance(a, ColorBar))
    edges = levels(ds["plane_loss"].values)
    drawn.visible = bar.visible = bool(len(edges))
    if not len(edges):
        return
    with np.errstate(invalid="ignore"):
        heights = np.log10(np.clip(finite(ds["plane_loss"].values), edges[0], edges[-1]))
    ends = np.log10(edges)
    ends[[0, -1]] += (-ROOM, ROOM)
    drawn.levels = ends.tolist()
    drawn.set_data(contour_data(ds["plane_1"].values, ds["plane_2"].values, heights.T, ends))
    _scale(bar, ends)


def _bar(palette: list[str]) -> ColorBar:
    return ColorBar(
        color_mapper=LinearColorMapper(palette=palette), ticker=FixedTicker(ticks=[]),
        width=8, padding=4, background_fill_alpha=0, bar_line_alpha=0, title="loss",
        title_text_color=style.GREY, title_text_font_style="normal", title_text_font_size="12px",
        major_label_text_font_size="12px", major_label_text_color=style.GREY, major_tick_line_alpha=0,
    )  # fmt: skip


def _scale(bar: ColorBar, ends: np.ndarray) -> None:
    """Label the colour bar with powers of ten where there are some, else with three numbers."""
    whole = np.arange(np.ceil(ends[0]), np.floor(ends[-1]) + 1)
    ticks = whole if len(whole) > 1 else np.linspace(ends[0] + ROOM, ends[-1] - ROOM, 3)
    bar.color_mapper.update(low=float(ends[0]), high=float(ends[-1]))
    bar.ticker.ticks = ticks.tolist()
    bar.major_label_overrides = {float(t): f"{10.0**t:.3g}" for t in ticks}
