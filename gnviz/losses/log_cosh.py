"""Robust: squares near the target, absolute errors far out."""

from __future__ import annotations

import math
from typing import Any

from gnviz.losses.base import Loss


class LogCosh(Loss):
    """g(u) = sum_i log cosh r_i with r = u - y: squared near 0, absolute far out.

    e = tanh r, G = 1 / cosh^2 r, so e^2 / G = sinh^2 r. It is at least 2 log cosh r: the difference is 0 at
    r = 0 and has the derivative 2 tanh r sinh^2 r, which has the sign of r (derived).
    """

    label = "log-cosh"
    meaning = "Σ log cosh(u − y): robust, absolute error far out"
    rank = 1
    decay_constant = 1.0

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log cosh(uᵢ − yᵢ)"

    def terms(self, u: Any, y: Any) -> Any:
        """Return log cosh r, shape (R, n), to full relative accuracy near 0 and far out."""
        r = (u - y).abs()
        near = 0.5 * r.clamp(max=1.0).sinh().square().log1p()  # cosh^2 = 1 + sinh^2
        far = r + (-2 * r).exp().log1p() - math.log(2)
        return near.where(r < 1, far)

    def gradient(self, u: Any, y: Any) -> Any:
        """Return tanh r, shape (R, n)."""
        return (u - y).tanh()

    def curvature(self, u: Any, y: Any) -> Any:
        """Return 1 / cosh^2 r, shape (R, n), written so that nothing overflows."""
        q = (-2 * (u - y).abs()).exp()
        return 4 * q / (1 + q).square()
