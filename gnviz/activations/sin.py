"""sin z."""

from __future__ import annotations

from typing import Any

from gnviz.activations.base import Activation


class Sin(Activation):
    """sin z: periodic."""

    label = "sin"
    meaning = "sin z: periodic"
    rank = 6

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.sin()

    def slope(self, z: Any, a: Any) -> Any:
        """Return cos z."""
        return z.cos()

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return -a."""
        return -a
