"""One mark as Bokeh's models: a renderer of a source's columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, Line, Quad, Scatter, Text, VArea

from gnviz.views.base import Table
from gnviz.views.plot import GREY, Mark

OUTLINE = "#ffffff"
"""Around the cell under the pointer."""

WORDS = {"text_color": GREY, "text_font_size": "12px"}


def renderer(mark: Mark, table: Table, source: ColumnDataSource) -> GlyphRenderer:
    """Return what draws a mark: lines, points or words at the first two columns of its table.

    Args:
        mark: What is to be drawn.
        table: Its columns.
        source: Where they are kept for the browser.
    """
    across, up, *others = table
    where = {"x": across, "y": up}
    if mark.kind == "band":
        where = {"x": across, "y1": up, "y2": others[0] if others else up}
    elif mark.kind == "cells":
        where = {}
    glyph = _GLYPHS[mark.kind](mark, **where)
    drawn = GlyphRenderer(data_source=source, glyph=glyph, name=mark.table)
    if mark.kind == "cells":
        pointed: Any = glyph.clone()
        pointed.update(line_color=OUTLINE, line_alpha=1, line_width=2)
        drawn.update(nonselection_glyph=None, hover_glyph=pointed)
    if mark.moves:
        drawn.level = "overlay"  # painted without the rest, see `gnviz.lab.figures.browser.clipping`
    return drawn


def example(mark: Mark) -> GlyphRenderer:
    """Return what draws a mark in a legend: nothing in the plot."""
    table: Table = {"x": np.array([np.nan]), "y": np.array([np.nan])}
    return renderer(mark, table, ColumnDataSource(dict(table)))


def _line(mark: Mark, **where: Any) -> Line:
    return Line(
        line_color=mark.color,
        line_width=mark.width,
        line_dash=list(mark.dash),
        line_alpha=mark.alpha,
        **where,
    )


def _band(mark: Mark, **where: Any) -> VArea:
    return VArea(fill_color=mark.color, fill_alpha=mark.alpha, **where)


def _points(mark: Mark, **where: Any) -> Scatter:
    color = _value(mark.color)
    return Scatter(
        size=mark.size, marker=_value(mark.marker), fill_color=color, line_color=_value(mark.rim) or color,
        fill_alpha=mark.fill, line_alpha=mark.alpha, line_width=mark.width, **where,
    )  # fmt: skip


def _cells(mark: Mark, **where: Any) -> Quad:
    sides = {"left": "left", "right": "right", "bottom": "bottom", "top": "top"}
    color = _value(mark.color)  # of the rims, too: without, there are seams between neighbours
    return Quad(
        fill_color=color, fill_alpha="shown", line_color=color, line_alpha="shown", line_width=0.5, **sides,
        **where,
    )  # fmt: skip


def _text(mark: Mark, **where: Any) -> Text:
    return Text(text={"field": "text"}, **WORDS, **where)


_GLYPHS = {"line": _line, "band": _band, "points": _points, "text": _text, "cells": _cells}


def _value(text: str) -> Any:
    """Return a setting, or the column that has it."""
    return {"field": text[1:]} if text.startswith("@") else text
