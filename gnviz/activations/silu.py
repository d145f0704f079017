"""z/(1 + e^−z)."""

from __future__ import annotations

from typing import Any

from gnviz.activations.base import Activation


class Silu(Activation):
    """z/(1 + e^−z): a smooth ramp with a dip."""

    label = "silu"
    meaning = "z/(1 + e^−z): a smooth ramp with a dip"
    rank = 5

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z * z.sigmoid()

    def slope(self, z: Any, a: Any) -> Any:
        """Return s (1 + z (1 - s)), s the logistic function."""
        s = z.sigmoid()
        return s + a * (1 - s)

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return s (1 - s) (2 + z (1 - 2 s)), s the logistic function."""
        s = z.sigmoid()
        return s * (1 - s) * (2 + z * (1 - 2 * s))
