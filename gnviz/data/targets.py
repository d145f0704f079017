"""Targets of made data: functions of an angle."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from gnviz.data.samples import Draw

EQUAL_MODES = "equal-modes"
"""The target that is no function of the inputs, but set from the kernel."""

TARGETS = {
    "two-tone": "sin 3θ + 0.3 cos 7θ",
    "wave": "sin 2θ",
    "step": "sign(sin 2θ)",
    EQUAL_MODES: "equal weight in every eigenvector of K₀",
}


def target_function(name: str) -> Callable[[Tensor], Tensor]:
    """Return the made target as a function of the angle theta (radians)."""
    return {
        "two-tone": lambda th: (3 * th).sin() + 0.3 * (7 * th).cos(),
        "wave": lambda th: (2 * th).sin(),
        "step": lambda th: (2 * th).sin().sign(),
        EQUAL_MODES: lambda th: th * math.nan,  # set from the kernel, see problem.build
    }[name]


def drawing(
    low: float, high: float, place: Callable[[Tensor], Tensor], f: Callable[[Tensor], Tensor]
) -> Draw:
    """Return what draws positions uniformly in [low, high), placed as inputs, with targets f.

    Args:
        low: Least position.
        high: Greatest position, left out.
        place: Inputs of positions (m,), shape (m, d).
        f: Targets of positions (m,), shape (m,).
    """

    def draw(count: int, generator: object) -> tuple[Tensor, Tensor]:
        import torch

        at = low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)  # type: ignore[call-overload]
        return place(at), f(at)

    return draw


def on_circle(theta: Tensor) -> Tensor:
    """Return the points of the unit circle at these angles, shape (n, 2)."""
    import torch

    return torch.stack([theta.cos(), theta.sin()], 1)
