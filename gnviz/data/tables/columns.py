"""What each column of a table holds, and which of them are used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from gnviz.data.tables.cells import Mark, Reading, is_missing, read
from gnviz.data.tables.grid import Grid, count
from gnviz.knobs import MOST_LISTED, KnobError, quoted, unknown

MAX_COLUMNS = 100
"""Most input columns: the bound of `data.d`."""

ROUNDING = 1e-12
"""Spread of a column, relative to its largest value, that counts as constant."""

MANY = 10
"""A column counts as one of numbers with fewer cells than this that are none, or at most a tenth of them."""

Kind = Literal["numbers", "text", "empty", "sparse", "constant", "index"]

_CUSTOMARY: dict[str, Mark] = {";": "comma", ",": "point"}
"""The decimal mark that goes with a delimiter."""

_COUNTER = re.compile(
    r"(.*[ _.-])?(id|index|row|no|nr|obs)\.?|.*[a-z]I[dD]|row.?names?|unnamed: 0|#", re.IGNORECASE
)
"""Names under which the rows are numbered."""

_LEFT_OUT: dict[Kind, tuple[str, str]] = {
    "text": ("holds text", "hold text"),
    "empty": ("holds no value", "hold no values"),
    "sparse": ("has no value in most rows", "have no value in most rows"),
    "constant": ("is constant in the rows used", "are constant in the rows used"),
    "index": ("numbers the rows", "number the rows"),
}


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: Its name.
        kind: numbers; or why it is left out by default: text (most cells), empty, sparse (most cells have no
            value), constant, or index (it numbers the rows).
        values: Its numbers, NaN where there is none, shape (rows,).
        missing: Which cells have no value, shape (rows,).
        mark: Decimal mark; None if its cells do not agree, or may be read in two ways.
    """

    name: str
    kind: Kind
    values: np.ndarray
    missing: np.ndarray
    mark: Mark | None = "point"


@dataclass(frozen=True)
class Choice:
    """Which columns are used.

    Attributes:
        inputs: Positions of the input columns.
        target: Position of the target.
        notes: Plain sentences about columns that were left out by default.
    """

    inputs: list[int]
    target: int
    notes: tuple[str, ...]


def survey(grid: Grid) -> list[Column]:
    """Return what the columns hold.

    A column of numbers may have a few other cells, typing errors most likely: they are not a number in
    `values`, and not `missing` either. The decimal mark of a column is the one that all of its cells allow;
    where they allow both (1,234), the file's other columns decide, or its semicolons.
    """
    columns = [_read(grid.column(j)) for j in range(len(grid.names))]
    usual = set().union(*(c.demanded for c in columns))
    return [_column(grid, j, c, usual) for j, c in enumerate(columns)]


def constant(values: np.ndarray) -> bool:
    """Return whether values, shape (rows,), differ by rounding at most; only finite ones count."""
    finite = values[np.isfinite(values)]
    largest = np.abs(finite).max(initial=0.0)
    return bool(np.ptp(finite / (largest or 1.0)) <= ROUNDING) if len(finite) else True


def choose(columns: Sequence[Column], x: Sequence[str], y: str, knob: str) -> Choice:
    """Return the columns to use: those named, else all that hold numbers that vary, the last as target.

    Args:
        columns: What there is.
        x: Names of the inputs; none: all but the target.
        y: Name of the target; empty: the last column of numbers.
        knob: Where the table came from, for messages.

    Raises:
        KnobError: A named column cannot be used, or too few are left.
    """
    target = _named(columns, y, "data.y") if y else _default_target(columns, knob)
    inputs = [_named(columns, name, "data.x") for name in x] or _default_inputs(columns, target, knob)
    if target in inputs:
        name = quoted(columns[target].name)
        raise KnobError(f"data.x contains the target {name}; allowed: every column but data.y")
    if len(set(inputs)) < len(inputs):
        raise KnobError(f"data.x = {quoted(list(x))} names a column twice; allowed: different columns")
    if len(inputs) > MAX_COLUMNS:
        raise KnobError(
            f"data.x: the table has {len(inputs)} input columns beside the target "
            f"{quoted(columns[target].name)}; allowed: 1 to {MAX_COLUMNS}"
        )
    notes = () if x else left_out([c for j, c in enumerate(columns) if j != target and j not in inputs])
    if not y and target != len(columns) - 1:
        notes = (f"the target is {columns[target].name}, the last column of numbers that vary", *notes)
    return Choice(inputs, target, notes)


