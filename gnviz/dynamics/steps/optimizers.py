"""Optimizers: what turns a gradient J^T e into another direction, with a memory of the steps before.

A class of methods says how (`Method.turn`), for runs with settings of their own at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import param
import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.methods import Method


class Optimizer:
    """Turns the directions of some runs in a batch of R, those of one class of methods, as that class says.

    Args:
        methods: Of these runs.
        rows: Where they are in the batch.
        w: The batch's weights, shape (R, p).

    Attributes:
        state: The memory, each array of shape (R, p): of all runs, so that runs can be taken out by index.
    """

    def __init__(self, methods: Sequence[Method], rows: slice, w: Tensor) -> None:
        self._turn, self._rows = type(methods[0]).turn, rows
        self._knobs = {name: _column([getattr(m, name) for m in methods], w) for name in _numbers(methods[0])}
        self.state: State = {name: torch.zeros_like(w) for name in methods[0].memory}

    def turn(self, d: Tensor, index: int) -> Tensor:
        """Return the directions (R, p) of step `index` from 0 for d (R, p), which may be overwritten."""
        memory = {name: value[self._rows] for name, value in self.state.items()}
        return _put(d, self._rows, self._turn(d[self._rows], memory, self._knobs, index + 1))


def _numbers(method: Method) -> list[str]:
    """Return the knobs that are numbers, or true and false."""
    return [name for name, p in method.knobs().items() if isinstance(p, param.Number | param.Boolean)]


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)[:, None]


def optimizers_for(methods: Sequence[Method], w: Tensor) -> list[Optimizer]:
    """Return the optimizers of R runs at w (R, p); the runs of each class of methods are neighbours."""
    out, start = [], 0
    for kind, same in groupby(methods, type):
        count = len(list(same))
        rows = slice(start, start + count)
        if kind.turn is not Method.turn:
            out.append(Optimizer(methods[rows], rows, w))
        start += count
    return out


def _put(d: Tensor, rows: slice, turned: Tensor) -> Tensor:
    """Return d with some rows replaced; no copy where they are all."""
    if len(turned) == len(d):
        return turned
    d[rows] = turned
    return d
