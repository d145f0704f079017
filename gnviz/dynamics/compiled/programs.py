"""From formulas to instructions: they are evaluated with numbers that write down what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gnviz.dynamics.compiled.code import codes
from gnviz.knobs.formulas import Expression


class Recorded:
    """A number that is not known yet: the instructions that lead to it.

    Args:
        steps: Operation and argument of each instruction.
        room: Rows of the stack that they need.
    """

    dtype = np.dtype(float)

    def __init__(self, steps: list[tuple[int, float]], room: int) -> None:
        self.steps, self.room = steps, room

    def __add__(self, other: Recorded) -> Recorded:
        return _then(codes.ADD, self, other)

    def __sub__(self, other: Recorded) -> Recorded:
        return _then(codes.SUB, self, other)

    def __mul__(self, other: Recorded) -> Recorded:
        return _then(codes.MUL, self, other)

    def __truediv__(self, other: Recorded) -> Recorded:
        return _then(codes.DIV, self, other)

    def __pow__(self, other: Recorded) -> Recorded:
        return _then(codes.POW, self, other)

    def __neg__(self) -> Recorded:
        return _then(codes.NEG, self)

    def __lt__(self, other: Recorded) -> Recorded:
        return _then(codes.LT, self, other)

    def __le__(self, other: Recorded) -> Recorded:
        return _then(codes.LE, self, other)

    def __gt__(self, other: Recorded) -> Recorded:
        return _then(codes.GT, self, other)

    def __ge__(self, other: Recorded) -> Recorded:
        return _then(codes.GE, self, other)

    def __eq__(self, other: Recorded | int) -> Recorded:  # type: ignore[override]
        return _then(codes.EQ, self, _number(other))

    def __ne__(self, other: Recorded | int) -> Recorded:  # type: ignore[override]
        return _then(codes.NE, self, _number(other))

    __hash__ = None  # type: ignore[assignment]


class Library:
    """What formulas ask of an array library, for `Recorded` numbers."""

    finfo = np.finfo

    def __getattr__(self, name: str) -> Callable[..., Recorded]:
        """Return a function of `knobs.formulas.FUNCTIONS` by its name there, or in array libraries."""
        op = getattr(codes, {"minimum": "MIN", "maximum": "MAX"}.get(name, name.upper()))
        return lambda *parts: _then(op, *parts)

    def full_like(self, like: Any, value: float) -> Recorded:
        """Return a number that is known."""
        return _number(value)

    def ones_like(self, like: Any) -> Recorded:
        """Return 1."""
        return _number(1.0)

    def zeros_like(self, like: Any) -> Recorded:
        """Return 0."""
        return _number(0.0)


NAMES = {
    "w1": Recorded([(codes.W1, 0.0)], 1),
    "w2": Recorded([(codes.W2, 0.0)], 1),
    "x": Recorded([(codes.X, 0.0)], 1),
}
"""What a surface's formula may use."""


def program_of(expressions: Sequence[Expression]) -> tuple[np.ndarray, int]:
    """Return what `code.model.formula` evaluates, and the rows of the stack that it needs.

    Args:
        expressions: Formulas of w1, w2 and x, as many as there are programs.

    Returns:
        Instructions, shape (programs, length, 2): operation and argument; a shorter program ends earlier.
    """
    found = [e.evaluator(Library(), NAMES, NAMES["x"]) for e in expressions]
    out = np.zeros((len(found), 1 + max(len(f.steps) for f in found), 2))
    out[:, :, 0] = codes.END
    for row, recorded in zip(out, found, strict=True):
        row[: len(recorded.steps)] = recorded.steps
    return out, max(f.room for f in found)


def _number(value: Recorded | float) -> Recorded:
    return value if isinstance(value, Recorded) else Recorded([(codes.NUMBER, value)], 1)


def _then(op: int, *parts: Recorded) -> Recorded:
    """Return the result of an operation on numbers that lie on the stack in this order."""
    steps = [step for part in parts for step in part.steps]
    return Recorded([*steps, (op, 0.0)], max(i + part.room for i, part in enumerate(parts)))
