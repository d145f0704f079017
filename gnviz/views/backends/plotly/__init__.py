"""Surfaces by Plotly: figures in three dimensions, as a dict that its own `Figure` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gnviz.views.backends.plotly.layout import layout
from gnviz.views.backends.plotly.traces import traces

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import Tables, View
    from gnviz.views.plot import Plot

__all__ = ["draw", "drawing"]


def drawing(
    plot: Plot, tables: Tables, *, title: str = "", width: int | None = None, height: int = 300
) -> dict[str, Any]:
    """Return data and layout of a plot in three dimensions.

    Args:
        plot: With a scene.
        tables: Of its marks.
        title: Above it; empty for none.
        width: In pixels; None: as wide as there is room.
        height: In pixels, where the width is given.
    """
    assert plot.scene is not None
    return {"data": traces(plot, tables), "layout": layout(plot.scene, title, width, height)}


def draw(view: View, ds: xr.Dataset, *, width: int = 640, height: int = 480, **options: Any) -> Any:
    """Return a surface as a Plotly figure.

    Args:
        view: Which; one that is `solid`.
        ds: The Dataset of a surface experiment.
        width: In pixels.
        height: In pixels.
        options: Of the view.

    Raises:
        ValueError: The figure is flat, or as its `tables`.
    """
    from plotly.graph_objects import Figure

    if not view.solid:
        raise ValueError(f"figure {view.label!r} is flat, which Bokeh draws: backend='bokeh' or 'holoviews'")
    tables = view.tables(ds, **options)
    plot = view.plot(ds, tables, **options)
    return Figure(**drawing(plot, tables, title=view.title, width=width, height=height))
