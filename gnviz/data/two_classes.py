"""Two classes in the plane: what the data sets of two curves, one for each label, share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gnviz.data.base import Made
from gnviz.data.samples import Given, Samples

if TYPE_CHECKING:
    from torch import Tensor

LEVEL = -1e-12
"""Predictions from which a label is 1, else -1: what is 0 but for rounding is so in any order of adding."""


class TwoClasses(Made):
    """n points on two curves, half of them on each, with targets 1 on the first curve and -1 on the second.

    They are evenly spaced in the curve's parameter, class by class; an odd last point is of the first class.
    `noise` moves inputs, not targets: labels stay labels. Held-out samples are drawn alike, but at random
    places along the curves, half of them on each.

    Attributes:
        closed: Whether the curves end where they begin.
    """

    closed: ClassVar[bool] = False
    moves_inputs = True

    def curve(self, along: Tensor, label: float) -> Tensor:
        """Return points of one class's curve.

        Args:
            along: Shares of its parameter's range, from 0 to 1, shape (m,).
            label: 1 or -1.

        Returns:
            Inputs of norm about 1 at most, shape (m, 2).
        """
        raise NotImplementedError

    def samples(self, given: Given) -> Samples:
        """Return the points, with their noise."""
        import torch

        first, second = (self.n + 1) // 2, self.n // 2
        ends = (lambda k: 1 - 1 / max(k, 1)) if self.closed else (lambda k: 1.0)
        along = [torch.linspace(0, ends(k), k, dtype=torch.float64) for k in (first, second)]
        x, y = self._placed(along, given.generator)

        def draw(count: int, generator: Any) -> tuple[Tensor, Tensor]:
            sizes = ((count + 1) // 2, count // 2)
            places = [torch.rand(k, generator=generator, dtype=torch.float64) for k in sizes]
            return self._placed(places, generator)

        empty = torch.empty(0, dtype=torch.float64)
        grid_x = torch.empty(0, 2, dtype=torch.float64)
        return Samples(x, y, empty, empty, grid_x, empty, ("x1", "x2"), "class", draw=draw)

    def _placed(self, along: list[Tensor], generator: Any) -> tuple[Tensor, Tensor]:
        """Return the inputs at places along both curves, moved by the noise, and their labels."""
        import torch

        x = torch.cat([self.curve(at, label) for at, label in zip(along, (1.0, -1.0), strict=True)])
        y = torch.cat([torch.ones_like(along[0]), -torch.ones_like(along[1])])
        if self.noise:
            x = x + self.noise * torch.randn(x.shape, generator=generator, dtype=torch.float64)
        return x, y
