"""The functions phi_k of exponential integrators, stable for z <= 0.

phi_0 = e^z, phi_{k+1}(z) = (phi_k(z) - 1/k!) / z (Hochbruck and Ostermann, Acta Numerica 2010).
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

SERIES_BELOW = 1.0
"""|z| under which the Taylor series is used; the recursion, which divides by z, is stable above."""

TERMS = 18
"""Terms of the series: the next one is below 1 / 18! = 2e-16 of the sum."""


def phis(z: Tensor, last: int) -> Tensor:
    """Return phi_0(z), ..., phi_last(z), shape (last + 1, ...), for z <= 0 of shape (...)."""
    near = z > -SERIES_BELOW
    far = _recursion(torch.where(near, -SERIES_BELOW, z), last)
    return torch.where(near, _series(torch.where(near, z, 0.0), last), far)


def _recursion(z: Tensor, last: int) -> Tensor:
    """Return phi_0, ... by the definition, phi_1 without cancellation."""
    values = [torch.exp(z), torch.expm1(z) / z]
    for k in range(1, last):
        values.append((values[-1] - 1 / math.factorial(k)) / z)
    return torch.stack(values[: last + 1])


def _series(z: Tensor, last: int) -> Tensor:
    """Return the sums over j of z^j / (j + k)!."""
    exponents, table = _table(last, z.dtype, z.device)
    return (z[..., None] ** exponents @ table).movedim(-1, 0)


@lru_cache(maxsize=32)
def _table(last: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the exponents j, shape (TERMS,), and 1 / (j + k)!, shape (TERMS, last + 1)."""
    table = [[1 / math.factorial(j + k) for k in range(last + 1)] for j in range(TERMS)]
    return torch.arange(TERMS, device=device), torch.tensor(table, dtype=dtype, device=device)
