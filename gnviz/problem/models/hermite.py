"""Expectations of an activation under a normal law, by its Hermite series.

For z and z' normal about 0, of deviations s and s' and correlation r,

    E[sigma(z) sigma(z')] = sum_k a_k(s) a_k(s') r^k        a_k(s) = E[sigma(s h) he_k(h)], h standard normal,

he_k being Hermite's polynomials of norm 1 (Mehler 1866; for kernels Daniely et al. 2016). The a_k of an
analytic activation fall as exp(-d sqrt(k)), the faster the further its poles are from the axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from gnviz.activations.base import Activation

TERMS = 256
"""Of the series."""

REACH, NODES = 13.0, 1301
"""Where the integrals' even grid ends, in deviations, and its points: the trapezoidal rule is exact there to
rounding."""

TAIL = 1e-10
"""Largest share of the second moment that the terms left out may have."""


def expectations(sigma: Activation, q: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return E[sigma(z) sigma(z')^T] and E[sigma'(z) sigma'(z')^T] for z normal about 0.

    Args:
        sigma: Smooth; of others None is returned.
        q: The covariance of z, shape (n, n), with a positive diagonal.

    Returns:
        Two tensors like q; None where `TERMS` terms are not enough, as for large deviations.
    """
    if not sigma.smooth:
        return None
    value, slope = (_product(of, q) for of in (sigma.value, lambda z: sigma.slope(z, sigma.value(z))))
    return None if value is None or slope is None else (value, slope)


def _product(function: Callable[[Tensor], Tensor], q: Tensor) -> Tensor | None:
    """Return E[f(z) f(z')^T], shape (n, n)."""
    nodes, density, basis = _grid()
    deviations = q.diagonal().sqrt()
    values = function(deviations[:, None] * nodes.to(q))
    series = values @ basis.to(q)
    moment = values.square() @ density.to(q)
    if not bool(((moment - series.square().sum(1)).abs() <= TAIL * moment).all()):
        return None
    correlation = (q / deviations[:, None] / deviations).clamp(-1, 1)
    total = torch.zeros_like(q)
    for a in reversed(series.unbind(1)):
        total = total * correlation + a[:, None] * a
    return total


@cache
def _grid() -> tuple[Tensor, Tensor, Tensor]:
    """Return the nodes h and their weights, shape (NODES,), and he_k(h) by weight, shape (NODES, TERMS)."""
    h = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    density = torch.exp(-h * h / 2) / math.sqrt(2 * math.pi) * (h[1] - h[0])
    columns = [torch.ones_like(h), h]
    for k in range(2, TERMS):
        columns.append((h * columns[-1] - math.sqrt(k - 1) * columns[-2]) / math.sqrt(k))
    return h, density, torch.stack(columns, 1) * density[:, None]
