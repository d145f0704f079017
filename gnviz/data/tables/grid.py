"""The grid of a table: named columns and rows of equal length, whatever the file has around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gnviz.data.samples import MAX_SAMPLES
from gnviz.data.tables.cells import is_missing, is_number, is_text
from gnviz.data.tables.delimited import MAX_LINES, Row, read_rows, usual_width
from gnviz.knobs import KnobError, quoted

_YEAR = re.compile("1[5-9][0-9][0-9]|20[0-9][0-9]")


@dataclass(frozen=True)
class Grid:
    """Rows of cells under names.

    Attributes:
        names: Different names of the columns, made up where there are none.
        named: For each column, whether the file gave its name.
        rows: Rows, each with a cell for every name.
        delimiter: What stood between the cells.
        notes: Plain sentences a user should know.
    """

    names: list[str]
    named: list[bool]
    rows: list[Row]
    delimiter: str
    notes: tuple[str, ...] = ()

    def column(self, position: int) -> list[str]:
        """Return the cells of a column."""
        return [row.cells[position] for row in self.rows]


def read_grid(text: str, knob: str) -> Grid:
    """Read names and rows from delimited text.

    The first row is the header if it has no number, or a text over numbers, or no numbers but years. R leaves
    out the name of the first column; NumPy puts the names behind a `#`. Lines of prose above the header are
    left out, and a row of units below it.

    Args:
        text: The table, with or without a header row.
        knob: Where the text came from, for messages.

    Raises:
        KnobError: It holds no table, or rows of different lengths.
    """
    if (lines := max(text.count("\n"), text.count("\r"))) > MAX_LINES:
        raise KnobError(f"{knob} has {lines} lines; allowed: up to {MAX_LINES}")
    try:
        rows, delimiter, remark = read_rows(text.removeprefix("\ufeff"))  # the mark of a file saved by Excel
    except ValueError as error:
        raise KnobError(f"{knob} is not readable as CSV ({error}); allowed: one row per line") from None
    if not rows:
        raise KnobError(f"{knob} is empty; allowed: a header and 2 to {MAX_SAMPLES} rows")
    rows, notes = _without_prose(_without_trailing(rows))
    names, rows, more = _headed(rows, remark)
    if len(rows) < 2:
        found = f"{count(len(rows), 'row')} of data" if rows else "a header but no rows"
        raise KnobError(f"{knob} has {found}; allowed: 2 to {MAX_SAMPLES} rows")
    _check_lengths(names, rows, knob)
    names = [" ".join(name.split()) for name in names]
    kept = [j for j, name in enumerate(names) if name or any(row.cells[j] for row in rows)]
    rows = [Row(row.line, [row.cells[j] for j in kept]) for row in rows]
    filled = [names[j] or f"column {j + 1}" for j in kept]
    _check_names(filled, knob)
    return Grid(filled, [bool(names[j]) for j in kept], rows, delimiter, (*notes, *more))


def mostly_numbers(cells: list[str]) -> bool:
    """Return whether at least half of the cells that have a value are numbers, and one is."""
    numbers = sum(map(is_number, cells))
    return numbers > 0 and 2 * numbers >= sum(not is_missing(cell) for cell in cells)


def _without_trailing(rows: list[Row]) -> list[Row]:
    """Return rows without what follows a trailing delimiter that the first row does not have."""
    width = len(rows[0].cells)
    if any(any(row.cells[width:]) for row in rows):
        return rows
    return [Row(row.line, row.cells[:width]) for row in rows]


def _without_prose(rows: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """Return rows without the lines of prose above the table, with a note, and with R's header filled up."""
    width = usual_width([row.cells for row in rows])
    start = len(rows)
    while start and len(rows[start - 1].cells) == width:
        start -= 1
    if start in (0, len(rows)) or len(rows[0].cells) == width:
        return rows, ()
    above, table = rows[:start], rows[start:]
    unnamed = len(above[-1].cells) == width - 1 and not any(map(is_number, above[-1].cells))
    if unnamed and any(map(is_number, table[0].cells)):
        header = above.pop()
        table = [Row(header.line, ["", *header.cells]), *table]  # R names no column of row names
    if not all(_is_prose(row.cells, width) for row in above):
        return rows, ()
    if not above:
        return table, ()
    lines = f"lines {above[0].line} to {above[-1].line} are" if len(above) > 1 else f"line {above[0].line} is"
    return table, (f"{lines} left out: no part of the table",)


