"""The loss g(u) and its gradient; squared loss, without 1/n."""

from __future__ import annotations

from torch import Tensor


class SquaredLoss:
    """g(u) = 1/2 ||u - y||^2, so e = grad g = u - y and Hess g = I."""

    @staticmethod
    def value(u: Tensor, y: Tensor) -> Tensor:
        """Return g(u), shape (R,), for predictions u (R, n) and targets y (n,)."""
        return 0.5 * (u - y).square().sum(-1)

    @staticmethod
    def gradient(u: Tensor, y: Tensor) -> Tensor:
        """Return e = grad g(u), shape (R, n)."""
        return u - y
