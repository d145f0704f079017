"""Least-squares problems of Moré, Garbow and Hillstrom (1981), ACM Trans. Math. Softw. 7(1), 17-41.

Each is a function of the parameters alone, with targets 0, so that the loss g is half the sum of squares that
the paper gives. The sums of squares at the minima are the paper's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.problem.own import OwnProblem, fit_problem


def rosenbrock(w: Tensor) -> Tensor:
    """Return 10 (w2 - w1^2) and 1 - w1."""
    return torch.stack([10 * (w[1] - w[0] ** 2), 1 - w[0]])


def freudenstein_roth(w: Tensor) -> Tensor:
    """Return -13 + w1 + ((5 - w2) w2 - 2) w2 and -29 + w1 + ((w2 + 1) w2 - 14) w2."""
    a, b = w.unbind()
    return torch.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def jennrich_sampson(w: Tensor) -> Tensor:
    """Return 2 + 2 i - (exp(i w1) + exp(i w2)), i = 1 .. 10."""
    i = torch.arange(1, 11, dtype=w.dtype, device=w.device)
    return 2 + 2 * i - (torch.exp(i * w[0]) + torch.exp(i * w[1]))


def brown_dennis(w: Tensor) -> Tensor:
    """Return (w1 + t w2 - exp t)^2 + (w3 + w4 sin t - cos t)^2, t = i / 5, i = 1 .. 20."""
    t = torch.arange(1, 21, dtype=w.dtype, device=w.device) / 5
    return (w[0] + t * w[1] - t.exp()) ** 2 + (w[2] + w[3] * t.sin() - t.cos()) ** 2


@dataclass(frozen=True)
class LeastSquares:
    """One of the paper's problems.

    Attributes:
        residuals: r of the parameters, shape (n,).
        start: The paper's standard start.
        samples: n.
        sum_of_squares: At the minimum that Gauss-Newton methods reach from the start, as published.
    """

    residuals: Callable[[Tensor], Tensor]
    start: tuple[float, ...]
    samples: int
    sum_of_squares: float

    def problem(self) -> OwnProblem:
        """Return the problem, ready to be run."""
        return fit_problem(self.residuals, y=[0.0] * self.samples, w0=self.start)


PROBLEMS = {
    "rosenbrock": LeastSquares(rosenbrock, (-1.2, 1.0), 2, 0.0),
    "freudenstein-roth": LeastSquares(freudenstein_roth, (0.5, -2.0), 2, 48.98425),
    "jennrich-sampson": LeastSquares(jennrich_sampson, (0.3, 0.4), 10, 124.36218),
    "brown-dennis": LeastSquares(brown_dennis, (25.0, 5.0, -5.0, -1.0), 20, 85822.2),
}
