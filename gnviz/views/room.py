"""The box around a plot that is seen by a camera: its lines, the numbers and names along its edges.

All in the coordinates of the data, so that a backend can turn it; `flattened` is what a camera sees that
stands still.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from gnviz.views.base import Table, Tables
from gnviz.views.plot import Range

BOX, MARKS, NOTE = "box", "marks", "note"
"""Labels of the tables that `room` makes: lines on the box's faces, words along its edges, words above."""

DOWN, UP = -1.78, 1.62
"""The figure's lower and upper end, in half edges of the cube: below, there are words."""

ASIDE = (-1.85, 1.55)
"""Its left and right end, where it is as wide as high: on the left, there are numbers."""

MOST_TICKS = 5
"""Numbers along an axis at most."""

OUTSIDE, FURTHER, ATOP = 1.09, 1.3, 1.15
"""Where numbers, names and the third name stand beside an edge, in half edges from the middle."""

AZIMUTH, ELEVATION = 0.9, 0.38
"""Where the camera stands at first, in radians."""


@lru_cache(maxsize=64)  # the same for every moment of a run
def room(spans: tuple[Range, ...], names: tuple[str, ...], note: str = "") -> Tables:
    """Return the tables of the box around all ranges, of the words along its edges, and of those above.

    They are kept for the next call: their numbers cannot be written to.

    Args:
        spans: Range of each of the three axes.
        names: Words for each.
        note: A sentence above; empty for none.
    """
    ticks = [_ticks(*span) for span in spans]
    rows = [(ASIDE[0], UP, note)] if note else []
    return {
        BOX: _lines(spans, ticks),
        MARKS: _words(spans, ticks, names),
        NOTE: _table(("across", "up", "text"), rows),
    }


def _ticks(low: float, high: float) -> np.ndarray:
    """Return at most `MOST_TICKS` round numbers strictly between two."""
    decade = 10.0 ** np.floor(np.log10((high - low) / MOST_TICKS))
    step = next(s * decade for s in (1, 2, 5, 10, 20) if (high - low) / (s * decade) <= MOST_TICKS)
    return step * np.arange(np.floor(low / step) + 1, np.ceil(high / step))


def _lines(spans: tuple[Range, ...], ticks: list[np.ndarray]) -> Table:
    """Return lines on all six faces, at the ticks and along the edges, a gap after each.

    The columns `axis` and `side` say which face a line is on: across which axis, at which end (-1 or 1).
    """
    rows: list[tuple[Any, ...]] = []
    for k, side in product(range(3), (-1, 1)):
        for j in sorted({0, 1, 2} - {k}):
            (m,) = {0, 1, 2} - {k, j}
            for value, end in product((*spans[j], *ticks[j]), (*spans[m], np.nan)):
                point = np.empty(3)
                point[k], point[j], point[m] = spans[k][(side + 1) // 2], value, end
                rows.append((*point, k, side))
    return _table(("x", "y", "z", "axis", "side"), rows)


def _words(spans: tuple[Range, ...], ticks: list[np.ndarray], names: tuple[str, ...]) -> Table:
    """Return numbers and names along all twelve edges.

    The column `axis` says along which axis an edge lies, `first` and `second` at which ends of the other two.
    """
    middle, half = (np.array([(high + sign * low) / 2 for low, high in spans]) for sign in (1, -1))
    rows: list[tuple[Any, ...]] = []
    for k, first, second in product(range(3), (-1, 1), (-1, 1)):
        others = [j for j in range(3) if j != k]
        numbers = [(value, OUTSIDE, f"{value:.3g}") for value in ticks[k] + 0.0]
        name = (middle[k], FURTHER) if k < 2 else (middle[k] + ATOP * half[k], 1.0)
        for value, far, text in (*numbers, (*name, names[k])):
            point = np.empty(3)
            point[k], point[others] = value, middle[others] + far * half[others] * (first, second)
            rows.append((*point, k, first, second, text))
    return _table(("x", "y", "z", "axis", "first", "second", "text"), rows)


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    """Return rows as columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    table = {name: np.array(column) for name, column in zip(names, columns, strict=True)}
    for column in table.values():
        column.setflags(write=False)
    return table


def seen(points: np.ndarray, spans: tuple[Range, ...]) -> np.ndarray:
    """Return what a camera that stands still sees of points: across and upward, in half edges, shape (k, 2).

    Args:
        points: Shape (k, 3).
        spans: Range of each axis; the box of all three is seen as a cube.
    """
    low, high = np.array(spans, dtype=float).T
    cube = (2 * points - low - high) / (high - low)
    a, e = AZIMUTH, ELEVATION
    right = np.array([-np.sin(a), np.cos(a), 0.0])
    up = np.array([-np.sin(e) * np.cos(a), -np.sin(e) * np.sin(a), np.cos(e)])
    return cube @ np.column_stack([right, up])


def flattened(tables: Tables) -> Tables:
    """Return the tables of a plot as a camera that stands still sees them: with columns across and up.

    Of the box only the faces behind are kept, and no words.
    """
    box = tables[BOX]
    spans = tuple((float(np.nanmin(box[name])), float(np.nanmax(box[name]))) for name in "xyz")
    a, e = AZIMUTH, ELEVATION
    toward = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
    out: Tables = {}
    for label, table in tables.items():
        if label in (MARKS, NOTE):
            continue
        flat = seen(np.stack([table[name].astype(float) for name in "xyz"], axis=1), spans)
        if label == BOX:
            flat[box["side"] * toward[box["axis"].astype(int)] >= 0] = np.nan
        out[label] = {"across": flat[:, 0], "up": flat[:, 1]} | {name: table[name] for name in "xyz"}
    return out
