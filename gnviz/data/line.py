"""Points on an interval."""

from __future__ import annotations

import math

from gnviz.data.base import Made
from gnviz.data.samples import GRID_POINTS, Given, Samples
from gnviz.data.targets import drawing, target_function


class Line(Made):
    """n evenly spaced points on [-1, 1]; the target's angle is theta = pi x / 2."""

    label = "line"
    meaning = "evenly spaced points on [-1, 1]"
    rank = 2
    named_target = True

    def samples(self, given: Given) -> Samples:
        """Return the points."""
        import torch

        n, f = self.n, target_function(self.target)
        x = torch.linspace(-1, 1, n, dtype=torch.float64) if n > 1 else torch.zeros(1, dtype=torch.float64)
        grid = torch.linspace(-1.05, 1.05, GRID_POINTS, dtype=torch.float64)
        y, truth = f(x * math.pi / 2), f(grid * math.pi / 2)
        draw = drawing(-1.0, 1.0, lambda at: at[:, None], lambda at: f(at * math.pi / 2))
        return Samples(x[:, None], y, x, grid, grid[:, None], truth, ("x",), "y(x)", draw=draw)
