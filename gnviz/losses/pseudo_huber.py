"""Robust: absolute errors beyond a length of one's choice."""

from __future__ import annotations

from typing import Any

import param

from gnviz.losses.base import Loss


class PseudoHuber(Loss):
    """g(u) = sum_i delta^2 (sqrt(1 + s_i^2) - 1) with s = (u - y) / delta.

    e = r / sqrt(1 + s^2) and G = (1 + s^2)^{-3/2}, r = u - y, so e^2 / G = r^2 sqrt(1 + s^2) >= r^2, and
    2 g = 2 r^2 / (1 + sqrt(1 + s^2)) <= r^2 (derived).
    """

    label = "pseudo-huber"
    meaning = "robust, absolute error beyond loss.delta"
    rank = 2
    decay_constant = 1.0

    delta = param.Number(
        1.0, bounds=(1e-3, 1e3), doc="Residual beyond which the error counts as absolute (pseudo-huber)."
    )

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return f"Σ δ²(√(1 + (uᵢ − yᵢ)²/δ²) − 1), δ = {self.delta:g}"

    @property
    def scale(self) -> float:
        """Delta."""
        return self.delta

    def terms(self, u: Any, y: Any) -> Any:
        """Return delta^2 (sqrt(1 + s^2) - 1), shape (R, n), as r (r / (1 + sqrt(1 + s^2)))."""
        r = u - y
        return r * (r / (1 + self._root(r)))

    def gradient(self, u: Any, y: Any) -> Any:
        """Return r / sqrt(1 + s^2), shape (R, n)."""
        r = u - y
        return r / self._root(r)

    def curvature(self, u: Any, y: Any) -> Any:
        """Return (1 + s^2)^{-3/2}, shape (R, n)."""
        return self._root(u - y).reciprocal().pow(3)

    def _root(self, r: Any) -> Any:
        """Return sqrt(1 + s^2) without overflow."""
        return r.new_ones(r.shape).hypot(r / self.delta)
