"""Functions of any number of parameters: valleys, penalties and polynomials."""

from __future__ import annotations

import math
from functools import partial, reduce
from operator import mul

import torch
from torch import Tensor

from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares, indices

SMALL = math.sqrt(1e-5)
"""Weight of the penalties' first residuals."""


def watson(w: Tensor) -> Tensor:
    """Return s' - s^2 - 1 at t = i / 29, i = 1 .. 29, s = sum_j w_j t^(j-1); then w1 and w2 - w1^2 - 1."""
    t, power = indices(w, 29)[:, None] / 29, indices(w, len(w)) - 1
    slope = t ** power[:-1] @ (power[1:] * w[1:])
    return torch.cat([slope - (t**power @ w) ** 2 - 1, w[:1], w[1:2] - w[:1] ** 2 - 1])


def extended_rosenbrock(w: Tensor) -> Tensor:
    """Return 10 (w_2i - w_(2i-1)^2) and 1 - w_(2i-1), i = 1 .. p/2."""
    a, b = w[::2], w[1::2]
    return torch.stack([10 * (b - a**2), 1 - a], dim=1).flatten()


def extended_powell_singular(w: Tensor) -> Tensor:
    """Return Powell's singular function of every four parameters."""
    a, b, c, d = w[::4], w[1::4], w[2::4], w[3::4]
    rows = [a + 10 * b, math.sqrt(5) * (c - d), (b - 2 * c) ** 2, math.sqrt(10) * (a - d) ** 2]
    return torch.stack(rows, dim=1).flatten()


def penalty_1(w: Tensor) -> Tensor:
    """Return 10^-5/2 (w_i - 1), i = 1 .. p, and ||w||^2 - 1/4."""
    return torch.cat([SMALL * (w - 1), w.square().sum()[None] - 0.25])


def penalty_2(w: Tensor) -> Tensor:
    """Return 2p residuals: w1 - 0.2, exponentials of w in pairs and alone, and sum_j (p - j + 1) w_j^2 - 1.

    The pairs are 10^-5/2 (exp(w_i / 10) + exp(w_(i-1) / 10) - exp(i / 10) - exp((i - 1) / 10)), i = 2 .. p,
    those alone 10^-5/2 (exp(w_i / 10) - exp(-1 / 10)).
    """
    i, e = indices(w, len(w)), torch.exp(w / 10)
    y = torch.exp(i / 10)
    pairs, alone = e[1:] + e[:-1] - y[1:] - y[:-1], e[1:] - math.exp(-0.1)
    last = ((len(w) - i + 1) * w**2).sum()[None] - 1
    return torch.cat([w[:1] - 0.2, SMALL * pairs, SMALL * alone, last])


def variably_dimensioned(w: Tensor) -> Tensor:
    """Return w_i - 1, i = 1 .. p, then s = sum_j j (w_j - 1) and s^2."""
    s = (indices(w, len(w)) * (w - 1)).sum()[None]
    return torch.cat([w - 1, s, s**2])


def trigonometric(w: Tensor) -> Tensor:
    """Return p - sum_j cos w_j + i (1 - cos w_i) - sin w_i, i = 1 .. p.

    The paper lists the root only; with p = 10 MINPACK ends at another minimum, 2.79506e-5.
    """
    return len(w) - w.cos().sum() + indices(w, len(w)) * (1 - w.cos()) - w.sin()


def brown_almost_linear(w: Tensor) -> Tensor:
    """Return w_i + sum_j w_j - (p + 1), i = 1 .. p - 1, and the product of all w_j, less 1."""
    product = reduce(mul, w.unbind())  # torch.prod looks at values to differentiate
    return torch.cat([w[:-1] + w.sum() - (len(w) + 1), product[None] - 1])


def chebyquad(w: Tensor, samples: int) -> Tensor:
    """Return mean_j T_i(w_j) - int_0^1 T_i, i = 1 .. n, for the Chebyshev polynomials T_i on [0, 1]."""
    x = 2 * w - 1
    t = torch.stack([torch.ones_like(x), x])
    while len(t) <= samples:  # T_(k+j) = 2 T_k T_j - T_(k-j), j = 1 .. k
        t = torch.cat([t, 2 * t[-1] * t[1:] - t[:-1].flip(0)])
    i = indices(w, samples)
    even = 1 - i % 2
    return t[1 : samples + 1].mean(1) + even / (i**2 - even)


def _watson(p: int, least: float) -> LeastSquares:
    return LeastSquares(f"watson-{p}", 20, watson, 31, (0.0,) * p, least)


def _penalty_1(p: int, least: float) -> LeastSquares:
    return LeastSquares(f"penalty-1-{p}", 23, penalty_1, p + 1, tuple(float(j + 1) for j in range(p)), least)


def _penalty_2(p: int, least: float) -> LeastSquares:
    return LeastSquares(f"penalty-2-{p}", 24, penalty_2, 2 * p, (0.5,) * p, least)


def _chebyquad(p: int, least: float) -> LeastSquares:
    start = tuple((j + 1) / (p + 1) for j in range(p))
    return LeastSquares(f"chebyquad-{p}", 35, partial(chebyquad, samples=p), p, start, least)


PROBLEMS = (
    _watson(6, 2.287670053552e-3),
    _watson(9, 1.399760138094e-6),
    _watson(12, 4.72238110e-10),
    LeastSquares("extended-rosenbrock", 21, extended_rosenbrock, 10, (-1.2, 1.0) * 5),
    LeastSquares("extended-powell-singular", 22, extended_powell_singular, 12, (3.0, -1.0, 0.0, 1.0) * 3),
    _penalty_1(4, 2.2499775009e-5),
    _penalty_1(10, 7.08765146709e-5),
    _penalty_2(4, 9.376293007355e-6),
    _penalty_2(10, 2.936605374567e-4),
    LeastSquares(
        "variably-dimensioned", 25, variably_dimensioned, 12, tuple(1 - (j + 1) / 10 for j in range(10))
    ),
    LeastSquares("trigonometric", 26, trigonometric, 10, (0.1,) * 10),
    LeastSquares("brown-almost-linear", 27, brown_almost_linear, 10, (0.5,) * 10, 0.0, (1.0,)),
    _chebyquad(8, 3.516873725678e-3),
    _chebyquad(9, 0.0),
    _chebyquad(10, 6.503954800882e-3),
)
