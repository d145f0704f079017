"""Surfaces: three samples and two parameters, so that the predictors u = alpha f(w) form a surface in space.

What can be set of the paper's first figure: the model, its three inputs, the start, the target, the window
that is drawn and the chart, that is the parameters v in which the same surface is walked on.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import param

from gnviz.knobs import Group, KnobError, Numbers, quoted, text_of
from gnviz.knobs.formulas import Expression, FormulaError, read

MODELS = {
    "none": "no surface: the experiment's own data and network",
    "neuron": "tanh(w1 x + w2)",
    "two-neurons": "tanh(w1 x) - 0.5 tanh(w2 x)",
    "sphere": "the unit sphere: polar angle w1, azimuth w2",
    "formula": "your own formula of w1, w2 and x",
}

FORMULAS = {
    "neuron": "tanh(w1*x + w2)",
    "two-neurons": "tanh(w1*x) - 0.5*tanh(w2*x)",
    "sphere": "sin(w1)*cos(w2); sin(w1)*sin(w2); cos(w1)",
}
"""Each model of our own in the language of `surface.formula`."""

CHARTS = {
    "plain": "w1 = v1, w2 = v2",
    "bent": "w1 = sinh v1, w2 = v2 + v1^2",
    "stretched": "w1 = 3 v1, w2 = v2 / 3",
    "twisted": "w is v turned by the angle |v|^2 / 4",
}

NAMES = frozenset({"w1", "w2", "x"})
"""What a formula may use."""

FARTHEST = 100.0
"""Largest size of an input, a parameter or an edge of the window."""


class Place(NamedTuple):
    """Where a surface is looked at, in base coordinates w.

    Attributes:
        inputs: x1, x2, x3.
        start: w1, w2 at time 0.
        target: y1, y2, y3.
        span: w1 from, w1 to, w2 from, w2 to: the window of parameters.
    """

    inputs: list[float]
    start: list[float]
    target: list[float]
    span: list[float]


PLACES = {
    "neuron": Place([-1.0, 0.5, 2.0], [1.1, -0.3], [0.3, -0.2, -1.4], [-2.0, 2.0, -2.0, 2.0]),
    "two-neurons": Place([0.3, 1.0, 3.0], [2.0, -0.9], [0.0, 0.6, 0.6], [0.0, 2.5, -1.5, 1.5]),
    "sphere": Place([-1.0, 0.0, 1.0], [0.25, -0.6], [0.6, 1.2, -0.5], [0.0, math.pi, -math.pi, math.pi]),
    "formula": Place([-1.0, 0.5, 1.5], [1.5, -1.0], [1.0, 1.0, 0.5], [-2.0, 2.0, -2.0, 2.0]),
}
"""Each model's own place, used where a knob is none: with alpha = 1 its target lies off the surface, its foot
inside the window, and gradient flow goes there by another way than Gauss-Newton."""


class Surface(Group):
    """A model of two parameters on three samples; data.* and most of network.* do not act."""

    model = param.Selector(
        default="none",
        objects=list(MODELS),
        doc="The model whose predictions form the surface; none: no surface.",
    )
    formula = param.String(
        "w2 + w1*x + w1*w2*x^2/2",
        doc="The model formula: one expression of w1, w2, x, or three separated by ; for the three samples.",
    )
    inputs = Numbers(None, 3, FARTHEST, allow_None=True, doc="Inputs x1;x2;x3; none: the model's own.")
    start = Numbers(
        None, 2, FARTHEST, allow_None=True, doc="Start w1;w2 in base coordinates; none: the model's own."
    )
    target = Numbers(None, 3, 1e3, allow_None=True, doc="Target y1;y2;y3; none: the model's own.")
    span = Numbers(
        None,
        4,
        FARTHEST,
        allow_None=True,
        doc="Window of parameters drawn: w1 from;to;w2 from;to in base coordinates; none: the model's own.",
    )
    chart = param.Selector(
        default="plain",
        objects=list(CHARTS),
        doc="Parameters v of the same surface: "
        + "; ".join(f"{name}: {words}" for name, words in CHARTS.items())
        + ".",
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.model == "formula":
            expressions(self.formula)
        if self.span is not None:
            _check_span(self.span)

    @property
    def place(self) -> Place:
        """Where it is looked at: what is set, else the model's own.

        Raises:
            KnobError: There is no surface.
        """
        if self.model == "none":
            raise KnobError("surface.model = 'none' has no place; allowed with it: any other model")
        own = PLACES[self.model]
        return Place(*(v if (v := getattr(self, f)) is not None else getattr(own, f) for f in Place._fields))

    @property
    def in_language(self) -> str:
        """The model in the language of `surface.formula`."""
        return self.formula if self.model == "formula" else FORMULAS[self.model]

    @property
    def words(self) -> str:
        """The model's formula for people."""
        return self.formula if self.model == "formula" else MODELS[self.model]


def expressions(text: str) -> tuple[Expression, ...]:
    """Read a formula: one expression for all samples, or three for the three samples; nothing is executed.

    Raises:
        KnobError: There are two or more than three, one has a mistake, or none of them uses a parameter.
    """
    refuse = f"surface.formula = {quoted(text)} cannot be used: "
    parts = [" ".join(part.split()) for part in text.split(";")]
    if len(parts) not in (1, 3):
        raise KnobError(f"{refuse}it has {len(parts)} expressions; allowed: one, or three separated by ;")
    try:
        found = tuple(read(part, NAMES) for part in parts)
    except FormulaError as error:
        raise KnobError(f"{refuse}{error}") from None
    if not frozenset().union(*(e.names for e in found)) & {"w1", "w2"}:
        raise KnobError(f"{refuse}it does not depend on w1 or w2; allowed: a formula of w1, w2 and x")
    return found


def _check_span(span: list[float]) -> None:
    low1, high1, low2, high2 = span
    if not (low1 < high1 and low2 < high2):
        raise KnobError(
            f"surface.span = {text_of(span)} is empty; allowed: w1 from;to;w2 from;to with from below to"
        )
