"""Two spirals around each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gnviz.data.two_classes import TwoClasses

if TYPE_CHECKING:
    from torch import Tensor

TURNS = 1.5
"""Of each spiral."""

INNER = 0.15
"""Where the spirals begin, in units of where they end: the centre belongs to neither."""


class Spirals(TwoClasses):
    """Two arms of an Archimedean spiral, of 1.5 turns, from radius 0.15 to radius 1.

    Their radius grows with the angle. The second arm, of target -1, is the first turned by half a turn; along
    the square of the radius points are evenly spaced, and so nearly are they along the arm.
    """

    label = "spirals"
    meaning = "two spirals around each other, of opposite labels"
    rank = 6

    def curve(self, along: Tensor, label: float) -> Tensor:
        """Return label r (cos 2 pi TURNS r, sin 2 pi TURNS r) for r^2 from INNER^2 to 1, shape (m, 2)."""
        import torch

        r = (INNER**2 + (1 - INNER**2) * along).sqrt()
        t = 2 * math.pi * TURNS * r
        return label * r[:, None] * torch.stack([t.cos(), t.sin()], 1)
