"""A figure in words: its text alternative, for who cannot see it."""

from __future__ import annotations

import numpy as np

from gnviz.views.base import Table, Tables
from gnviz.views.plot import Axis, Mark, Plot, Range

MOST = 6
"""Curves that are told one by one; of more, the first ones and how many there are."""


def described(plot: Plot, tables: Tables) -> str:
    """Return what a figure shows: its axes, where each curve begins and ends, what the colours mean.

    Args:
        plot: What it says of its drawing.
        tables: Its numbers, by label.
    """
    own = [mark for mark in plot.marks if " · " not in mark.table]  # and not what belongs to another
    named = [(entry, mark) for entry in plot.entries for mark in own if mark.entry == entry]
    others = [(mark.table, mark) for mark in own if not mark.entry and _tells(mark)]
    told: dict[str, str] = {}
    for name, mark in named + others:
        if name and name not in told and (words := _course(mark, tables.get(mark.table, {}))):
            told[name] = f"{plot.called(name)} {words}"
    curves = list(told.values())
    more = [f"and {len(curves) - MOST} more"] if len(curves) > MOST else []
    return ". ".join(filter(None, (_axes(plot), "; ".join(curves[:MOST] + more), _colours(plot)))) + "."


def _axes(plot: Plot) -> str:
    if plot.scene is not None:
        spans = zip(plot.scene.names, plot.scene.spans, strict=True)
        return "In three dimensions: " + ", ".join(f"{name} {_span(span)}" for name, span in spans)
    across, up = _axis(plot.x, plot.across), _axis(plot.y, plot.upright)
    return ", ".join(filter(None, (across and f"Across: {across}", up and f"upright: {up}")))


def _axis(axis: Axis, span: Range) -> str:
    return f"{axis.label} {_span(span)}{', logarithmic' if axis.log else ''}" if axis.label else ""


def _tells(mark: Mark) -> bool:
    """Return whether a mark that the legend does not name is more than a frame or a bound."""
    return mark.kind == "points" or mark.table.startswith("mode ")


def _course(mark: Mark, table: Table) -> str:
    """Return where a line begins and ends, or how far points reach; empty where there is nothing to tell."""
    if mark.kind not in ("line", "points") or len(table) < 2:
        return ""
    columns = [np.asarray(column) for column in list(table.values())[: 3 if "z" in table else 2]]
    if any(column.dtype.kind not in "fiu" for column in columns):
        return ""
    places = np.stack([column.astype(float) for column in columns], axis=1)
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return ""
    if mark.kind == "points" or len(places) == 1:
        low, high = places[:, 1].min(), places[:, 1].max()
        count = f"{len(places)} points, " if len(places) > 1 else ""
        return f"at {count}{_span((low, high))}" if len(places) > 1 else f"at {_place(places[0])}"
    return f"goes from {_place(places[0])} to {_place(places[-1])}"


def _colours(plot: Plot) -> str:
    if plot.shades is None or not plot.shades.words:
        return ""
    return f"The colour is {plot.shades.words}, {_span((plot.shades.low, plot.shades.high))}"


def _span(span: Range) -> str:
    return f"from {span[0]:.3g} to {span[1]:.3g}"


def _place(place: np.ndarray) -> str:
    return f"({', '.join(f'{x:.3g}' for x in place)})"
