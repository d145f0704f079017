"""1/(1 + e^−z)."""

from __future__ import annotations

from typing import Any

from gnviz.activations.base import Activation


class Sigmoid(Activation):
    """1/(1 + e^−z): from 0 to 1."""

    label = "sigmoid"
    meaning = "1/(1 + e^−z): from 0 to 1"
    rank = 2

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.sigmoid()

    def slope(self, z: Any, a: Any) -> Any:
        """Return a (1 - a)."""
        return a * (1 - a)

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return a (1 - a) (1 - 2 a)."""
        return a * (1 - a) * (1 - 2 * a)
