"""Two half moons that reach into each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gnviz.data.two_classes import TwoClasses

if TYPE_CHECKING:
    from torch import Tensor

RADIUS = 2 / 3
"""Of both half circles: then no input has a norm above 1.02."""


class Moons(TwoClasses):
    """Two half circles of radius 2/3: the upper one about (-1/3, -1/6), the lower one about (1/3, 1/6).

    Each reaches into the other. The lower one, of target -1, is the upper one turned by half a turn.
    """

    label = "moons"
    meaning = "two half moons that reach into each other, of opposite labels"
    rank = 5

    def curve(self, along: Tensor, label: float) -> Tensor:
        """Return label (RADIUS (cos t, sin t) - (1/3, 1/6)) for t from 0 to pi, shape (m, 2)."""
        import torch

        t = math.pi * along
        return label * torch.stack([RADIUS * t.cos() - 1 / 3, RADIUS * t.sin() - 1 / 6], 1)
