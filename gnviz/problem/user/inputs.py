"""How the inputs reach a user's model: in the shape and the type that it takes.

Inside, inputs are rows of floating-point numbers, one row for each output. Integers (which an Embedding or an
index wants) are cast back, exactly, unless the model takes them as float64 with the same result: then it gets
float64, since torch computes functions of integers in its default precision, which is usually single.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gnviz.problem.user.arrays import check_exact, whole
from gnviz.problem.user.probe import Function, first_line

SINGLE = 1e-4
"""Relative difference of outputs up to which integers are taken for float64: torch's single precision may be
all that is between them."""

Call = Callable[[Tensor, Tensor], Tensor]
"""A model of parameters (p,) and the inputs as it wants them."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of n samples.

    Attributes:
        rows: In float64, shape (n outputs, d): each sample as often as it has outputs.
        shape: Of one sample, as the model gets it.
        outputs: Outputs of each sample.
        dtype: The integer type that the model gets; None: that of the parameters.
    """

    rows: Tensor
    shape: tuple[int, ...]
    outputs: int = 1
    dtype: torch.dtype | None = None

    def function(self, call: Call) -> Function:
        """Return the model as a function of parameters (p,) and rows (n outputs, d)."""

        def function(w: Tensor, x: Tensor) -> Tensor:
            given = x[:: self.outputs].reshape(-1, *self.shape)
            return call(w, given if self.dtype is None else given.round().to(self.dtype))

        return function


def inputs_for(call: Call, x: Tensor, w: Tensor, outputs: int, *, layers: bool) -> Inputs:
    """Return inputs as the model takes them.

    Args:
        call: The model.
        x: Inputs, float64 or of an integer type, shape (n, ...).
        w: Parameters to try it with, shape (p,).
        outputs: Outputs of each sample.
        layers: Whether it is made of layers, which want single numbers as (n, 1).

    Raises:
        ValueError: Integers are too large, or the model fails with them in every type.
    """
    rows = x.double().reshape(len(x), -1).repeat_interleave(outputs, 0)
    shape = tuple(x.shape[1:])
    column = Inputs(rows, shape or ((1,) if layers else ()), outputs)
    if not whole(x):
        return column
    check_exact(x, torch.float64)
    types = dict.fromkeys((x.dtype, torch.int64))
    shapes = dict.fromkeys((shape, column.shape))
    tried = [replace(column, dtype=t, shape=s) for t in types for s in shapes]
    found, why = _first(call, tried, w, len(x) * outputs)
    real, why_not = _first(call, [column], w, len(x) * outputs)
    if found is None and real is None:
        raise ValueError(f"the model fails at w0 with x as {x.dtype}: {why}; as float64: {why_not}")
    if found is None or (real is not None and _alike(call, found, real, w)):
        return column
    return found


def _first(call: Call, tried: list[Inputs], w: Tensor, count: int) -> tuple[Inputs | None, str]:
    """Return the first inputs that the model takes, those with so many outputs before others, and why not."""
    taken, why = [], ""
    for inputs in tried:
        try:
            f = inputs.function(call)(w.clone(), inputs.rows.clone())
            taken.append((inputs, isinstance(f, Tensor) and f.numel() == count))
        except Exception as error:  # whatever a user's model raises
            why = why or first_line(error)
    return next((i for i, fits in taken if fits), taken[0][0] if taken else None), why


def _alike(call: Call, a: Inputs, b: Inputs, w: Tensor) -> bool:
    """Return whether outputs differ by no more than single precision."""
    f, g = (i.function(call)(w.clone(), i.rows.clone()) for i in (a, b))
    if not (isinstance(f, Tensor) and isinstance(g, Tensor) and f.shape == g.shape):
        return False
    return bool((f - g).abs().max() <= SINGLE * g.abs().max())
