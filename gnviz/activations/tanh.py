"""tanh z."""

from __future__ import annotations

from typing import Any

from gnviz.activations.base import Activation


class Tanh(Activation):
    """tanh z: smooth, from −1 to 1."""

    label = "tanh"
    meaning = "tanh z: smooth, from −1 to 1"
    rank = 0

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.tanh()

    def slope(self, z: Any, a: Any) -> Any:
        """Return 1 - a^2."""
        return 1 - a * a

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return -2 a (1 - a^2)."""
        return -2 * a * (1 - a * a)
