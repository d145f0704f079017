"""Pairs of points on a half circle, as close as a wanted condition number asks."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import param

from gnviz.data.base import Made
from gnviz.data.dial import find_separation, most_samples
from gnviz.data.samples import GRID_POINTS, Given, Samples
from gnviz.data.targets import drawing, on_circle, target_function
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    from torch import Tensor


class Circle(Made):
    """n points in pairs: base angles evenly spaced on [0, pi), partners `separation` radians further.

    An odd last point has no partner.
    """

    label = "circle"
    meaning = "pairs on a half circle (the conditioning dial)"
    rank = 0
    named_target = True

    condition = param.Number(
        1e7,
        bounds=(1e2, 1e12),
        allow_None=True,
        doc="Condition number of the kernel at the start, reached by moving the circle's pairs together; "
        "none: use separation.",
    )
    separation = param.Number(
        0.1,
        bounds=(1e-7, 3.0),
        doc="Angle between the partners of a pair, in radians (when condition is none).",
    )

    def samples(self, given: Given) -> Samples:
        """Return the pairs, at the separation that is set or that the condition number asks for."""
        import torch

        separation, reach = self._apart(given)
        f, theta = target_function(self.target), angles(self.n, separation)
        grid = torch.linspace(-0.05, math.pi + 0.05, GRID_POINTS, dtype=torch.float64)
        draw = drawing(0.0, math.pi, on_circle, f)
        names, target = ("cos θ", "sin θ"), "y(θ)"
        return Samples(
            on_circle(theta), f(theta), theta, grid, on_circle(grid), f(grid), names, target, draw=draw,
            reach=reach,
        )  # fmt: skip

    def _apart(self, given: Given) -> tuple[float, dict[str, tuple[float, float]]]:
        """Return the pairs' angle, as set or found by the conditioning dial, and the dial's range."""
        widest = widest_separation(self.n)
        if self.condition is None:
            if self.n > 1 and self.separation >= 2 * widest:
                raise KnobError(
                    f"data.separation = {self.separation:g} would move pairs onto their neighbours; allowed "
                    f"with data.n = {self.n}: below {2 * widest:.4g}"
                )
            return self.separation, {}
        if self.n == 1:
            raise KnobError(
                "data.condition needs pairs of samples, but data.n = 1; set data.condition to none"
            )

        def kappa(separation: float, n: int = self.n) -> float:
            return given.kappa(on_circle(angles(n, separation)))

        def spread(n: int) -> float:
            return kappa(widest_separation(n), n)

        fewer = partial(most_samples, spread, self.condition, self.n)
        found, reach = find_separation(kappa, self.condition, widest, fewer)
        return found, {"data.condition": reach}


def angles(n: int, separation: float) -> Tensor:
    """Return the angles of n points in pairs, shape (n,)."""
    import torch

    bases = torch.arange((n + 1) // 2, dtype=torch.float64) * (math.pi / ((n + 1) // 2))
    return torch.cat([bases, bases + separation])[:n]


def widest_separation(n: int) -> float:
    """Return half the distance between the circle's base angles, where pairs are evenly spread."""
    return math.pi / ((n + 1) // 2) / 2
