"""Charts: other parameters v of the same surface, bijections of the plane with an inverse in closed form.

They change the metric in which gradient descent is steepest, and nothing of the surface itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.surface import CHARTS

Map = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Maps two coordinates to two others, elementwise."""

STRETCH = 3.0
"""Factor of one axis, and of the other inversely: the ratio of the two is 9."""

TWIST = 0.25
"""Angle by which a point at distance 1 is turned: twice that of the identity's own curvature at |v| = 2."""


@dataclass(frozen=True)
class Chart:
    """A bijection of the plane.

    Attributes:
        name: As in `surface.chart`.
        base: Maps v to the base coordinates w.
        inverse: Maps w to v.
    """

    name: str
    base: Map
    inverse: Map

    @property
    def formula(self) -> str:
        """The map in words."""
        return CHARTS[self.name]


def _turn(sign: float) -> Map:
    """Return the map that turns each point by sign TWIST |v|^2, which leaves |v| as it is."""

    def turned(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        angle = sign * TWIST * (a.square() + b.square())
        return a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()

    return turned


ALL = (
    Chart("plain", lambda a, b: (a, b), lambda a, b: (a, b)),
    Chart(
        "bent",
        lambda a, b: (torch.sinh(a), b + a.square()),
        lambda a, b: (torch.asinh(a), b - torch.asinh(a).square()),
    ),
    Chart("stretched", lambda a, b: (STRETCH * a, b / STRETCH), lambda a, b: (a / STRETCH, b * STRETCH)),
    Chart("twisted", _turn(1.0), _turn(-1.0)),
)


def chart(name: str) -> Chart:
    """Return a chart by its name in `surface.chart`."""
    return next(c for c in ALL if c.name == name)