def _is_prose(cells: list[str], width: int) -> bool:
    """Return whether a line is no row of a table of so many columns; one of the same length has no number."""
    return not (any(map(is_number, cells)) if len(cells) == width else mostly_numbers(cells))


def _headed(rows: list[Row], remark: list[str]) -> tuple[list[str], list[Row], tuple[str, ...]]:
    """Return the names of the columns, empty where there is none, the rows below them, and notes."""
    first, cells = rows[0].cells, [row.cells for row in rows]
    if _is_header(cells):
        if not _has_units(cells):
            return first, rows[1:], ()
        return first, rows[2:], (f"row {rows[1].line} is left out: units, or names once more",)
    if len(remark) == len(first) and not any(map(is_number, remark)):
        return [remark[0] or "#", *remark[1:]], rows, ()  # `#` itself heads some columns of numbers
    names = [f"x{i}" for i in range(1, len(first) + 1)]
    last = [row.cells[-1] for row in rows if len(row.cells) == len(first)]
    note = "no row is a header: columns are named x1, x2, ..., by their order"
    notes = (note,) if any(map(is_text, first)) else ()  # or it is no surprise
    return [*names[:-1], "y" if mostly_numbers(last) else names[-1]], rows, notes


def _is_header(rows: list[list[str]]) -> bool:
    """Return whether the first row names the others' columns."""
    first = rows[0]
    texts = [j for j, cell in enumerate(first) if is_text(cell)]
    if texts and (not any(map(is_number, first)) or _are_years([c for c in first if is_number(c)])):
        return True
    below = ([cells[j] for cells in rows[1:] if len(cells) > j] for j in texts)
    return any(map(mostly_numbers, below))


def _are_years(cells: list[str]) -> bool:
    """Return whether cells are evenly spaced years, such as head the columns of some tables."""
    if len(cells) < 2 or not all(_YEAR.fullmatch(cell) for cell in cells):
        return False
    years = [int(cell) for cell in cells]
    step = years[1] - years[0]
    return step != 0 and all(b - a == step for a, b in pairwise(years))


def _has_units(rows: list[list[str]]) -> bool:
    """Return whether the row below the header holds nothing but texts, all of them over numbers."""
    if len(rows) < 4 or any(len(cells) != len(rows[0]) for cells in rows):
        return False
    texts = [j for j, cell in enumerate(rows[1]) if is_text(cell)]
    over_numbers = all(mostly_numbers([cells[j] for cells in rows[2:]]) for j in texts)
    return bool(texts) and not any(map(is_number, rows[1])) and over_numbers


def _check_lengths(names: list[str], rows: list[Row], knob: str) -> None:
    """Refuse rows of different lengths."""
    ragged = [row for row in rows if len(row.cells) != len(names)]
    if not ragged:
        return
    first, wide = ragged[0], f"{len(names)}, as in the first row"
    found = f"row {first.line} has {count(len(first.cells), 'cell')}"
    if len(ragged) > 1:
        found = (
            f"{len(ragged)} rows have another number of cells than the first, such as row {first.line} with "
        )
        found += f"{len(first.cells)}"
    raise KnobError(f"{knob}: {found}; allowed: {wide} (delete lines that are not part of the table)")


def _check_names(names: list[str], knob: str) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            raise KnobError(f"{knob}: column name {quoted(name)} appears twice; allowed: different names")


def count(number: int, what: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {what}" + ("" if number == 1 else "s")
