"""A circle in a circle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gnviz.data.two_classes import TwoClasses

if TYPE_CHECKING:
    from torch import Tensor

INNER = 0.5
"""Radius of the inner circle; the outer one's is 1."""


class Circles(TwoClasses):
    """Two circles about the origin: the inner one, radius 1/2, has target 1, the outer one, radius 1, -1."""

    label = "circles"
    meaning = "a circle in a circle, of opposite labels"
    rank = 7
    closed = True

    def curve(self, along: Tensor, label: float) -> Tensor:
        """Return r (cos t, sin t) for t from 0 to 2 pi, r = INNER or 1, shape (m, 2)."""
        import torch

        t = 2 * math.pi * along
        return (INNER if label > 0 else 1.0) * torch.stack([t.cos(), t.sin()], 1)
