"""Systems of as many equations as unknowns, each of which meets only some of them: discretized and banded."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares, indices

BELOW, ABOVE = 5, 1
"""Width of Broyden's band on either side of the diagonal."""


def discrete_boundary_value(w: Tensor) -> Tensor:
    """Return 2 w_i - w_(i-1) - w_(i+1) + h^2 (w_i + t_i + 1)^3 / 2, t_i = i h, h = 1 / (p + 1)."""
    h = 1 / (len(w) + 1)
    ends = pad(w, (1, 1))
    return 2 * w - ends[:-2] - ends[2:] + h**2 * (w + h * indices(w, len(w)) + 1) ** 3 / 2


def discrete_integral(w: Tensor) -> Tensor:
    """Return w_i + h/2 sum_j G_ij (w_j + t_j + 1)^3, G_ij = (1 - max(t_i, t_j)) min(t_i, t_j), t_i = i h."""
    h = 1 / (len(w) + 1)
    t = h * indices(w, len(w))
    green = (1 - torch.maximum(t[:, None], t)) * torch.minimum(t[:, None], t)
    return w + h / 2 * green @ (w + t + 1) ** 3


def broyden_tridiagonal(w: Tensor) -> Tensor:
    """Return (3 - 2 w_i) w_i - w_(i-1) - 2 w_(i+1) + 1, 0 beyond both ends."""
    ends = pad(w, (1, 1))
    return (3 - 2 * w) * w - ends[:-2] - 2 * ends[2:] + 1


def broyden_banded(w: Tensor) -> Tensor:
    """Return w_i (2 + 5 w_i^2) + 1 - sum_j w_j (1 + w_j) over j from i - 5 to i + 1 without i."""
    i = indices(w, len(w))
    ahead = i - i[:, None]
    band = ((ahead >= -BELOW) & (ahead <= ABOVE) & (ahead != 0)).to(w.dtype)
    return w * (2 + 5 * w**2) + 1 - band @ (w * (1 + w))


PARABOLA = tuple(j / 11 * (j / 11 - 1) for j in range(1, 11))
"""t (t - 1) at t = j / (p + 1), p = 10."""

PROBLEMS = (
    LeastSquares("discrete-boundary-value", 28, discrete_boundary_value, 10, PARABOLA),
    LeastSquares("discrete-integral", 29, discrete_integral, 10, PARABOLA),
    LeastSquares("broyden-tridiagonal", 30, broyden_tridiagonal, 10, (-1.0,) * 10),
    LeastSquares("broyden-banded", 31, broyden_banded, 10, (-1.0,) * 10),
)
