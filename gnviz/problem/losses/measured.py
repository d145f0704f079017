"""Half of chi squared, for targets that are known to sigma."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gnviz.problem.losses.base import Loss
from gnviz.problem.losses.squared import SquaredLoss


@dataclass(frozen=True, eq=False)
class MeasuredLoss(Loss):
    """g(u) = 1/2 sum_i ((u_i - y_i) / sigma_i)^2, half of chi squared; e^T G^{-1} e = 2 g.

    Attributes:
        sigma: Standard deviation of each target's measurement, in units of the targets, shape (n,).
    """

    sigma: Tensor
    label: ClassVar[str] = "squared"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "½ Σ ((uᵢ − yᵢ)/σᵢ)²"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    @property
    def steepest(self) -> float:
        """One over the smallest variance."""
        return self.sigma.min().item() ** -2

    @property
    def plain(self) -> Loss:
        """The squared loss: the deviations belong to the training samples."""
        return SquaredLoss()

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return ((u - y) / sigma)^2 / 2, shape (R, n)."""
        return 0.5 * ((u - y) / self.sigma.to(u)).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (u - y) / sigma^2, shape (R, n)."""
        return (u - y) / self.sigma.to(u).square()

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1 / sigma^2, shape (R, n)."""
        return self.sigma.to(u).square().reciprocal() * torch.ones_like(u)
