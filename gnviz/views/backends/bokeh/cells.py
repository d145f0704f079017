"""Cells that are coloured by a value: rectangles, and the bar that says what their colours mean."""

from __future__ import annotations

from bokeh.models import GlyphRenderer, LinearColorMapper, LogColorMapper
from bokeh.plotting import figure

from gnviz.views.backends.bokeh.contours import colour_bar
from gnviz.views.plot import GREY, Shades

UNKNOWN = GREY + "55"
"""Of a cell without a value."""


def tint(fig: figure, drawn: GlyphRenderer, shades: Shades) -> None:
    """Colour a renderer's cells by their value, and add the colour bar.

    Args:
        fig: The figure.
        drawn: Its cells, whose source has the column `value`.
        shades: What the colours mean.
    """
    kind = LogColorMapper if shades.log else LinearColorMapper
    mapper = kind(palette=list(shades.palette), low=shades.low, high=shades.high, nan_color=UNKNOWN)
    drawn.glyph.update(fill_color={"field": "value", "transform": mapper})
    bar = colour_bar(shades)
    bar.update(color_mapper=mapper, ticker="auto")
    fig.add_layout(bar, "right")
