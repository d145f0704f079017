"""Which rows of a table are used: those with a value in every column that is used, and not too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gnviz.data.samples import MAX_SAMPLES
from gnviz.data.tables.columns import Column
from gnviz.data.tables.grid import Grid, count
from gnviz.data.tables.selection import Selection
from gnviz.knobs import KnobError, quoted


def choose_rows(
    grid: Grid, columns: Sequence[Column], positions: Sequence[int], data: Selection, knob: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the positions of the rows to use, with notes about the others.

    Args:
        grid: The table.
        columns: What its columns hold.
        positions: The columns that are used; empty cells elsewhere do not matter.
        data: `missing` says what is done with rows that have empty cells, `rows` how many are used.
        knob: Where the table came from, for messages.

    Raises:
        KnobError: Cells are empty and the rows are not to be dropped, or too few or too many rows are left.
    """
    used = [columns[j] for j in positions]
    gaps = np.stack([column.missing for column in used], 1)
    if data.missing == "refuse" and gaps.any():
        raise KnobError(f"{knob}: {_gaps(grid, used, gaps)}", {"data.missing": "drop"})
    rows, notes = np.flatnonzero(~gaps.any(1)), ()
    if (dropped := len(gaps) - len(rows)) > 0:
        verb = "has an empty cell and is" if dropped == 1 else "have empty cells and are"
        notes += (f"{dropped} of {len(gaps)} rows {verb} left out",)
    limit = data.rows or MAX_SAMPLES
    if len(rows) < 2 or (len(rows) > limit and not data.rows):
        raise _wrong_number(len(rows), knob)
    if len(rows) > limit:
        notes += (f"{limit} of {len(rows)} rows are used, chosen at random",)
        rows = np.sort(np.random.default_rng(data.seed).permutation(rows)[:limit])
    return rows, notes


def _gaps(grid: Grid, used: list[Column], gaps: np.ndarray) -> str:
    """Return where the columns that are used have no value, and what to do."""
    i, k = (int(index) for index in np.argwhere(gaps)[0])
    lines, empty = int(gaps.any(1).sum()), int(gaps.sum())
    cell = grid.rows[i].cells[grid.names.index(used[k].name)]
    have = f"{'has' if lines == 1 else 'have'} {count(empty, 'empty cell')} in the columns used"
    first = "in" if empty == 1 else "the first in"
    return (
        f"{lines} of {count(len(gaps), 'row')} {have}, {first} row {grid.rows[i].line}, column "
        f"{quoted(used[k].name)} ({quoted(cell)}); set data.missing to drop to leave such rows out"
    )


def _wrong_number(rows: int, knob: str) -> KnobError:
    """Return the complaint about too few or too many rows."""
    if rows < 2:
        return KnobError(
            f"{knob} has {count(rows, 'row')} without an empty cell in the columns used; allowed: at least 2 "
            "(choose other columns with data.x and data.y)"
        )
    return KnobError(
        f"{knob} has {rows} rows of data; allowed: 2 to {MAX_SAMPLES} (set data.rows to {MAX_SAMPLES} to use "
        "as many, chosen at random)",
        {"data.rows": MAX_SAMPLES},
    )
