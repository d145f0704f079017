"""The axes of a map: which knobs one can have, and over which values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import param

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, quoted
from gnviz.lab.controls.methods import goes_with, symbol
from gnviz.lab.controls.sections import LABELS, sections
from gnviz.methods import METHODS
from gnviz.sweeps.grid import declared
from gnviz.sweeps.method_knobs import split_name
from gnviz.sweeps.values import spaced

MOST_VALUES = 25
"""Most values along an axis: beyond, cells are too small to be pointed at."""

DAMPING = "constant(rho)"
"""The knob of the default experiment that a map is about."""

RANGES = {
    "data.condition": (1e5, 1e9, 9),
    "data.n": (4, 20, 9),
    "data.noise": (0.0, 1.0, 5),
    "network.width": (20, 640, 6),
    "network.depth": (1, 4, 4),
    "network.alpha": (0.1, 1000.0, 9),
    "network.spread": (0.1, 10.0, 5),
    "loss.delta": (0.1, 10.0, 5),
    "loss.condition": (1.0, 1e4, 5),
    "clock.step_size": (1e-3, 1.0, 7),
    DAMPING: (1e-8, 1.0, 9),
    "adaptive(c)": (1e-2, 1e2, 9),
}
"""First value, last value and count that each axis has at first."""

SYMBOLS = {"data.condition": "κ(K₀)", "network.alpha": "α", "network.width": "width", DAMPING: "ρ"}
"""Knobs that a sentence names by less than their label."""

EVEN = ("data.n", "network.width")
"""Knobs whose odd values few experiments allow: pairs of samples, twin neurons."""

FEW = 7
"""Values at first of other knobs."""

LONG = ".12g"
"""Format of an end in an address: no digit that was typed is lost."""


class Axis(NamedTuple):
    """An axis; its text is that of `gnviz sweep --over`.

    Attributes:
        knob: As sweeps name it.
        low: The first value.
        high: The last one.
        number: How many, at least 2.
    """

    knob: str
    low: float
    high: float
    number: int

    @property
    def values(self) -> Sequence[float]:
        """The values, evenly spaced: by factors where that suits the knob."""
        found = spaced(numeric(self.knob), self.low, self.high, self.number)
        even = (2 * round(value / 2) for value in found)
        return list(dict.fromkeys(even)) if self.knob in EVEN else found

    def __str__(self) -> str:
        return f"{self.knob}={self.low:{LONG}}:{self.high:{LONG}}:{self.number}"


def numeric(knob: str) -> param.Number:
    """Return the declaration of a knob that is a number.

    Raises:
        KnobError: There is no such knob, or it is none.
    """
    found = declared(knob)
    if not isinstance(found, param.Number):
        raise KnobError(f"{knob} cannot be an axis of a map: it is no number")
    return found


def usual(knob: str) -> Axis:
    """Return the axis that a knob has at first.

    Raises:
        KnobError: There is no such knob, or it is no number.
    """
    known = numeric(knob)
    if knob in RANGES:
        return Axis(knob, *RANGES[knob])
    low, high = known.get_soft_bounds()
    low = low if low is not None else 0.0
    return Axis(knob, low, high if high is not None else low + 1.0, FEW)


def read_axis(name: str, text: str) -> Axis:
    """Return the axis that a text is of.

    Args:
        name: What the text is the value of, for messages.
        text: Such as `data.condition=1e5:1e9:9`; a knob alone has its usual values.

    Raises:
        KnobError: It is none.
    """
    knob, equals, rest = text.partition("=")
    if not equals:
        return usual(knob)
    parts = rest.split(":")
    try:
        low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        low, high, count = math.nan, math.nan, 0
    if len(parts) != 3 or not (math.isfinite(low) and math.isfinite(high)):
        raise KnobError(f"{name} = {quoted(text)} is not allowed: KNOB=FROM:TO:COUNT, as in {usual(DAMPING)}")
    return checked(Axis(knob, low, high, count))


def checked(axis: Axis) -> Axis:
    """Return an axis, with its ends in order.

    Raises:
        KnobError: It has too few or too many values, or one that the knob does not allow.
    """
    known = numeric(axis.knob)
    if not 2 <= axis.number <= MOST_VALUES:
        raise KnobError(f"{axis.knob}: {axis.number} values are not allowed: 2 to {MOST_VALUES}")
    low, high = known.bounds or (None, None)
    first, last = sorted((axis.low, axis.high))
    if (low is not None and first < low) or (high is not None and last > high):
        raise KnobError(f"{axis.knob} from {first:g} to {last:g} is not allowed: from {low:g} to {high:g}")
    axis = axis._replace(low=first, high=last)
    if len(axis.values) < 2:
        raise KnobError(f"{axis.knob} from {first:g} to {last:g} has fewer than 2 values")
    return axis


def label_of(knob: str) -> str:
    """Return what an axis is called."""
    if knob == DAMPING:
        return "Damping ρ"
    if own := split_name(knob):
        return f"{symbol(own[1])} of {own[0]}"
    return LABELS.get(knob, knob)


def symbol_of(knob: str) -> str:
    """Return what an axis is called in a sentence."""
    return SYMBOLS.get(knob, label_of(knob).lower())


def offered(experiment: Experiment) -> dict[str, str]:
    """Return the knobs that can be an axis for an experiment, by what they are called."""
    matter = {name for section in sections().values() for name, (*_, there) in section.items()
              if there(experiment)}  # fmt: skip
    dotted = [knob for knob in RANGES if knob in matter]
    own = {method.label for method in experiment.parsed_methods} | {split_name(DAMPING)[0], "adaptive"}  # type: ignore[index]
    methods = [
        kind.spelling(knob)
        for label, kind in METHODS.items()
        if label in own and goes_with(kind, experiment.clock)
        for knob, declared in kind.knobs().items()
        if isinstance(declared, param.Number) and all(declared.get_soft_bounds())
    ]
    return {label_of(knob): knob for knob in (*dotted, *methods)}
