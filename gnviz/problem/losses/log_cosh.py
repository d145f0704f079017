"""Robust: squares near the target, absolute errors far out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gnviz.problem.losses.base import Loss


@dataclass(frozen=True)
class LogCoshLoss(Loss):
    """g(u) = sum_i log cosh r_i with r = u - y: squared near 0, absolute far out.

    e = tanh r, G = 1 / cosh^2 r, so e^2 / G = sinh^2 r. It is at least 2 log cosh r: the difference is 0 at
    r = 0 and has the derivative 2 tanh r sinh^2 r, which has the sign of r (derived).
    """

    label: ClassVar[str] = "log-cosh"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log cosh(uᵢ − yᵢ)"

    @property
    def scale(self) -> float:
        """1: where the loss turns from squared to absolute."""
        return 1.0

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return log cosh r, shape (R, n), to full relative accuracy near 0 and far out."""
        r = (u - y).abs()
        near = 0.5 * torch.log1p(torch.sinh(r.clamp(max=1.0)).square())  # cosh^2 = 1 + sinh^2
        far = r + torch.log1p(torch.exp(-2 * r)) - math.log(2)
        return torch.where(r < 1, near, far)

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return tanh r, shape (R, n)."""
        return torch.tanh(u - y)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1 / cosh^2 r, shape (R, n), written so that nothing overflows."""
        q = torch.exp(-2 * (u - y).abs())
        return 4 * q / (1 + q).square()
