"""Small systems: two to four equations or a few more, in two to four unknowns."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares, constants, indices

BEALE = (1.5, 2.25, 2.625)


def rosenbrock(w: Tensor) -> Tensor:
    """Return 10 (w2 - w1^2) and 1 - w1."""
    return torch.stack([10 * (w[1] - w[0] ** 2), 1 - w[0]])


def freudenstein_roth(w: Tensor) -> Tensor:
    """Return -13 + w1 + ((5 - w2) w2 - 2) w2 and -29 + w1 + ((w2 + 1) w2 - 14) w2."""
    a, b = w.unbind()
    return torch.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def powell_badly_scaled(w: Tensor) -> Tensor:
    """Return 10^4 w1 w2 - 1 and exp(-w1) + exp(-w2) - 1.0001."""
    return torch.stack([1e4 * w[0] * w[1] - 1, torch.exp(-w[0]) + torch.exp(-w[1]) - 1.0001])


def brown_badly_scaled(w: Tensor) -> Tensor:
    """Return w1 - 10^6, w2 - 2 10^-6 and w1 w2 - 2."""
    return torch.stack([w[0] - 1e6, w[1] - 2e-6, w[0] * w[1] - 2])


def beale(w: Tensor) -> Tensor:
    """Return y_i - w1 (1 - w2^i), i = 1 .. 3."""
    powers = torch.stack([w[1], w[1] ** 2, w[1] ** 3])
    return constants(w, BEALE) - w[0] * (1 - powers)


def helical_valley(w: Tensor) -> Tensor:
    """Return 10 (w3 - 10 theta), 10 (r - 1) and w3, with r, 2 pi theta the polar coordinates of (w1, w2).

    theta = arctan(w2 / w1) / (2 pi), and half a turn more where w1 < 0: from -1/4 to 3/4.
    """
    left = w[0] < 0
    side = torch.where(left, -1.0, 1.0).to(w.dtype)
    theta = torch.atan2(side * w[1], side * w[0]) / (2 * math.pi) + torch.where(left, 0.5, 0.0).to(w.dtype)
    radius = (w[0] ** 2 + w[1] ** 2).sqrt()
    return torch.stack([10 * (w[2] - 10 * theta), 10 * (radius - 1), w[2]])


def powell_singular(w: Tensor) -> Tensor:
    """Return w1 + 10 w2, sqrt(5) (w3 - w4), (w2 - 2 w3)^2 and sqrt(10) (w1 - w4)^2; rank 2 at the root."""
    a, b, c, d = w.unbind()
    return torch.stack([a + 10 * b, math.sqrt(5) * (c - d), (b - 2 * c) ** 2, math.sqrt(10) * (a - d) ** 2])


def wood(w: Tensor) -> Tensor:
    """Return two valleys of Rosenbrock, of weights 10 and sqrt(90), and two equations that couple them."""
    a, b, c, d = w.unbind()
    first = [10 * (b - a**2), 1 - a, math.sqrt(90) * (d - c**2), 1 - c]
    return torch.stack([*first, math.sqrt(10) * (b + d - 2), (b - d) / math.sqrt(10)])


def box(w: Tensor) -> Tensor:
    """Return exp(-t w1) - exp(-t w2) - w3 (exp(-t) - exp(-10 t)), t = i / 10, i = 1 .. 10.

    Its roots are (1, 10, 1), (10, 1, -1) and, with w3 = 0, every w1 = w2.
    """
    t = indices(w, 10) / 10
    return torch.exp(-t * w[0]) - torch.exp(-t * w[1]) - w[2] * (torch.exp(-t) - torch.exp(-10 * t))


def jennrich_sampson(w: Tensor) -> Tensor:
    """Return 2 + 2 i - (exp(i w1) + exp(i w2)), i = 1 .. 10."""
    i = indices(w, 10)
    return 2 + 2 * i - (torch.exp(i * w[0]) + torch.exp(i * w[1]))


def brown_dennis(w: Tensor) -> Tensor:
    """Return (w1 + t w2 - exp t)^2 + (w3 + w4 sin t - cos t)^2, t = i / 5, i = 1 .. 20."""
    t = indices(w, 20) / 5
    return (w[0] + t * w[1] - t.exp()) ** 2 + (w[2] + w[3] * t.sin() - t.cos()) ** 2


PROBLEMS = (
    LeastSquares("rosenbrock", 1, rosenbrock, 2, (-1.2, 1.0)),
    LeastSquares("freudenstein-roth", 2, freudenstein_roth, 2, (0.5, -2.0), 48.98425368, (0.0,)),
    LeastSquares("powell-badly-scaled", 3, powell_badly_scaled, 2, (0.0, 1.0)),
    LeastSquares("brown-badly-scaled", 4, brown_badly_scaled, 3, (1.0, 1.0)),
    LeastSquares("beale", 5, beale, 3, (1.0, 1.0)),
    LeastSquares("jennrich-sampson", 6, jennrich_sampson, 10, (0.3, 0.4), 124.3621823556),
    LeastSquares("helical-valley", 7, helical_valley, 3, (-1.0, 0.0, 0.0)),
    LeastSquares("box", 12, box, 10, (0.0, 10.0, 20.0)),
    LeastSquares("powell-singular", 13, powell_singular, 4, (3.0, -1.0, 0.0, 1.0)),
    LeastSquares("wood", 14, wood, 6, (-3.0, -1.0, -3.0, -1.0)),
    LeastSquares("brown-dennis", 16, brown_dennis, 20, (25.0, 5.0, -5.0, -1.0), 85822.20162636),
)
