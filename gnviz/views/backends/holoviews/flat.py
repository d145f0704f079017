"""Flat figures: an element for each mark, which carries the axes, so that an overlay of two keeps them."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend, without touching a notebook's output
import numpy as np

from gnviz.views.backends.holoviews.options import styled
from gnviz.views.backends.hover import formatters, value
from gnviz.views.base import Table, Tables
from gnviz.views.plot import GREY, Mark, Plot
from gnviz.views.room import flattened

LEGEND = {
    "legend_position": "top", "legend_cols": 3,
    "legend_opts": {
        "padding": 2, "margin": 2, "spacing": 6, "border_line_alpha": 0, "background_fill_alpha": 0,
    },
}  # fmt: skip
"""Above the plot, where it covers no curve."""


def flat(plot: Plot, tables: Tables, *, width: int, height: int, title: str) -> hv.Overlay:
    """Return an overlay of a plot's marks.

    Args:
        plot: A flat one.
        tables: Of its marks.
        width: In pixels.
        height: In pixels.
        title: Above it; empty for none.
    """
    if plot.camera:
        tables = flattened(tables)
    common = _axes(plot) | {"width": width, "height": height, "title": title}
    shown = [mark for mark in plot.marks if mark.table in tables]
    main = _main(plot)
    elements = []
    for mark in shown:
        named = main.get(mark.entry) == mark.table
        label = plot.called(mark.entry) if named else mark.table
        element = _ELEMENTS[mark.kind](mark, tables[mark.table], plot, label)
        elements.append(styled(element, "bokeh", show_legend=named, **common))
    return styled(hv.Overlay(elements), "bokeh", **LEGEND, **common)


def _main(plot: Plot) -> dict[str, str]:
    """Return the table whose mark stands for an entry in the legend: the run's own curve, else the last."""
    last = {mark.entry: mark.table for mark in plot.marks if " · " not in mark.table}
    return last | {mark.entry: mark.table for mark in plot.marks if mark.table == mark.entry}


def _axes(plot: Plot) -> dict[str, Any]:
    """Return the options of all elements: they hold where overlays are laid over one another."""
    bare = {"xaxis": None, "yaxis": None} if plot.camera else {"show_grid": True}
    bare |= {"data_aspect": 1, "show_grid": False} if plot.square else {}
    return {
        "xlabel": plot.x.label, "ylabel": plot.y.label, "logx": plot.x.log, "logy": plot.y.log,
        "xlim": plot.across, "ylim": plot.upright, "bgcolor": None, **bare,
    }  # fmt: skip


def _dimensions(table: Table, plot: Plot) -> tuple[list[hv.Dimension], list[hv.Dimension]]:
    """Return the horizontal column, and the vertical one and all others, with the words on the axes."""
    across, up, *others = table
    key, value = (hv.Dimension(n, label=a.label or n) for n, a in ((across, plot.x), (up, plot.y)))
    return [key], [value, *map(hv.Dimension, others)]


def _hover(mark: Mark) -> dict[str, Any]:
    """Return the tools that say what a mark says where the pointer is over it."""
    if not mark.tips:
        return {}
    words = [
        (said or column, mark.table if column == "$name" else value(column, form))
        for said, column, form in mark.tips
    ]
    tips = [(said.strip("$"), text) for said, text in words]
    return {"tools": ["hover"], "hover_tooltips": tips, "hover_formatters": formatters(mark.tips)}


def _curve(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Curve:
    look = {"color": mark.color, "line_width": mark.width, "line_alpha": mark.alpha}
    look |= {"line_dash": list(mark.dash)} if mark.dash else {}
    curve = hv.Curve(dict(table), *_dimensions(table, plot), label=label)
    return styled(curve, "bokeh", **look, **_hover(mark))


def _band(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Area:
    whole = np.all([np.isfinite(column) for column in table.values()], axis=0)
    columns = {name: column[whole] for name, column in table.items()}
    area = hv.Area(columns, *_dimensions(table, plot), label=label)
    return styled(area, "bokeh", color=mark.color, fill_alpha=mark.alpha, line_alpha=0)


def _scatter(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Scatter:
    look = {"size": mark.size, "line_width": mark.width, "fill_alpha": mark.fill, "line_alpha": mark.alpha}
    look |= {"color": _value(mark.color), "marker": _value(mark.marker)}
    look |= {"line_color": mark.rim} if mark.rim else {}
    points = hv.Scatter(dict(table), *_dimensions(table, plot), label=label)
    return styled(points, "bokeh", **look, **_hover(mark))


def _contours(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Element:
    """Return bands of a height on a grid; a bare image where it does not vary."""
    assert plot.shades is not None
    (across, up, height), shades = table.values(), plot.shades
    across, up = np.unique(across), np.unique(up)
    low, high = (shades.low, shades.high) if shades.high > shades.low else (1.0, 10.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        grid = np.clip(height, low, high).reshape(len(up), len(across))
        grid = np.log10(grid) if shades.log else grid
    name = hv.Dimension("height", label=f"log₁₀ {shades.words}" if shades.log else shades.words)
    image = hv.QuadMesh((across, up, grid), [plot.x.label, plot.y.label], name, label=label)
    scale = {} if shades.log else {"clim": (low, high)}
    return styled(image, "bokeh", cmap=list(shades.palette), colorbar=True, line_alpha=0, **scale)


def _cells(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Rectangles:
    there, sides = table["shown"] > 0, ["left", "bottom", "right", "top"]
    told = [column for _, column, _ in mark.tips if column not in ("value", "color", "$name")]
    own = ["color"] if plot.shades is None else []
    columns = tuple(table[name][there] for name in (*sides, "value", *own, *told))
    name = hv.Dimension("value", label=plot.shades.words if plot.shades else plot.title)
    cells = hv.Rectangles(columns, sides, [name, *own, *told], label=label)
    if plot.shades is None:
        return styled(cells, "bokeh", color="color", line_alpha=0, **_hover(mark))
    scale = {"cnorm": "log" if plot.shades.log else "linear", "clim": (plot.shades.low, plot.shades.high)}
    look = {"cmap": list(plot.shades.palette), "colorbar": True, "line_alpha": 0}
    look |= {"clipping_colors": {"NaN": GREY}, "colorbar_opts": {"title": plot.shades.words}}
    return styled(cells, "bokeh", color="value", **look, **scale, **_hover(mark))


def _text(mark: Mark, table: Table, plot: Plot, label: str) -> hv.Labels:
    across, up, text = table.values()
    words = hv.Labels((across, up, text), [plot.x.label, plot.y.label], "text", label=label)
    look = {"text_color": GREY, "text_font_size": "12px", "text_align": "left", "text_baseline": "bottom"}
    return styled(words, "bokeh", **look)


def _value(text: str) -> Any:
    """Return a setting, or the column that has it."""
    return hv.dim(text[1:]) if text.startswith("@") else text


_ELEMENTS = {
    "line": _curve, "band": _band, "points": _scatter, "contours": _contours, "text": _text,
    "cells": _cells,
}  # fmt: skip
