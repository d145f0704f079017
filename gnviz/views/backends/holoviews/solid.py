"""Surfaces: lines and points are HoloViews' own three-dimensional elements, and the surface is a `Mesh3D`."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import holoviews.plotting.plotly
import numpy as np
import param
from holoviews.element.chart3d import Element3D
from holoviews.plotting.plotly.chart3d import Chart3DPlot

from gnviz.methods import display_name
from gnviz.views.backends.holoviews.options import styled
from gnviz.views.backends.plotly import drawing
from gnviz.views.base import Table, Tables
from gnviz.views.plot import Plot


class Mesh3D(Element3D):
    """Triangles in three dimensions: its data is a trace of Plotly's, with corners x, y, z.

    HoloViews' own surfaces are graphs over a plane, which a surface of predictions need not be.
    """

    group = "Mesh3D"
    kdims = param.List([hv.Dimension(name) for name in "xyz"])
    vdims = param.List([])

    def dimension_values(self, dimension: Any, expanded: bool = True, flat: bool = True) -> np.ndarray:
        """Return one coordinate of all corners.

        Args:
            dimension: Which one, `x`, `y` or `z`.
            expanded: Does not act: the corners are one list.
            flat: Does not act either.
        """
        return np.asarray(self.data[self.get_dimension(dimension, strict=True).name])


class Mesh3DPlot(Chart3DPlot):
    """Draws a `Mesh3D` by Plotly."""

    def get_data(self, element: Mesh3D, ranges: Any, style: Any, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the trace, which the element has with it.

        Args:
            element: What is drawn.
            ranges: Of the axes; they do not act.
            style: Does not act: the trace has its own.
            **kwargs: Others of its.
        """
        return [element.data]

    def graph_options(
        self, element: Mesh3D, ranges: Any, style: Any, is_geo: bool = False, **kwargs: Any
    ) -> dict[str, Any]:
        """Return what kind of trace it is: its colours it has with it.

        Args:
            element: What is drawn.
            ranges: Of the axes; they do not act.
            style: Does not act: the trace has its own.
            is_geo: Does not act: it is no map.
            **kwargs: Others of its.
        """
        return {"type": "mesh3d"}


hv.Store.register({Mesh3D: Mesh3DPlot}, "plotly")


def solid(plot: Plot, tables: Tables, *, width: int, height: int, title: str) -> hv.Overlay:
    """Return an overlay of the traces of a surface.

    Args:
        plot: With a scene.
        tables: Of its marks.
        width: In pixels.
        height: In pixels.
        title: Above it; empty for none.
    """
    assert plot.scene is not None
    whole = drawing(plot, tables, title=title, width=width, height=height)

    def placed(drawn: Any, _: Any) -> None:
        drawn.state["layout"] = whole["layout"]

    elements = [_element(trace) for trace in whole["data"] if len(trace["x"])]
    words = dict(zip(("xlabel", "ylabel", "zlabel"), plot.scene.names, strict=True))
    spans = dict(zip(("xlim", "ylim", "zlim"), plot.scene.spans, strict=True))
    shape = whole["layout"]["scene"]["aspectratio"]
    size = {"width": width, "height": height, "title": title, "aspect": shape, "hooks": [placed]}
    return styled(hv.Overlay(elements), "plotly", **words, **spans, **size)


def _element(trace: dict[str, Any]) -> hv.Element:
    label = display_name(trace["name"])
    if trace["type"] == "mesh3d":
        kept = {k: v for k, v in trace.items() if k not in ("type", "meta", "name", "legendgroup")}
        return Mesh3D(kept, label=label)
    points: Table = {name: np.asarray(trace[name], dtype=float) for name in "xyz"}
    if trace["mode"] == "markers":
        marker = trace["marker"]
        look = {"color": marker["color"], "size": marker["size"], "marker": marker["symbol"]}
        return styled(hv.Scatter3D(points, list("xyz"), [], label=label), "plotly", **look)
    line = trace["line"]
    look = {"color": line["color"], "line_width": line["width"], "dash": line.get("dash", "solid")}
    return styled(hv.Path3D([points], list("xyz"), label=label), "plotly", **look)
