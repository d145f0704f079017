"""Figures by Bokeh: the ones of the live page, which are built once and brought up to date in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bokeh.plotting import figure

from gnviz.views.backends.bokeh.drawing import Drawing

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import View

__all__ = ["Drawing", "draw"]


def draw(
    view: View, ds: xr.Dataset, *, title: bool = True, width: int = 480, height: int = 340, **options: Any
) -> figure:
    """Return a figure of a Dataset.

    Args:
        view: Which figure; not a surface.
        ds: A Dataset of schema 1.
        title: Whether it carries its title.
        width: In pixels.
        height: In pixels.
        options: Of the view, and `time_range`.

    Raises:
        ValueError: The view is a surface, or as its `tables`.
    """
    if view.solid:
        raise ValueError(f"figure {view.label!r} is a surface, which Plotly draws: backend='plotly'")
    drawing = Drawing(view, ds, **options)
    fig = drawing.figure
    fig.update(width=width, height=height, sizing_mode=None)
    if title:
        fig.title = drawing.plot.title
    return fig
