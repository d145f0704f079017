"""Charts: other parameters v of the same surface, bijections of the plane with an inverse in closed form.

They change the metric in which gradient descent is steepest, and nothing of the surface itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from gnviz.experiment.surface import CHARTS

if TYPE_CHECKING:
    from torch import Tensor

Number = TypeVar("Number", float, "Tensor")

Map = Callable[[Number, Number], tuple[Number, Number]]
"""Maps two coordinates to two others: tensors elementwise, or numbers."""

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


def functions(value: Number) -> Any:
    """Return the module that has functions for a value: a page, which has numbers, needs no torch."""
    if isinstance(value, float):
        return math
    import torch

    return torch


def _bend(a: Number, b: Number) -> tuple[Number, Number]:
    return functions(a).sinh(a), b + a * a


def _unbend(a: Number, b: Number) -> tuple[Number, Number]:
    straight = functions(a).asinh(a)
    return straight, b - straight * straight


def _turn(sign: float) -> Map:
    """Return the map that turns each point by sign TWIST |v|^2, which leaves |v| as it is."""

    def turned(a: Number, b: Number) -> tuple[Number, Number]:
        angle = sign * TWIST * (a * a + b * b)
        cos, sin = functions(a).cos(angle), functions(a).sin(angle)
        return a * cos - b * sin, a * sin + b * cos

    return turned


ALL = (
    Chart("plain", lambda a, b: (a, b), lambda a, b: (a, b)),
    Chart("bent", _bend, _unbend),
    Chart("stretched", lambda a, b: (STRETCH * a, b / STRETCH), lambda a, b: (a / STRETCH, b * STRETCH)),
    Chart("twisted", _turn(1.0), _turn(-1.0)),
)


def chart(name: str) -> Chart:
    """Return a chart by its name in `surface.chart`."""
    return next(c for c in ALL if c.name == name)
