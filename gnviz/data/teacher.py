"""Labels from a random network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import param

from gnviz.data.base import Made
from gnviz.data.samples import Given, Samples

if TYPE_CHECKING:
    from torch import Tensor

WIDTH = 8
"""Neurons of the random teacher: few, so that its function is simple and varied between seeds."""


class Teacher(Made):
    """Inputs uniform on the unit sphere in d dimensions, labelled by a random tanh network."""

    label = "teacher"
    meaning = "random inputs, labels from a random network"
    rank = 3

    d = param.Integer(
        2, bounds=(1, 100), doc="Input dimension (teacher only; circle and ring have 2, the line 1)."
    )

    def samples(self, given: Given) -> Samples:
        """Return the inputs and the teacher's labels c . tanh(W x + b) / sqrt(WIDTH)."""
        import torch

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=given.generator, dtype=torch.float64)

        x = _on_sphere(self.n, self.d, given.generator)
        weight, bias, c = normal(WIDTH, self.d), normal(WIDTH), normal(WIDTH)

        def label(x: Tensor) -> Tensor:
            return (x @ weight.mT + bias).tanh() @ c / math.sqrt(WIDTH)

        def draw(count: int, generator: Any) -> tuple[Tensor, Tensor]:
            more = _on_sphere(count, self.d, generator)
            return more, label(more)

        empty = torch.empty(0, dtype=torch.float64)
        names = tuple(f"x{i + 1}" for i in range(self.d))
        grid_x = torch.empty(0, self.d, dtype=torch.float64)
        return Samples(x, label(x), empty, empty, grid_x, empty, names, "teacher's label", draw=draw)


def _on_sphere(n: int, d: int, generator: Any) -> Tensor:
    """Return uniform points on the unit sphere, shape (n, d)."""
    import torch

    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)
