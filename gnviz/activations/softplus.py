"""log(1 + e^z)."""

from __future__ import annotations

from typing import Any

from gnviz.activations.base import Activation


class Softplus(Activation):
    """log(1 + e^z): a smooth ramp."""

    label = "softplus"
    meaning = "log(1 + e^z): a smooth ramp"
    rank = 3

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.logaddexp(z.new_zeros(()))  # torch's softplus is cut off at z = 20

    def slope(self, z: Any, a: Any) -> Any:
        """Return the logistic function."""
        return z.sigmoid()

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return s (1 - s), s the logistic function."""
        s = z.sigmoid()
        return s * (1 - s)
