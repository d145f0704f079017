"""z Φ(z)."""

from __future__ import annotations

import math
from typing import Any

from gnviz.activations.base import Activation


class Gelu(Activation):
    """z Φ(z), Φ the normal distribution: a smooth ramp with a dip."""

    label = "gelu"
    meaning = "z Φ(z), Φ the normal distribution: a smooth ramp with a dip"
    rank = 4

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z * _normal_cdf(z)

    def slope(self, z: Any, a: Any) -> Any:
        """Return Phi(z) + z phi(z)."""
        return _normal_cdf(z) + z * (-0.5 * z * z).exp() / math.sqrt(2 * math.pi)

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return (2 - z^2) phi(z)."""
        return (2 - z * z) * (-0.5 * z * z).exp() / math.sqrt(2 * math.pi)


def _normal_cdf(z: Any) -> Any:
    return 0.5 * (-z / math.sqrt(2)).erfc()  # erfc: no cancellation for large negative z