def left_out(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return a note for each reason for which columns are not among the default inputs."""
    notes = []
    for kind, (one, several) in _LEFT_OUT.items():
        names = [c.name for c in columns if c.kind == kind]
        if len(names) == 1:
            notes.append(f"column {listed(names).removeprefix('column ')} {one} and is left out")
        elif names:
            notes.append(f"columns {listed(names)} {several} and are left out")
    return tuple(notes)


def listed(names: Sequence[str]) -> str:
    """Return names in a row, cut where they are too many."""
    short = [name if len(name) <= 40 else name[:39] + "…" for name in names[:MOST_LISTED]]
    return ", ".join(short) + (f", … ({len(names)} in all)" if len(names) > MOST_LISTED else "")


class _Cells(NamedTuple):
    """The cells of a column as they may be read, which of them have no value, and the marks they demand."""

    readings: list[Reading]
    missing: np.ndarray
    numeric: bool
    demanded: set[Mark]


def _read(cells: list[str]) -> _Cells:
    """Read cells; numeric are columns of numbers but for a few, cells without a value aside."""
    readings = [read(cell) for cell in cells]
    missing = np.array([is_missing(cell) for cell in cells])
    filled = len(cells) - int(missing.sum())
    strays = filled - sum(r.point is not None or r.comma is not None for r in readings)
    numeric = filled > 0 and 2 * strays <= filled and (strays < MANY or 10 * strays <= filled)
    marks: set[Mark] = {mark for r in readings if numeric and (mark := r.mark)}
    return _Cells(readings, missing, numeric, marks)


def _mark(cells: _Cells, usual: set[Mark], delimiter: str) -> Mark | None:
    """Return a column's decimal mark: what its cells demand, else the file's, else what stands to reason."""
    if cells.demanded:
        return next(iter(cells.demanded)) if len(cells.demanded) == 1 else None
    either = [r for r in cells.readings if None not in r and r.point != r.comma]
    if not either:
        return "point"
    if usual:
        return next(iter(usual)) if len(usual) == 1 else None
    with_comma = {abs(r.value("point")) > abs(r.value("comma")) for r in either}  # 1,234 is 1234 with a point
    if with_comma == {False}:
        return "point"
    return _CUSTOMARY.get(delimiter) if with_comma == {True} else None


def _column(grid: Grid, position: int, cells: _Cells, usual: set[Mark]) -> Column:
    mark, missing = _mark(cells, usual, grid.delimiter), cells.missing
    values = np.array([r.value(mark or "point") for r in cells.readings])
    kind: Kind = "numbers"
    if missing.all():
        kind = "empty"
    elif not cells.numeric:
        kind = "text"
    elif 2 * missing.sum() > len(missing):
        kind = "sparse"
    elif mark and np.isfinite(values[~missing]).all() and constant(values):
        kind = "constant"
    elif position == 0 and _numbers_rows(grid, values):
        kind = "index"
    return Column(grid.names[position], kind, values, missing, mark)


def _numbers_rows(grid: Grid, values: np.ndarray) -> bool:
    """Return whether the first column counts from 0 or 1, under no name or that of a counter."""
    counts = bool(np.isin(values[0], (0.0, 1.0)) and (np.diff(values) == 1).all())
    return counts and (not grid.named[0] or bool(_COUNTER.fullmatch(grid.names[0])))


def _named(columns: Sequence[Column], name: str, knob: str) -> int:
    """Return the position of a column that was asked for."""
    names = [c.name for c in columns]
    if name not in names:
        raise KnobError(f"{knob}: {unknown('column', name, names)}")
    position = names.index(name)
    kind = columns[position].kind
    if kind in ("text", "empty"):
        usable = [quoted(c.name) for c in columns if c.kind in ("numbers", "sparse", "index")]
        raise KnobError(
            f"{knob}: column {quoted(name)} {_LEFT_OUT[kind][0]}; allowed: a column of numbers "
            f"({listed(usable) or 'there is none'})"
        )
    if kind == "constant":
        value = columns[position].values[~columns[position].missing][0]
        raise KnobError(
            f"{knob}: column {quoted(name)} is constant ({value:g} in every row); allowed: columns that vary"
        )
    return position


def _default_target(columns: Sequence[Column], knob: str) -> int:
    usable = [j for j, c in enumerate(columns) if c.kind == "numbers"]
    if not usable:
        raise _too_few(columns, knob)
    return usable[-1]


def _default_inputs(columns: Sequence[Column], target: int, knob: str) -> list[int]:
    """Return all columns of numbers but the target; the counter of the rows where there is no other."""
    for kind in ("numbers", "index"):
        if inputs := [j for j, c in enumerate(columns) if c.kind == kind and j != target]:
            return inputs
    raise _too_few(columns, knob)


def _too_few(columns: Sequence[Column], knob: str) -> KnobError:
    usable = sum(c.kind in ("numbers", "index") for c in columns)
    why = "".join(
        f"; {note.removesuffix(' and is left out').removesuffix(' and are left out')}"
        for note in left_out(columns)
    )
    return KnobError(f"{knob} has {count(usable, 'column')} of numbers that vary{why}; allowed: at least 2")
