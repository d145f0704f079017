"""max(0, z)."""

from __future__ import annotations

import math
from typing import Any

from gnviz.activations.base import Activation


class Relu(Activation):
    """max(0, z): a ramp with a kink at 0, where its slope counts as 0.

    As a neuron switches, the kernel jumps. So there is no flow to be followed to an accuracy, nor a
    certificate that holds between two of its moments: networks with it are trained in discrete steps.
    """

    label = "relu"
    meaning = "max(0, z): a ramp with a kink, where the kernel jumps (discrete steps only)"
    rank = 7
    smooth = False

    def value(self, z: Any) -> Any:
        """Return sigma(z)."""
        return z.relu()

    def slope(self, z: Any, a: Any) -> Any:
        """Return 1 where z > 0, else 0."""
        return (z > 0).to(z.dtype)

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return 0, also at the kink."""
        return z * 0

    def expectations(self, q: Any) -> tuple[Any, Any]:
        """Return sqrt(q_ii q_jj) (sin t + (pi - t) cos t) / (2 pi) and (pi - t) / (2 pi), t the angle.

        The arc-cosine kernels of Cho and Saul (2009), with cos t = q_ij / sqrt(q_ii q_jj).
        """
        size = q.diagonal().sqrt()
        size = size[:, None] * size
        angle = (q / size).clamp(-1, 1).arccos().fill_diagonal_(0.0)
        slope = (math.pi - angle) / (2 * math.pi)
        return size * (angle.sin() / (2 * math.pi) + slope * angle.cos()), slope
