"""The marks in figures over time that say where runs ended, and how.

They stand at the end of a run's curve. One that reached the end of the time axis has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import VERBS, end_time
from gnviz.views.base import ENDED, Table, Tables
from gnviz.views.plot import GREY, Key, Mark, Tip
from gnviz.views.runs import run_labels
from gnviz.views.style import Look, mode_color

if TYPE_CHECKING:
    import xarray as xr

CONVERGED, BROKE_OFF = "circle", "x"
"""Markers of runs that have converged, and of those that diverged, broke down or gave up."""

WORDS = {CONVERGED: "converged", BROKE_OFF: "broke off"}
"""What a legend says of them."""

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
            "color": np.array([mode_color(int(label.split()[-1]) - 1, count) for label in curves]),
        }
    }


def without(tables: Tables) -> Tables:
    """Return the tables that are no marks."""
    return {label: table for label, table in tables.items() if not label.endswith(ENDED)}


def marks(
    tables: Tables,
    looks: Mapping[str, Look],
    main: Mapping[str, str] | None = None,
    tips: tuple[Tip, ...] = (),
) -> list[Mark]:
    """Return how the ends among tables are marked: in their run's colour, and hidden with its curve.

    Args:
        tables: Of a figure.
        looks: Of the runs, by label; none for the ends of modes, which have a column of colours.
        main: As in `tables_of`.
        tips: What the figure says of its curves' points.
    """
    out = []
    for label in (label for label in tables if label.endswith(ENDED)):
        run = label.removesuffix(ENDED)
        color = looks[run].color if run in looks else "@color"
        follows = (main or {}).get(run, run) if run in looks else ""
        out.append(
            Mark(
                label,
                "points",
                color=color,
                marker="@mark",
                size=SIZE,
                width=WIDTH,
                follows=follows,
                tips=tips,
            )
        )
    return out


def key(tables: Tables) -> tuple[Key, ...]:
    """Return what a legend says of the marks among tables: of the kinds that are there."""
    ends = [table for label, table in tables.items() if label.endswith(ENDED)]
    there = {str(m) for t in ends for m, x in zip(t["mark"], next(iter(t.values())), strict=True) if x == x}
    return tuple(
        Key(words, Mark("", "points", color=GREY, marker=marker, size=SIZE, width=1.2), marker in there)
        for marker, words in WORDS.items()
    )
