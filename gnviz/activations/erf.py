"""erf z."""

from __future__ import annotations

import math
from typing import Any

from gnviz.activations.base import Activation


class Erf(Activation):
    """erf z: smooth, from −1 to 1; its infinitely wide kernel is known in closed form."""

    label = "erf"
    meaning = "erf z: smooth, from −1 to 1; its infinitely wide kernel is known in closed form"
    rank = 1

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.erf()

    def slope(self, z: Any, a: Any) -> Any:
        """Return 2 e^(-z^2) / sqrt(pi)."""
        return 2 / math.sqrt(math.pi) * (-z * z).exp()
