"""Half the sum of squares."""

from __future__ import annotations

import math
from typing import Any

from gnviz.losses.base import Loss


class Squared(Loss):
    """g(u) = 1/2 ||u - y||^2, so e = u - y, G = I and e^T G^{-1} e = 2 g."""

    label = "squared"
    meaning = "½‖u − y‖²"
    rank = 0
    decay_constant = 1.0
    flat = True

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    def terms(self, u: Any, y: Any) -> Any:
        """Return (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * (u - y).square()

    def gradient(self, u: Any, y: Any) -> Any:
        """Return u - y, shape (R, n)."""
        return u - y

    def curvature(self, u: Any, y: Any) -> Any:
        """Return 1, shape (R, n)."""
        return u.new_ones(u.shape)
