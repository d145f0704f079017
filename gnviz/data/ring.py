"""Points on the full circle."""

from __future__ import annotations

import math

from gnviz.data.base import Made
from gnviz.data.samples import GRID_POINTS, Given, Samples
from gnviz.data.targets import drawing, on_circle, target_function


class Ring(Made):
    """n evenly spaced points on the full circle, from angle 0."""

    label = "ring"
    meaning = "evenly spaced points on the full circle"
    rank = 1
    named_target = True

    def samples(self, given: Given) -> Samples:
        """Return the points."""
        import torch

        f, theta = target_function(self.target), torch.arange(self.n, dtype=torch.float64)
        theta = theta * (2 * math.pi / self.n)
        grid = torch.linspace(0, 2 * math.pi, 2 * GRID_POINTS, dtype=torch.float64)
        draw = drawing(0.0, 2 * math.pi, on_circle, f)
        names, target = ("cos θ", "sin θ"), "y(θ)"
        return Samples(
            on_circle(theta), f(theta), theta, grid, on_circle(grid), f(grid), names, target, draw=draw
        )
