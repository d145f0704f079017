"""Tables: measured data from the bundled CSV files or the user's own, checked and standardised.

Whatever is wrong with a table is said in one sentence that names the knob, the row and column,
and what is allowed. Nothing here imports torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gnviz.data.samples import Units
from gnviz.data.tables.cells import is_number, read
from gnviz.data.tables.columns import Choice, Column, choose, constant, left_out, survey
from gnviz.data.tables.grid import Grid, count, read_grid
from gnviz.data.tables.rows import choose_rows
from gnviz.data.tables.selection import Selection
from gnviz.knobs import KnobError, quoted


@dataclass(frozen=True)
class Table:
    """Measured data, standardised unless that is not wanted.

    Attributes:
        x: Inputs, shape (n, d); see `standardise`.
        y: Targets, shape (n,).
        names: Names of the input columns.
        target: Name of the target column.
        measured: Targets as they stand in the table, shape (n,).
        notes: Plain sentences a user should know.
        units: How x and y become the table's own numbers; None where they are.
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    target: str
    measured: np.ndarray
    notes: tuple[str, ...] = ()
    units: Units | None = None


@dataclass(frozen=True)
class Offer:
    """What a table has to choose from.

    Attributes:
        names: Columns of numbers, by name.
        usual: Those that are used where none are named.
        target: The one that is the target by default.
        notes: Plain sentences about the columns that are left out.
        gaps: Names of those that have cells without a value.
        rows: How many rows there are.
    """

    names: tuple[str, ...]
    usual: tuple[str, ...]
    target: str
    notes: tuple[str, ...]
    gaps: frozenset[str]
    rows: int


def parse_table(text: str, data: Selection | None = None, knob: str = "data.table") -> Table:
    """Read a table from text.

    Args:
        text: Delimited text, with or without a header row.
        data: Which columns and rows to use (`x`, `y`, `missing`, `rows`, `seed`), and whether to
            standardise them; none: the usual.
        knob: Where the text came from, for messages.

    Raises:
        KnobError: The table cannot be used; the message names knob, row, column and what is allowed, its
            remedy drops rows with empty cells, or takes fewer rows.
    """
    data = data or Selection()
    grid = read_grid(text, knob)
    columns, choice, rows, notes = _select(grid, survey(grid), data, knob)
    inputs, target = [columns[j] for j in choice.inputs], columns[choice.target]
    x = np.stack([column.values[rows] for column in inputs], 1)
    y = target.values[rows]
    notes = (*grid.notes, *_commas([*inputs, target]), *choice.notes, *notes)
    notes += _duplicates(x, [grid.rows[i].line for i in rows])
    names, units = tuple(c.name for c in inputs), None
    fitted_x, fitted_y = x, y
    if data.standardize:
        fitted_x, fitted_y, units = standardise(x, y)
    return Table(fitted_x, fitted_y, names, target.name, y, notes, units)


def offer(text: str, knob: str = "data.table") -> Offer:
    """Return what can be chosen from a table.

    Raises:
        KnobError: It holds no table, or less than two columns of numbers that vary.
    """
    columns = survey(grid := read_grid(text, knob))
    choice = choose(columns, [], "", knob)
    usual = tuple(columns[j].name for j in (*choice.inputs, choice.target))
    numbers = [c for c in columns if c.kind in ("numbers", "sparse", "index")]
    names = tuple(c.name for c in numbers)
    gaps = frozenset(c.name for c in numbers if c.missing.any())
    return Offer(names, usual, usual[-1], left_out(columns), gaps, len(grid.rows))


def standardise(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, Units]:
    """Return inputs and targets at the scale that the network's initialization expects, and the way back.

    Every input column and the target get mean 0 and standard deviation 1 (divisor n); inputs are
    then divided by sqrt(d), so that the mean squared norm of a sample is 1, as on the circle.

    Args:
        x: Inputs, shape (n, d), no column constant.
        y: Targets, shape (n,), not constant.
    """
    (fitted_x, x_offset, x_scale), (fitted_y, y_offset, y_scale) = _unit(x), _unit(y)
    root = math.sqrt(x.shape[1])
    return fitted_x / root, fitted_y, Units(x_offset, x_scale * root, float(y_offset), float(y_scale))


