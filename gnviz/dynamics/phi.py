"""The functions phi_k of exponential integrators, stable for z <= 0.

phi_0 = e^z, phi_{k+1}(z) = (phi_k(z) - 1/k!) / z (Hochbruck and Ostermann, Acta Numerica 2010).
"""

from __future__ import annotations

import torch
from torch import Tensor

SERIES_BELOW = 0.3
"""|z| under which phi_3 uses its Taylor series: 12 terms there leave less than 1e-16."""


def phi1(z: Tensor) -> Tensor:
    """Return (e^z - 1)/z, and 1 at z = 0."""
    safe = torch.where(z == 0, 1.0, z)
    return torch.where(z == 0, 1.0, torch.expm1(z) / safe)


def phi3(z: Tensor) -> Tensor:
    """Return (e^z - 1 - z - z^2/2)/z^3, and 1/6 at z = 0."""
    near = z.abs() < SERIES_BELOW
    safe = torch.where(near, 1.0, z)
    far = ((torch.expm1(safe) / safe - 1) / safe - 0.5) / safe
    term = torch.full_like(z, 1 / 6)
    series = term.clone()
    small = torch.where(near, z, 0.0)
    for k in range(4, 16):
        term = term * small / k
        series = series + term
    return torch.where(near, series, far)
