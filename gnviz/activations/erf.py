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

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return -4 z e^(-z^2) / sqrt(pi)."""
        return -4 / math.sqrt(math.pi) * z * (-z * z).exp()

    def expectations(self, q: Any) -> tuple[Any, Any]:
        """Return (2/pi) arcsin(2 q_ij / r_ij) and (4/pi) (r_ij^2 - 4 q_ij^2)^(-1/2).

        There r_ij^2 = (1 + 2 q_ii)(1 + 2 q_jj): Williams (1997), and its derivative.
        """
        own = 1 + 2 * q.diagonal()
        squares = own[:, None] * own
        value = 2 / math.pi * (2 * q / squares.sqrt()).arcsin()
        return value, 4 / math.pi / (squares - 4 * q * q).sqrt()
