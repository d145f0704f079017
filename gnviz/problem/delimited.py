"""Delimited text: from the bytes of a CSV file to rows of cells, each with its line number.

Nothing here knows about numbers or experiments; `problem.tables` gives the cells a meaning.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MAX_BYTES = 2_000_000
"""Largest table read: far above what 2,000 samples need, and read in a blink."""

_SNIFFED_LINES = 20
_DELIMITERS = ("\t", ";", ",")
"""In order of preference: a decimal comma may stand between tabs or semicolons, never the reverse."""


class Row(NamedTuple):
    """The cells of one row, stripped of outer spaces, and the file's line on which it starts."""

    line: int
    cells: list[str]


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


def read_rows(text: str) -> tuple[list[Row], str]:
    """Split text into rows; blank lines and lines that start with `#` are skipped.

    Args:
        text: The whole table; any line ends, fields in double quotes where needed.

    Returns:
        The rows and their delimiter: a comma, a semicolon, a tab, or a space for any white space.

    Raises:
        ValueError: The quoting is broken beyond reading.
    """
    delimiter = _sniff(text)
    try:
        return list(_rows(text, delimiter)), delimiter
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    pulled: list[int] = []  # lines read since the last row: a quoted cell may span several

    def lines() -> Iterator[str]:
        for number, line in enumerate(io.StringIO(text, newline=None), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                pulled.append(number)
                yield " ".join(line.split()) if delimiter == " " else line

    for cells in csv.reader(lines(), delimiter=delimiter, skipinitialspace=True):
        yield Row(pulled[0], [cell.strip() for cell in cells])
        pulled.clear()


def _sniff(text: str) -> str:
    """Return the delimiter that cuts the first lines into equally many cells."""
    present = []
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row.cells) for row in islice(_rows(text, delimiter), _SNIFFED_LINES)]
        except csv.Error:
            continue
        if widths and max(widths) > 1:
            if min(widths) == max(widths):
                return delimiter
            present.append((widths[0] > 1, delimiter))
    # No delimiter fits: take one from the first line, so that the ragged row can be named.
    return next((d for in_header, d in present if in_header), " ")
