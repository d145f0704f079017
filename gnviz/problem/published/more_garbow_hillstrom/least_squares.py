"""What is known of one problem: residuals, standard start, published minima."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.problem.user.make import UserProblem, make_problem


@dataclass(frozen=True)
class LeastSquares:
    """One of the paper's problems, in one size.

    Attributes:
        name: In lower case, with p at the end where it comes in several sizes.
        number: The paper's.
        residuals: f of the parameters, shape (p,) to (n,).
        samples: n.
        start: The paper's standard start, p numbers.
        sum_of_squares: f^T f at the published minimum to which the standard start leads.
        others: f^T f at every other published minimum, those at infinity among them.
    """

    name: str
    number: int
    residuals: Callable[[Tensor], Tensor]
    samples: int
    start: tuple[float, ...]
    sum_of_squares: float = 0.0
    others: tuple[float, ...] = ()

    @property
    def parameters(self) -> int:
        """The number of parameters, p."""
        return len(self.start)

    @property
    def minima(self) -> tuple[float, ...]:
        """f^T f at every published minimum."""
        return (self.sum_of_squares, *self.others)

    def start_times(self, factor: float) -> tuple[float, ...]:
        """Return a multiple of the start, or `factor` itself where that is 0, as in MINPACK's tests."""
        if factor == 1 or any(self.start):
            return tuple(factor * w for w in self.start)
        return (float(factor),) * self.parameters

    def sum_of_squares_at(self, w: tuple[float, ...]) -> float:
        """Return f^T f at p numbers."""
        return float(self.residuals(torch.tensor(w, dtype=torch.float64)).square().sum())

    def problem(self, *starts: tuple[float, ...]) -> UserProblem:
        """Return the problem, ready to be run from given starts side by side, or from the standard one."""
        w0 = [list(start) for start in starts] or [list(self.start)]
        return make_problem(self.residuals, y=[0.0] * self.samples, w0=w0, name=self.name)


def indices(w: Tensor, last: int) -> Tensor:
    """Return 1, 2, .. last in the precision of w and where it is, shape (last,)."""
    return torch.arange(1, last + 1, dtype=w.dtype, device=w.device)


def constants(w: Tensor, values: tuple[float, ...]) -> Tensor:
    """Return numbers in the precision of w and where it is, shape (len(values),)."""
    return torch.tensor(values, dtype=w.dtype, device=w.device)
