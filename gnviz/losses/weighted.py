"""Squares with weights: ill-conditioned on purpose."""

from __future__ import annotations

import math
from typing import Any

import param

from gnviz.losses.base import Loss
from gnviz.losses.squared import Squared


class Weighted(Loss):
    """g(u) = 1/2 sum_i omega_i (u_i - y_i)^2: ill-conditioned on purpose; e^T G^{-1} e = 2 g.

    The weights fall geometrically along the samples: omega_i = condition^(-i / (n - 1)), i = 0 .. n - 1,
    from 1 to 1 / condition.
    """

    label = "weighted"
    meaning = "squared with weights from 1 to 1/loss.condition: ill-conditioned on purpose"
    rank = 4
    decay_constant = 1.0

    condition = param.Number(
        1e3,
        bounds=(1.0, 1e12),
        doc="Ratio of the largest to the smallest weight, falling geometrically over the samples (weighted).",
    )

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
        return Squared()

    def weights(self, y: Any) -> Any:
        """Return omega, shape (n,), for targets y (n,)."""
        n = len(y)
        exponents = y.new_tensor(range(n)) / max(n - 1, 1)
        return (-math.log(self.condition) * exponents).exp()

    def terms(self, u: Any, y: Any) -> Any:
        """Return omega (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * self.weights(y) * (u - y).square()

    def gradient(self, u: Any, y: Any) -> Any:
        """Return omega (u - y), shape (R, n)."""
        return self.weights(y) * (u - y)

    def curvature(self, u: Any, y: Any) -> Any:
        """Return omega, shape (R, n)."""
        return self.weights(y) * u.new_ones(u.shape)
