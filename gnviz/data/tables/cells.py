"""One cell of a table: a number, in whatever way people write it, no value at all, or text."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Literal, NamedTuple

Mark = Literal["point", "comma"]
"""What stands between a number's whole part and its decimals; the other one may group thousands."""

MISSING = frozenset(
    {
        "", "na", "n/a", "n.a.", "nan", "<na>", "null", "none", "nil", "missing", "?", "-", "--", "---", ".",
        "..", "*", "#n/a", "#na", "#div/0!", "#value!", "#num!", "#ref!", "#null!", "#name?", "\\n",
    }
)  # fmt: skip
"""What stands for "no value" in the tables people keep, and where a spreadsheet failed; in small letters."""

_INFINITE = {
    sign + word: math.inf if sign != "-" else -math.inf
    for sign in ("", "+", "-")
    for word in ("inf", "infinity")
}

_GROUPS = re.compile("(?<=[0-9])[\u00a0\u202f'’](?=[0-9]{3}(?![0-9]))")
"""Blanks and apostrophes between thousands, which no decimal mark can be taken for."""


def _grammar(decimal: str, group: str, last: str) -> re.Pattern[str]:
    """Return what a number looks like; Fortran's exponents begin with D."""
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+)"
    return re.compile(
        rf"[+-]?(?:{whole}(?:{decimal}{last})?|{decimal}[0-9]+)(?:[ed][+-]?[0-9]+)?", re.IGNORECASE
    )


_NUMBERS: dict[Mark, re.Pattern[str]] = {
    "point": _grammar(r"\.", ",", "[0-9]*"),
    "comma": _grammar(",", r"\.", "[0-9]+"),  # `1,` is the end of a list's item
}


_POINT = re.compile(r"-?0?\.[0-9]+|-?[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})")
"""Numbers that have a decimal point for sure."""

_SWAP = str.maketrans(",.", ".,")


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no value."""
    return cell.lower() in MISSING


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with one decimal mark or the other."""
    return any(value is not None for value in read(cell))


def is_text(cell: str) -> bool:
    """Return whether a cell is neither a number nor empty."""
    return not is_missing(cell) and not is_number(cell)


class Reading(NamedTuple):
    """What number a cell is with either decimal mark, None where it is none (Python's `1_000` is not)."""

    point: float | None
    comma: float | None

    @property
    def mark(self) -> Mark | None:
        """The mark that the cell demands, None if both would do or none.

        1.5 and 1,234.5 have a point; 1,5 and 1.234,5 a comma; 12, 1.234 and 1,234 may have either.
        """
        if (self.point is None) == (self.comma is None):
            return None
        return "point" if self.comma is None else "comma"

    def value(self, mark: Mark) -> float:
        """Return the number that it is with a decimal mark, NaN if it is none."""
        value = self.point if mark == "point" else self.comma
        return math.nan if value is None else value


@lru_cache(maxsize=2**16)
def read(cell: str) -> Reading:
    """Return the number that a cell holds, such as 1.5, 3504., 1.0D+03, 1,5 or 1.234,5."""
    if _POINT.fullmatch(cell):  # the usual case, at once
        return Reading(float(cell), None)
    cell = _GROUPS.sub("", cell.lower().replace("\u2212", "-"))
    if cell in _INFINITE:
        return Reading(_INFINITE[cell], _INFINITE[cell])
    swapped = cell.translate(_SWAP)
    return Reading(
        _float(cell) if _NUMBERS["point"].fullmatch(cell) else None,
        _float(swapped) if _NUMBERS["comma"].fullmatch(cell) else None,
    )


def _float(text: str) -> float:
    """Return a number that is written with a point, and perhaps with commas between thousands."""
    return float(text.replace(",", "").replace("d", "e"))
