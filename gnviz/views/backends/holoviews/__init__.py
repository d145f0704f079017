"""Figures by HoloViews, for a notebook: overlays that compose, and that their reader can restyle.

    draw(ds, "loss") + draw(ds, "spectrum")                       # side by side
    draw(one, "loss") * draw(other, "loss")                       # on the same axes
    hv.HoloMap({alpha: draw(run(...), "loss") for alpha in ...})  # a slider over alpha

Each curve is an `hv.Curve` and each set of points an `hv.Scatter`, with the columns of its table; contours
are an `hv.QuadMesh`. A figure seen by a camera is seen from where it stands at first. Surfaces are overlays
of three-dimensional elements, which HoloViews draws by Plotly (`hv.extension("plotly")`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import holoviews as hv

from gnviz.views.backends.holoviews.flat import flat
from gnviz.views.backends.holoviews.options import styled
from gnviz.views.backends.holoviews.solid import solid

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import View

__all__ = ["draw", "side_by_side"]


def draw(
    view: View, ds: xr.Dataset, *, title: bool = True, width: int = 480, height: int = 340, **options: Any
) -> hv.Overlay:
    """Return a figure of a Dataset.

    Args:
        view: Which figure.
        ds: A Dataset of schema 1.
        title: Whether it carries its title.
        width: In pixels.
        height: In pixels.
        options: Of the view, and `time_range`.

    Raises:
        ValueError: As the view's `tables`.
    """
    tables = view.tables(ds, **{k: v for k, v in options.items() if k != "time_range"})
    plot = view.plot(ds, tables, **options)
    size = {"width": width, "height": height, "title": plot.title if title else ""}
    return solid(plot, tables, **size) if plot.scene else flat(plot, tables, **size)


def side_by_side(figures: Sequence[hv.Overlay], columns: int) -> hv.Layout:
    """Return figures as a layout whose axes are not shared.

    Args:
        figures: What `draw` returned: flat ones, or surfaces.
        columns: Figures in a row.

    Raises:
        ValueError: Both are among them: no library draws both.
    """
    surfaces = [any(isinstance(part, hv.Scatter3D | hv.Path3D) for part in figure) for figure in figures]
    if len(set(surfaces)) > 1:
        raise ValueError("Plotly draws surfaces and Bokeh flat figures: give each a layout of its own")
    layout = hv.Layout(list(figures)).cols(columns)
    backend = "plotly" if any(surfaces) else "bokeh"
    shared = {"shared_axes": False} | ({} if backend == "plotly" else {"merge_tools": False})
    return styled(layout, backend, **shared)
