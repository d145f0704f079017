"""Numbers as people read them: 8.91·10⁹ in place of 8.91e+09."""

from __future__ import annotations

import math
import re

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SCIENTIFIC = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]?\d+)\b")
"""A number in a text as Python prints it."""


def power_of_ten(value: float) -> str:
    """Return a power of ten, as in 10⁻⁶."""
    return "10" + str(round(math.log10(value))).translate(RAISED)


def number(value: float, count: int = 3) -> str:
    """Return some digits of a number, as in 8.91·10⁹."""
    return typeset(f"{value:.{count}g}")


def typeset(text: str) -> str:
    """Return a text with its numbers as people read them."""
    return SCIENTIFIC.sub(lambda found: _scaled(found[1], int(found[2])), text)


def _scaled(digits: str, exponent: int) -> str:
    power = "10" + str(exponent).translate(RAISED)
    return digits.replace("1", power) if digits in ("1", "-1") else f"{digits}·{power}"
