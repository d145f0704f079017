"""Robust: absolute errors beyond a length of one's choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from gnviz import experiment as definition
from gnviz.problem.losses.base import Loss


@dataclass(frozen=True)
class PseudoHuberLoss(Loss):
    """g(u) = sum_i delta^2 (sqrt(1 + s_i^2) - 1) with s = (u - y) / delta.

    e = r / sqrt(1 + s^2) and G = (1 + s^2)^{-3/2}, r = u - y, so e^2 / G = r^2 sqrt(1 + s^2) >= r^2, and
    2 g = 2 r^2 / (1 + sqrt(1 + s^2)) <= r^2 (derived).

    Attributes:
        delta: Residual at which the loss turns from squared to absolute.
    """

    delta: float = 1.0
    label: ClassVar[str] = "pseudo-huber"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @classmethod
    def of(cls, knobs: definition.Loss) -> Self:
        """Return the loss with the experiment's `loss.delta`."""
        return cls(knobs.delta)

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return f"Σ δ²(√(1 + (uᵢ − yᵢ)²/δ²) − 1), δ = {self.delta:g}"

    @property
    def scale(self) -> float:
        """Delta."""
        return self.delta

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return delta^2 (sqrt(1 + s^2) - 1), shape (R, n), as r (r / (1 + sqrt(1 + s^2)))."""
        r = u - y
        return r * (r / (1 + self._root(r)))

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return r / sqrt(1 + s^2), shape (R, n)."""
        r = u - y
        return r / self._root(r)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (1 + s^2)^{-3/2}, shape (R, n)."""
        return self._root(u - y).reciprocal().pow(3)

    def _root(self, r: Tensor) -> Tensor:
        """Return sqrt(1 + s^2) without overflow."""
        return torch.hypot(torch.ones_like(r), r / self.delta)
