"""Cells that are coloured by a value: rectangles, and the bar that says what their colours mean."""

from __future__ import annotations

from typing import Any

from bokeh.models import GlyphRenderer, LinearColorMapper, LogColorMapper
from bokeh.plotting import figure

from gnviz.views.backends.bokeh.contours import colour_bar, scale_bar
from gnviz.views.plot import GREY, Shades

UNKNOWN = GREY + "55"
"""Of a cell without a value."""


class Tint:
    """The colours of a renderer's cells, and their colour bar.

    Args:
        fig: The figure.
        drawn: Its cells, whose source has the column `value`.
        shades: What the colours mean.
    """

    def __init__(self, fig: figure, drawn: GlyphRenderer, shades: Shades) -> None:
        kind = LogColorMapper if shades.log else LinearColorMapper
        self._mapper: Any = kind(palette=list(shades.palette), nan_color=UNKNOWN)
        self._bar = colour_bar(shades)
        glyphs: Any = (drawn.glyph, drawn.hover_glyph)
        tinted: Any = {"field": "value", "transform": self._mapper}
        for glyph in glyphs:
            glyph.update(fill_color=tinted)
        glyphs[0].update(line_color=tinted)
        self.show(shades)
        fig.add_layout(self._bar, "right")

    def show(self, shades: Shades) -> None:
        """Let the colours begin and end at other numbers."""
        if (self._mapper.low, self._mapper.high) != (shades.low, shades.high):
            self._mapper.update(low=shades.low, high=shades.high)
            scale_bar(self._bar, shades)
