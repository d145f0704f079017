"""Delimited text: from the bytes of a CSV file to rows of cells, each with its line number.

`grid` beside it finds the header, `columns` gives the cells a meaning.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from gnviz.data.tables.cells import is_missing, is_number

MAX_BYTES = 2_000_000
"""Largest table read: far above what 2,000 samples need, and read in a blink."""

MAX_LINES = 100_000
"""Most lines of one: a page reads them while others are looked at."""

_SNIFFED_LINES = 200
_DELIMITERS = ("\t", ";", ",", "|", " ")
"""In order of preference, where several would do; a space stands for any white space."""

_COMMENT = re.compile(r"\s*[#%](?!n/?a\b|div/0|value!|num!|ref!|null!|name\?)", re.IGNORECASE)
"""The beginning of a line that is no row; what a spreadsheet writes for a failed formula is a cell."""

_REMARK = re.compile(r"\s#\s.*")

_SEPARATOR = re.compile(r'"?sep=.?"?\s*', re.IGNORECASE)
"""The first line of some files that are meant for Excel."""


class Row(NamedTuple):
    """The cells of one row, stripped of outer spaces, and the file's line on which it starts."""

    line: int
    cells: list[str]


class Delimited(NamedTuple):
    """Rows of cells.

    Attributes:
        rows: The rows, not all of the same length.
        delimiter: A tab, a semicolon, a comma, a bar, or a space for any white space.
        remark: Cells of the last comment before the first row, without its mark: it may name the columns.
    """

    rows: list[Row]
    delimiter: str
    remark: list[str]


def decode(raw: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with a byte order mark, or Windows-1252.

    Raises:
        ValueError: The bytes are not text.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return check_text(raw.decode("utf-16"))
    try:
        return check_text(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return check_text(raw.decode("cp1252"))


def check_text(text: str) -> str:
    """Return the text without byte order mark.

    Raises:
        ValueError: It holds control characters, so it is a binary file.
    """
    if any(c < " " and c not in "\t\n\r\f" for c in set(text)):
        raise ValueError("control characters")
    return text.removeprefix("\ufeff")


def read_rows(text: str) -> Delimited:
    """Split text into rows; blank lines, empty rows and comments (after `#` or `%`) are skipped.

    Args:
        text: The whole table; any line ends, fields in double quotes where needed.

    Raises:
        ValueError: The quoting is broken beyond reading.
    """
    delimiter = _sniff(text)
    try:
        rows = [row for row in _rows(text, delimiter) if any(row.cells)]
        remark = _remark(text, rows[0].line) if rows else ""
        named = next(csv.reader([_spaced(remark, delimiter)], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error as error:
        raise ValueError(str(error)) from None
    return Delimited(rows, delimiter, [cell.strip() for cell in named])


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    pulled: list[int] = []  # lines read since the last row: a quoted cell may span several

    def lines() -> Iterator[str]:
        for number, line in enumerate(io.StringIO(text, newline=None), 1):
            separator = number == 1 and _SEPARATOR.fullmatch(line)
            if line.strip() and not _COMMENT.match(line) and not separator:
                pulled.append(number)
                yield _spaced(line, delimiter)

    for cells in csv.reader(lines(), delimiter=delimiter, skipinitialspace=True):
        yield Row(pulled[0], [cell.strip() for cell in cells])
        pulled.clear()


def _spaced(line: str, delimiter: str) -> str:
    """Return a line as it is; between blanks, with single ones and without a remark at its end."""
    if delimiter != " ":
        return line
    return " ".join((line if '"' in line else _REMARK.sub("", line)).split())


def _remark(text: str, first: int) -> str:
    """Return the last comment before the line of the first row, without its mark."""
    comments = [line for line in islice(io.StringIO(text, newline=None), first - 1) if _COMMENT.match(line)]
    return comments[-1].strip()[1:] if comments else ""


def _sniff(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most numbers, equally many a row."""
    best, most = " ", 0.0
    for delimiter in _DELIMITERS:
        try:
            rows = [row.cells for row in islice(_rows(text, delimiter), _SNIFFED_LINES)]
        except csv.Error:
            continue
        if (fit := _fit(rows)) > most:
            best, most = delimiter, fit
    return best


def _fit(rows: list[list[str]]) -> float:
    """Return the share of numbers among cells, in rows of the usual width; ties go to more such rows."""
    if not rows or (width := usual_width(rows)) == 1:
        return 0.0
    usual = [cells for cells in rows if len(cells) == width]
    numbers = sum(is_number(cell) or is_missing(cell) for cells in usual for cell in cells)
    return numbers / sum(map(len, rows)) + 1e-3 * len(usual) / len(rows)


def usual_width(rows: list[list[str]]) -> int:
    """Return the number of cells that most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0]
