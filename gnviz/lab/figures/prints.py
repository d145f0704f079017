"""A figure as it is shown, on white and with its title and whole legend: for a file of its own."""

from __future__ import annotations

from typing import Any

import xarray as xr
from bokeh.core.json_encoder import serialize_json
from bokeh.models import Legend

from gnviz.lab.figures.live_figure import LiveFigure
from gnviz.lab.figures.live_surface import LiveSurface
from gnviz.methods import display_name
from gnviz.views.backends.bokeh.camera import turn_alike
from gnviz.views.backends.bokeh.standalone import standalone
from gnviz.views.base import takes

WIDTH, HEIGHT = 900, 600
"""Pixels of a printed figure; as PNG it has twice as many each way."""

INK = "#22272e"


def title_of(figure: LiveFigure | LiveSurface) -> str:
    """Return what a printed figure is called: figures of one run name it."""
    run = figure.options.get("run") if takes(type(figure.view), "run") else None
    return figure.view.title + (f" · {display_name(run)}" if run else "")


def printed(figure: LiveFigure | LiveSurface, ds: xr.Dataset) -> dict[str, Any]:
    """Return what the browser needs to draw a figure for a file: of a surface, that it has it already.

    Args:
        figure: As it is shown: its moment, zoom, camera and hidden curves are those of the print.
        ds: The Dataset that it shows.
    """
    size = {"title": title_of(figure), "width": WIDTH, "height": HEIGHT}
    if isinstance(figure, LiveSurface):
        return size | {"surface": True}
    copy = figure.copy(height=HEIGHT, legend=True)
    copy.begin(ds)
    drawn, shown = copy.drawing, figure.drawing
    assert drawn is not None
    assert shown is not None
    for label, glyph in drawn.glyphs.items():
        glyph.visible = shown.glyphs[label].visible if label in shown.glyphs else True
    for name in ("x_range", "y_range"):
        ends: Any = getattr(shown.figure, name)
        getattr(drawn.figure, name).update(start=ends.start, end=ends.end)
    turn_alike(shown.figure, drawn.figure)
    _dress(drawn.figure, size["title"])
    return size | {"root": drawn.figure.id, "content": serialize_json(standalone([drawn.figure]))}


def _dress(fig: Any, title: str) -> None:
    """Give a figure a title, a fixed size and dark words on white, whatever the page looks like."""
    fig.update(
        sizing_mode="fixed", width=WIDTH, height=HEIGHT, toolbar_location=None,
        background_fill_color="white", background_fill_alpha=1,
        border_fill_color="white", border_fill_alpha=1,
    )  # fmt: skip
    for legend in fig.select(Legend):
        legend.update(label_text_color=INK, label_text_font="sans-serif")
    for axis in fig.axis:
        axis.update(axis_label_text_color=INK, axis_label_text_font="sans-serif")
        axis.update(major_label_text_color=INK, major_label_text_font="sans-serif")
    fig.title.update(text=title, text_color=INK, text_font_size="18px", text_font="sans-serif")
