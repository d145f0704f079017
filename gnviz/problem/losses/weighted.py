"""Squares with weights: ill-conditioned on purpose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from gnviz import experiment as definition
from gnviz.problem.losses.base import Loss
from gnviz.problem.losses.squared import SquaredLoss


@dataclass(frozen=True)
class WeightedLoss(Loss):
    """g(u) = 1/2 sum_i omega_i (u_i - y_i)^2: ill-conditioned on purpose; e^T G^{-1} e = 2 g.

    The weights fall geometrically along the samples: omega_i = condition^(-i / (n - 1)), i = 0 .. n - 1,
    from 1 to 1 / condition.

    Attributes:
        condition: Ratio of the largest to the smallest weight.
    """

    condition: float = 1e3
    label: ClassVar[str] = "weighted"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @classmethod
    def of(cls, knobs: definition.Loss) -> Self:
        """Return the loss with the experiment's `loss.condition`."""
        return cls(knobs.condition)

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return f"½ Σ ωᵢ(uᵢ − yᵢ)², ω from 1 to {1 / self.condition:.3g}"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    @property
    def plain(self) -> Loss:
        """The squared loss: the weights belong to the training samples."""
        return SquaredLoss()

    def weights(self, y: Tensor) -> Tensor:
        """Return omega, shape (n,), for targets y (n,)."""
        n = len(y)
        exponents = torch.arange(n, dtype=y.dtype, device=y.device) / max(n - 1, 1)
        return torch.exp(-math.log(self.condition) * exponents)

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * self.weights(y) * (u - y).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega (u - y), shape (R, n)."""
        return self.weights(y) * (u - y)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega, shape (R, n)."""
        return self.weights(y) * torch.ones_like(u)
