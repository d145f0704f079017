"""Numbers that a lesson claims: written so that a machine can hold them against the run they speak of.

    {time(gradient-flow, 1e-6) = 812}                                  shown as 812
    {time(gradient-flow, 1e-6) / time(adaptive(c=1), 1e-6) > 1e4 | ten thousand times}
    {status(gauss-newton, alpha=1) = singular | breaks down}
    {time(gradient-flow, 1e-6) at ?data.condition=1e9 = 9.1e7}

A claim speaks of the experiment of the last link before it in its step, of the step's own where there is
none, or of the one it names by `at`. What it measures is one of `gnviz.lessons.quantities.QUANTITIES`.
`python -m gnviz.verify.lessons` computes them all.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from gnviz.knobs import KnobError
from gnviz.knobs.texts import split_call
from gnviz.lessons.quantities import Reading, reading

NEAR = 0.05
"""Largest relative distance of a measured number from the one that is claimed to be equal to it."""

EXACT = 1e-12
"""Relative distance that is rounding: the least that a claim allows for."""

_RELATION = re.compile(r"^(.*) ([=<>]) (\S+)$")
_AT = re.compile(r"^(.*\)) at \?(\S*)$")


@dataclass(frozen=True)
class Term:
    """A quantity of an experiment.

    Attributes:
        reading: What is read off the run.
        at: What the experiment changes of the lesson's own, a query; None: the one the text has come to.
    """

    reading: Reading
    at: str | None


@dataclass(frozen=True)
class Claim:
    """A statement about runs, in a lesson's text.

    Attributes:
        text: As written, without the braces.
        line: Of the file.
        terms: One quantity, or the two of a ratio.
        relation: "=", "<" or ">".
        value: A number as text, or a word.
        shown: What a reader sees.
        change: The query of the link that the text has come to, None: the step's own experiment.
    """

    text: str
    line: int
    terms: tuple[Term, ...]
    relation: str
    value: str
    shown: str
    change: str | None = None

    @property
    def number(self) -> float:
        """The value as a number, NaN for a word."""
        try:
            return float(self.value)
        except ValueError:
            return math.nan

    def holds(self, found: float | str) -> bool:
        """Return whether the claim is true of what was measured.

        An equality allows one unit of the last digit that is not 0, and at most `NEAR` of the number.
        """
        if isinstance(found, str):
            return self.relation == "=" and found == self.value
        if self.relation == "=":
            return abs(found - self.number) <= tolerance(self.value)
        return found < self.number if self.relation == "<" else found > self.number


def tolerance(value: str) -> float:
    """Return how far a number may be from the one that is written as `value`."""
    mantissa, _, exponent = value.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = len(decimals) or -(len(whole) - len(whole.rstrip("0")))
    unit = 10.0 ** (int(exponent or 0) - digits)
    return max(min(unit, NEAR * abs(float(value))), EXACT * abs(float(value)))


def parse_claim(text: str, line: int) -> Claim:
    """Read a claim.

    Args:
        text: Without its braces.
        line: Where it stands.

    Raises:
        KnobError: It cannot be read, or names no quantity.
    """
    statement, _, words = text.partition(" | ")
    found = _RELATION.match(statement.strip())
    if found is None:
        raise KnobError(f"{{{text}}} is no claim; write {{quantity = value}} or {{quantity = value | words}}")
    measured, relation, value = found.groups()
    terms = tuple(map(_term, measured.split(" / ")))
    claim = Claim(text, line, terms, relation, value, words.strip() or spoken(value))
    if len(terms) > 2:
        raise KnobError(f"{{{text}}} has {len(terms)} quantities; allowed: one, or two of a ratio")
    if math.isnan(claim.number) and (relation != "=" or not words):
        raise KnobError(f"{{{text}}} compares with {value!r}; allowed: a number, or = WORD | what is shown")
    return claim


def _term(text: str) -> Term:
    at = _AT.match(text.strip())
    measured, query = at.groups() if at else (text.strip(), None)
    call = split_call(measured)
    if call is None or not measured.endswith(")"):
        raise KnobError(f"{measured!r} is no quantity; write quantity(run, numbers)")
    return Term(reading(*call), query)


def spoken(value: str) -> str:
    """Return a number as people write it: 62,000, or 5.4 × 10⁷."""
    mantissa, e, exponent = value.lower().partition("e")
    if not e:
        whole, dot, rest = value.partition(".")
        return f"{int(whole):,}{dot}{rest}" if whole.isdigit() and len(whole) > 4 else value
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{power}" if mantissa == "1" else f"{mantissa} × 10{power}"
