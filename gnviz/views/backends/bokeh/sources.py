"""Columns of numbers on their way to the browser: only what has changed travels."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from gnviz.views.base import Table

SHORT = 500
"""Most numbers in a column that is sent as a list."""


def push(source: ColumnDataSource, table: Table) -> None:
    """Bring a source up to a table: send the tail if it only grew, else the columns that differ.

    What is short is sent as lists: each array would travel in two messages of its own. A source that is new
    travels, or is kept, as a whole: arrays are shorter there.
    """
    old: Any = source.data
    count = len(next(iter(table.values())))
    known = len(next(iter(old.values()), ()))
    alike = old.keys() == table.keys()
    changed = [name for name, new in table.items() if not (alike and begins(new, old[name]))]
    if not changed and count > known:
        source.stream({name: new[known:].tolist() for name, new in table.items()})
    elif changed and alike and count == known <= SHORT and all(fits(table[n], old[n]) for n in changed):
        source.patch({name: [(slice(0, count), table[name].tolist())] for name in changed})
    elif changed:
        source.data = {name: light(new) if old else np.array(new) for name, new in table.items()}


def begins(new: np.ndarray, old: Any) -> bool:
    """Return whether a column goes on from what it was."""
    return len(new) >= len(old) and np.array_equal(old, new[: len(old)], equal_nan=new.dtype.kind == "f")


def light(column: np.ndarray) -> Any:
    """Return a copy of a column as it travels best."""
    return column.tolist() if column.ndim == 1 and len(column) <= SHORT else np.array(column)


def fits(new: np.ndarray, old: Any) -> bool:
    """Return whether numbers can be written into a column, which is no one else's: `push` copies."""
    return isinstance(old, list) or (
        isinstance(old, np.ndarray) and old.dtype == new.dtype and old.flags.writeable
    )
