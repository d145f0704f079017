"""A data set's inputs and targets, as they are fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MAX_SAMPLES = 2000
"""Most samples of a data set: the kernel is n x n and its eigenvectors are wanted at every step."""

GRID_POINTS = 160
"""Points at which a fitted curve is drawn."""

Draw = Callable[[int, Any], "tuple[Tensor, Tensor]"]
"""draw(count, generator): more inputs (m, d) and noise-free targets (m,) from the data's own distribution."""


class Units(NamedTuple):
    """How numbers that are fitted become those of the data: own = offset + scale * fitted.

    Attributes:
        x_offset, x_scale: Of each input column, shape (d,).
        y_offset, y_scale: Of the target.
    """

    x_offset: np.ndarray
    x_scale: np.ndarray
    y_offset: float
    y_scale: float


class Plane(NamedTuple):
    """A grid over the plane of two inputs.

    Attributes:
        across: Values of the first input, ascending, shape (A,).
        up: Values of the second, ascending, shape (B,).
    """

    across: Tensor
    up: Tensor

    def inputs(self) -> Tensor:
        """Return the inputs at the grid's points, row by row of the second input, shape (B A, 2)."""
        import torch

        up, across = torch.meshgrid(self.up, self.across, indexing="ij")
        return torch.stack([across.reshape(-1), up.reshape(-1)], 1)


def _empty(*shape: int) -> Any:
    import torch

    return torch.empty(*shape, dtype=torch.float64)


@dataclass(frozen=True)
class Samples:
    """A data set, float64 on the CPU.

    Attributes:
        x: Inputs, shape (n, d), norm about 1.
        y: Targets, shape (n,).
        coordinate: Position on the axis of the fitted curve, shape (n,); (0,) if there is none.
        grid: Positions at which the curve is drawn, shape (G,).
        grid_x: The inputs there, shape (G, d).
        grid_truth: Noise-free target there, NaN where unknown, shape (G,).
        names: Names of the input columns.
        target: Name of the target.
        notes: Plain sentences a user should know.
        measured: Targets of a table before they were standardised, shape (n,); (0,) for made data.
        draw: Draws more samples like these; None for tables.
        test_x: Inputs that are not trained on, shape (m, d); m = 0 for none.
        test_y: Their targets, shape (m,).
        test_measured: As `measured`, shape (m,) or (0,).
        units: How x and y become the data's own numbers; None where they are.
        plane: Where predictors of two inputs are shown, if these do not lie on a curve; else None.
        reach: Least and largest value that a knob can have with this network and the other settings, by its
            name.
    """

    x: Tensor
    y: Tensor
    coordinate: Tensor
    grid: Tensor
    grid_x: Tensor
    grid_truth: Tensor
    names: tuple[str, ...]
    target: str
    notes: tuple[str, ...] = ()
    measured: Tensor = field(default_factory=lambda: _empty(0))
    draw: Draw | None = None
    test_x: Tensor = field(default_factory=lambda: _empty(0, 1))
    test_y: Tensor = field(default_factory=lambda: _empty(0))
    test_measured: Tensor = field(default_factory=lambda: _empty(0))
    units: Units | None = None
    plane: Plane | None = None
    reach: dict[str, tuple[float, float]] = field(default_factory=dict)


class Given(NamedTuple):
    """What a data set may use to make its samples.

    Attributes:
        generator: Seeded with `data.seed`.
        kappa: Maps inputs x (n, d) to kappa(K_0) of the experiment's network at its first seed.
    """

    generator: torch.Generator
    kappa: Callable[[Tensor], float]


def on_a_line(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return coordinate, grid and inputs on the grid of inputs x (n, d) with d = 1; empty for more."""
    import torch

    if x.shape[1] != 1:
        return _empty(0), _empty(0), _empty(0, x.shape[1])
    low, high = x.min().item(), x.max().item()
    margin = 0.03 * (high - low)
    grid = torch.linspace(low - margin, high + margin, 2 * GRID_POINTS, dtype=torch.float64)
    return x[:, 0], grid, grid[:, None]
