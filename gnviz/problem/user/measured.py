"""Half of chi squared, for targets that are known to sigma."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gnviz.losses import Loss
from gnviz.losses.squared import Squared


class Measured(Loss):
    """g(u) = 1/2 sum_i ((u_i - y_i) / sigma_i)^2, half of chi squared; e^T G^{-1} e = 2 g.

    Args:
        sigma: Standard deviation of each target's measurement, in units of the targets, shape (n,).
    """

    label = "squared"
    decay_constant = 1.0

    def __init__(self, sigma: Tensor) -> None:
        super().__init__()
        self.sigma = sigma

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
        return Squared()

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return ((u - y) / sigma)^2 / 2, shape (R, n)."""
        return 0.5 * ((u - y) / self.sigma.to(u)).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (u - y) / sigma^2, shape (R, n)."""
        return (u - y) / self.sigma.to(u).square()

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1 / sigma^2, shape (R, n)."""
        return self.sigma.to(u).square().reciprocal() * torch.ones_like(u)
