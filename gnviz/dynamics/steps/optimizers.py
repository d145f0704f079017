"""Optimizers: what turns a gradient J^T e into another direction, with a memory of the steps before.

The arithmetic is that of torch.optim with lr = eta / alpha, for runs with settings of their own at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Protocol

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.methods import Adam, Method, Momentum


class Optimizer(Protocol):
    """Turns the gradients of some runs in a batch of R, those of one class of methods."""

    @property
    def state(self) -> State:
        """The memory, each array of shape (R, ...): of all runs, so that runs can be taken out by index."""
        ...

    def turn(self, d: Tensor, index: int) -> Tensor:
        """Return the directions (R, p) of step `index` for gradients d (R, p), which may be overwritten."""
        ...


class HeavyBall:
    """v+ = beta v + g, and the direction v+ or, after Nesterov, g + beta v+."""

    def __init__(self, methods: Sequence[Momentum], rows: slice, w: Tensor) -> None:
        self._rows = rows
        self._beta = _column([m.beta for m in methods], w)
        self._nesterov = _column([m.nesterov for m in methods], w) > 0
        self._ahead = any(m.nesterov for m in methods)
        self.state: State = {"velocity": torch.zeros_like(w)}

    def turn(self, d: Tensor, index: int) -> Tensor:
        """Return v+ or g + beta v+ in its rows."""
        g = d[self._rows]
        velocity = self.state["velocity"][self._rows].mul_(self._beta).add_(g)
        if self._ahead:
            return _put(d, self._rows, torch.where(self._nesterov, g + self._beta * velocity, velocity))
        return _put(d, self._rows, velocity)


class AdaptiveMoments:
    """m+ = b1 m + (1 - b1) g, s+ = b2 s + (1 - b2) g^2, and the direction m' / (sqrt(s') + eps).

    m' = m+ / (1 - b1^k) and s' = s+ / (1 - b2^k) after k steps, since both start at 0.
    """

    def __init__(self, methods: Sequence[Adam], rows: slice, w: Tensor) -> None:
        self._rows = rows
        self._beta1, self._beta2, self._eps = (
            _column([getattr(m, name) for m in methods], w) for name in ("beta1", "beta2", "eps")
        )
        self.state: State = {"mean": torch.zeros_like(w), "square": torch.zeros_like(w)}

    def turn(self, d: Tensor, index: int) -> Tensor:
        """Return m' / (sqrt(s') + eps) in its rows."""
        g, steps = d[self._rows], index + 1
        mean = self.state["mean"][self._rows].mul_(self._beta1).add_((1 - self._beta1) * g)
        square = self.state["square"][self._rows].mul_(self._beta2).add_((1 - self._beta2) * g * g)
        root = square.sqrt() / (1 - self._beta2**steps).sqrt()
        return _put(d, self._rows, mean / (1 - self._beta1**steps) / (root + self._eps))


OPTIMIZERS: dict[type[Method], Callable[..., Optimizer]] = {Momentum: HeavyBall, Adam: AdaptiveMoments}
"""By the class of the method; the others step along the direction itself."""


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)[:, None]


def optimizers_for(methods: Sequence[Method], w: Tensor) -> list[Optimizer]:
    """Return the optimizers of R runs at w (R, p); the runs of each class of methods are neighbours."""
    out, start = [], 0
    for kind, same in groupby(methods, type):
        count = len(list(same))
        rows = slice(start, start + count)
        if kind in OPTIMIZERS:
            out.append(OPTIMIZERS[kind](methods[rows], rows, w))
        start += count
    return out


def _put(d: Tensor, rows: slice, turned: Tensor) -> Tensor:
    """Return d with some rows replaced; no copy where they are all."""
    if len(turned) == len(d):
        return turned
    d[rows] = turned
    return d
