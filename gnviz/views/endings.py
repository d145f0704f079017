"""The marks in figures over time that say where runs ended, and how.

They stand at the end of a run's curve. One that reached the end of the time axis has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from gnviz.analysis.ends import VERBS, end_time
from gnviz.views import style
from gnviz.views.base import ENDED, Table, Tables, run_labels

if TYPE_CHECKING:
    import xarray as xr

CONVERGED, BROKE_OFF = "circle", "x"
"""Markers of runs that have converged, and of those that diverged, broke down or gave up."""

LOOKS: style.Key = {
    "converged": {"marker": CONVERGED, "size": 9},
    "broke off": {"marker": BROKE_OFF, "size": 9, "line_width": 1.2},
}
"""What a legend says of them: it draws them smaller than a figure does."""

SIZE, WIDTH = 9, 2.5
"""Of a mark, and of the lines of a cross, in pixels."""


def marker(ds: xr.Dataset, run: int) -> str:
    """Return the marker of the run at position `run`; empty if it goes on or reached the last moment."""
    status = str(ds["status"].values[run])
    if status not in VERBS or np.isnan(end_time(ds)[run]):
        return ""
    return CONVERGED if status == "converged" else BROKE_OFF


def tables_of(ds: xr.Dataset, curves: Tables, main: Mapping[str, str] | None = None) -> Tables:
    """Return a table with one point for each run: the last of its curve, NaN if it has not ended.

    Its columns are those of the curve and `mark`, a marker.

    Args:
        ds: A Dataset of schema 1, of the runs that are drawn.
        curves: Tables with each run's curve, of time and value.
        main: Label of the curve at whose end a run's mark stands; None: the run's own.
    """
    out: Tables = {}
    for run, label in enumerate(run_labels(ds)):
        mark = marker(ds, run)
        curve = curves[(main or {}).get(label, label)]
        out[label + ENDED] = _point(curve, mark)
    return out


def _point(curve: Table, mark: str) -> Table:
    """Return the last point of a curve that can be drawn, as a table."""
    across, up = list(curve)[:2]
    drawn = np.flatnonzero(np.isfinite(curve[up]))
    place = {name: curve[name][drawn[-1:]] for name in (across, up)}
    if not mark or not len(drawn):
        place = {name: np.array([np.nan]) for name in (across, up)}
    return place | {"mark": np.array([mark or CONVERGED])}


def of_modes(ds: xr.Dataset, run: int, curves: Tables) -> Tables:
    """Return one table with a point for each mode's curve of a run that has ended: its last, else NaN.

    A curve that vanishes before others, as a mode that sinks into rounding, has not ended there: NaN.

    Args:
        ds: A Dataset of schema 1.
        run: The run's position.
        curves: The modes' tables, whose labels end with the mode's number.
    """
    mark, count = marker(ds, run), ds.sizes["mode"]
    across, up = list(next(iter(curves.values())))[:2]
    seen = np.flatnonzero(np.any([np.isfinite(curve[up]) for curve in curves.values()], axis=0))
    points = np.full((2, len(curves)), np.nan)
    if mark and len(seen):
        points[:] = [[curve[name][seen[-1]] for curve in curves.values()] for name in (across, up)]
        points[0] = np.where(np.isfinite(points[1]), points[0], np.nan)
    return {
        ENDED: {
            across: points[0],
            up: points[1],
            "mark": np.full(len(curves), mark or CONVERGED),
            "color": np.array([style.mode_color(int(label.split()[-1]) - 1, count) for label in curves]),
        }
    }


def without(tables: Tables) -> Tables:
    """Return the tables that are no marks."""
    return {label: table for label, table in tables.items() if not label.endswith(ENDED)}


def elements(tables: Tables, ranks: Mapping[str, int], words: tuple[str, str]) -> list[hv.Element]:
    """Return the glyphs of the marks among tables, in their runs' colours; `hook` gives them their shapes."""
    found = {label: table for label, table in tables.items() if label.endswith(ENDED)}
    return [
        style.points(
            label, table, style.dimensions(table, *words, *list(table)[2:]), size=SIZE, line_width=WIDTH,
            color=style.run_color(ranks[run]) if (run := label.removesuffix(ENDED)) in ranks else style.GREY,
        )
        for label, table in found.items()
    ]  # fmt: skip


def hook(tables: Tables) -> Callable[[Any, Any], None]:
    """Return a hook that gives the marks their shapes and colours, and shows what the legend says of them.

    A mark goes with its run where a click in the legend hides it. It is no part of the run's entry, which
    would show it whether the run has ended or not.
    """

    def mark(plot: Any, _: Any) -> None:
        found = style.renderers(plot)
        for label, glyph in found.items():
            if label.endswith(ENDED):
                glyph.data_source.data = dict(tables[label])
                for look in (glyph.glyph, glyph.nonselection_glyph, glyph.selection_glyph, glyph.muted_glyph):
                    _shape(look, "color" in tables[label])
                for curve in _curves(found, label.removesuffix(ENDED))[:1]:
                    curve.js_link("visible", glyph, "visible")
        for legend in plot.state.legend:
            explain(legend, tables)

    return mark


def _curves(found: Mapping[str, Any], run: str) -> list[Any]:
    """Return the glyphs of a run's curves."""
    own = (label for label in found if label == run or label.startswith(f"{run} · "))
    return [found[label] for label in own if not label.endswith(ENDED)]


def _shape(glyph: Any, colored: bool) -> None:
    """Let a glyph's columns say which marker it is, and which colour."""
    if hasattr(glyph, "marker"):
        glyph.marker = {"field": "mark"}
        if colored:
            glyph.update(line_color={"field": "color"}, fill_color={"field": "color"})


def explain(legend: Any, tables: Tables) -> None:
    """Let a legend explain the kinds of marks that are in the figure, and no others."""
    ends = [table for label, table in tables.items() if label.endswith(ENDED)]
    there = {str(m) for t in ends for m, x in zip(t["mark"], next(iter(t.values())), strict=True) if x == x}
    kinds = [item for item in legend.items if item.tags[:1] == [style.KEY] and len(item.tags) > 1]
    for item in kinds:
        item.visible = item.tags[1] in there
    if kinds:  # others, such as HoloViews' own, stay as they are
        legend.visible = any(item.visible for item in legend.items)
