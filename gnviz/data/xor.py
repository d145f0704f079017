"""Exclusive or: four corners of a square, which no straight line divides."""

from __future__ import annotations

import math

from gnviz.data.base import DataSet
from gnviz.data.samples import Given, Samples


class Xor(DataSet):
    """The corners (±1, ±1)/sqrt(2), of norm 1, with the target -sign(x1 x2): -1 where both are alike."""

    label = "xor"
    meaning = "exclusive or: the corners of a square, of opposite signs in turn"
    rank = 4

    def samples(self, given: Given) -> Samples:
        """Return the corners."""
        import torch

        signs = torch.tensor([[1, 1], [-1, 1], [-1, -1], [1, -1]], dtype=torch.float64)
        empty = torch.empty(0, dtype=torch.float64)
        grid_x = torch.empty(0, 2, dtype=torch.float64)
        y = -signs.prod(1)
        names, target = ("x1", "x2"), "x1 xor x2"
        return Samples(signs / math.sqrt(2), y, empty, empty, grid_x, empty, names, target, measured=y)
