"""The moment shown, in figures over time: a line there, and what comes after it faint."""

from __future__ import annotations

from typing import Any

from bokeh.models import BoxAnnotation, CustomJS, Span
from bokeh.plotting import figure

from gnviz.views.plot import GREY

HIDDEN = 0.82
"""Opacity of the paper that lies over what comes later."""

_FOLLOW = """
const {location, visible} = line, style = getComputedStyle(document.documentElement)
const paper = style.getPropertyValue("--mui-palette-background-paper").trim() || "white"
const left = Math.max(location, across.start)  // a logarithmic axis has no place for the start
later.setv({left, visible: visible && location != null, fill_color: paper}, {sync: false})
"""
"""In the browser: a server that moves the line has nothing else to send, and knows no theme."""


def add_cursor(fig: figure, time: float | None = None) -> Span:
    """Return a line at a time, None for nowhere yet, in a figure over time: move it by its `location`."""
    look: Any = {"line_color": GREY, "line_width": 1.5, "level": "overlay"}
    line = Span(dimension="height", location=time, visible=time is not None, **look)
    later = BoxAnnotation(fill_alpha=HIDDEN, line_alpha=0, level="overlay", visible=False)
    follow = CustomJS(args={"line": line, "later": later, "across": fig.x_range}, code=_FOLLOW)
    for name in ("location", "visible"):
        line.js_on_change(name, follow)
    fig.add_layout(later)
    fig.add_layout(line)
    return line
