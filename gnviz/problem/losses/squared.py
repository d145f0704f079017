"""Half the sum of squares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gnviz.problem.losses.base import Loss


@dataclass(frozen=True)
class SquaredLoss(Loss):
    """g(u) = 1/2 ||u - y||^2, so e = u - y, G = I and e^T G^{-1} e = 2 g."""

    label: ClassVar[str] = "squared"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "½‖u − y‖²"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * (u - y).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return u - y, shape (R, n)."""
        return u - y

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1, shape (R, n)."""
        return torch.ones_like(u - y)