def _unit(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values of mean 0 and standard deviation 1 by column, with the mean and the deviation before."""
    largest = np.abs(values).max(0)
    scaled = values / largest  # squares of very large or small numbers leave float64
    mean = scaled.mean(0)
    centred = scaled - mean
    deviation = centred.std(0)
    return centred / deviation, mean * largest, deviation * largest


def _select(
    grid: Grid, columns: list[Column], data: Selection, knob: str
) -> tuple[list[Column], Choice, np.ndarray, tuple[str, ...]]:
    """Return the columns, which of them and which rows are used, and notes about the other rows.

    Columns that are constant in the rows used are left out as well, unless they were asked for.
    """
    while True:
        choice = choose(columns, data.x, data.y, knob)
        used = [*choice.inputs, choice.target]
        _check_cells(grid, columns, used, knob)
        rows, notes = choose_rows(grid, columns, used, data, knob)
        flat = [j for j in used if constant(columns[j].values[rows])]
        if not flat:
            return columns, choice, rows, notes
        for j in flat:
            name, value = columns[j].name, columns[j].values[rows[0]]
            if name in (data.y, *data.x):
                raise KnobError(
                    f"{knob}: column {quoted(name)} is constant ({value:g} in every row that is used); "
                    "allowed: columns that vary (choose with data.x and data.y)"
                )
            columns = [replace(c, kind="constant") if i == j else c for i, c in enumerate(columns)]


def _check_cells(grid: Grid, columns: list[Column], used: list[int], knob: str) -> None:
    """Refuse columns whose decimal mark is unclear, and cells that are no finite numbers."""
    for j in used:
        if columns[j].mark is None:
            raise KnobError(f"{knob}: column {quoted(columns[j].name)} {_unclear(grid.column(j))}")
    wrong = np.stack([~columns[j].missing & ~np.isfinite(columns[j].values) for j in used], 1)
    if not wrong.any():
        return
    i, k = (int(index) for index in np.argwhere(wrong)[0])
    column, cell = columns[used[k]], grid.rows[i].cells[used[k]]
    where = f"row {grid.rows[i].line}, column {quoted(column.name)}"
    kind = "a number" if np.isnan(column.values[i]) else "finite"
    found = f"{where} is not {kind} ({quoted(cell)})"
    if (number := int(wrong.sum())) > 1:
        found = f"{number} cells are not finite numbers, the first in {where} ({quoted(cell)})"
    raise KnobError(
        f"{knob}: {found}; allowed: numbers (mend the file, or choose other columns with data.x and data.y)"
    )


def _unclear(cells: list[str]) -> str:
    """Return what is unclear about the decimal mark of a column's cells."""
    numbers = (c for c in reversed(cells) if is_number(c) and ("," in c or "." in c))
    shown = {read(c).mark: quoted(c) for c in numbers}
    if "point" in shown and "comma" in shown:
        return (
            f"has decimal points ({shown['point']}) and decimal commas ({shown['comma']}); "
            "allowed: the same in all of its cells"
        )
    return (
        f"can be read in two ways ({shown[None]} may have decimals or thousands); "
        "allowed: numbers without marks between thousands"
    )


def _commas(used: list[Column]) -> list[str]:
    """Return a note about decimal commas, if there are any in the columns used."""
    if not any(c.mark == "comma" and (np.floor(c.values) != c.values)[~c.missing].any() for c in used):
        return []
    return ["decimal commas are read as such: 1,5 is one and a half"]


def _duplicates(x: np.ndarray, lines: list[int]) -> tuple[str, ...]:
    """Return a note about equal inputs, if any: their rows of the kernel are equal too."""
    first: dict[bytes, int] = {}
    pairs = []
    for sample, line in zip(x + 0.0, lines, strict=True):  # + 0.0 makes -0.0 equal 0.0
        other = first.setdefault(sample.tobytes(), line)
        if other != line:
            pairs.append((other, line))
    if not pairs:
        return ()
    more = f" (and {count(len(pairs) - 1, 'more row')} like that)" if len(pairs) > 1 else ""
    a, b = pairs[0]
    return (f"rows {a} and {b} have the same inputs: the kernel is singular there{more}",)
