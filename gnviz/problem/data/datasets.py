"""Inputs and targets: made data, and tables prepared for training."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gnviz.experiment import Data
from gnviz.problem.models.mlp import MLP
from gnviz.problem.tables.read import read_table

GRID_POINTS = 160
"""Points at which a fitted curve is drawn."""

Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
"""Draws so many more inputs (m, d) and noise-free targets (m,) from where the data come from."""

TEACHER_WIDTH = 8
"""Neurons of the random teacher: few, so that its function is simple and varied between seeds."""


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
    measured: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.float64))
    draw: Draw | None = None
    test_x: Tensor = field(default_factory=lambda: torch.empty(0, 1, dtype=torch.float64))
    test_y: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.float64))
    test_measured: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.float64))


def target_function(name: str) -> Callable[[Tensor], Tensor]:
    """Return the made target as a function of the angle theta (radians)."""
    return {
        "two-tone": lambda th: torch.sin(3 * th) + 0.3 * torch.cos(7 * th),
        "wave": lambda th: torch.sin(2 * th),
        "step": lambda th: torch.sign(torch.sin(2 * th)),
        "equal-modes": lambda th: torch.full_like(th, math.nan),  # set from the kernel, see problem.build
    }[name]


def circle(n: int, separation: float, target: str) -> Samples:
    """Place n points in pairs on a half circle, partners `separation` radians apart.

    Base angles are evenly spaced on [0, pi); an odd last point has no partner.
    """
    bases = torch.arange((n + 1) // 2, dtype=torch.float64) * (math.pi / ((n + 1) // 2))
    theta = torch.cat([bases, bases + separation])[:n]
    grid = torch.linspace(-0.05, math.pi + 0.05, GRID_POINTS, dtype=torch.float64)
    f = target_function(target)
    return Samples(
        _on_circle(theta), f(theta), theta, grid, _on_circle(grid), f(grid), ("cos θ", "sin θ"), "y(θ)",
        draw=_drawing(0.0, math.pi, _on_circle, f),
    )  # fmt: skip


def ring(n: int, target: str) -> Samples:
    """Place n evenly spaced points on the full circle, from angle 0."""
    theta = torch.arange(n, dtype=torch.float64) * (2 * math.pi / n)
    grid = torch.linspace(0, 2 * math.pi, 2 * GRID_POINTS, dtype=torch.float64)
    f = target_function(target)
    return Samples(
        _on_circle(theta), f(theta), theta, grid, _on_circle(grid), f(grid), ("cos θ", "sin θ"), "y(θ)",
        draw=_drawing(0.0, 2 * math.pi, _on_circle, f),
    )  # fmt: skip


def widest_separation(n: int) -> float:
    """Return half the distance between the circle's base angles, where pairs are evenly spread."""
    return math.pi / ((n + 1) // 2) / 2


def _on_circle(theta: Tensor) -> Tensor:
    return torch.stack([theta.cos(), theta.sin()], 1)


def _drawing(
    low: float, high: float, place: Callable[[Tensor], Tensor], f: Callable[[Tensor], Tensor]
) -> Draw:
    """Return what draws positions uniformly in [low, high), placed as inputs, with targets f."""

    def draw(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        at = low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)
        return place(at), f(at)

    return draw


def line(n: int, target: str) -> Samples:
    """Place n evenly spaced points on [-1, 1]; the target's angle is theta = pi x / 2."""
    x = torch.linspace(-1, 1, n, dtype=torch.float64) if n > 1 else torch.zeros(1, dtype=torch.float64)
    grid = torch.linspace(-1.05, 1.05, GRID_POINTS, dtype=torch.float64)
    f = target_function(target)
    y, truth = f(x * math.pi / 2), f(grid * math.pi / 2)
    draw = _drawing(-1.0, 1.0, lambda at: at[:, None], lambda at: f(at * math.pi / 2))
    return Samples(x[:, None], y, x, grid, grid[:, None], truth, ("x",), "y(x)", draw=draw)


def teacher(n: int, d: int, generator: torch.Generator) -> Samples:
    """Draw inputs uniformly on the unit sphere in d dimensions, labelled by a random tanh network."""
    x = _on_sphere(n, d, generator)
    network = MLP(d, TEACHER_WIDTH, 1, "tanh")
    w = network.initialize(generator, paired=False)
    y = network.outputs(w[None], x)[0]

    def draw(count: int, other: torch.Generator) -> tuple[Tensor, Tensor]:
        more = _on_sphere(count, d, other)
        return more, network.outputs(w[None], more)[0]

    empty = torch.empty(0, dtype=torch.float64)
    names = tuple(f"x{i + 1}" for i in range(d))
    return Samples(
        x, y, empty, empty, torch.empty(0, d, dtype=torch.float64), empty, names, "teacher's label", draw=draw
    )


def _on_sphere(n: int, d: int, generator: torch.Generator) -> Tensor:
    """Return uniform points on the unit sphere, shape (n, d)."""
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)


def table(data: Data) -> Samples:
    """Read a bundled table or the user's CSV, standardised (see `problem.tables`)."""
    t = read_table(data)
    x, y, measured = (torch.tensor(a) for a in (t.x, t.y, t.measured))
    grid = _margins(x[:, 0]) if x.shape[1] == 1 else torch.empty(0, dtype=torch.float64)
    coordinate = x[:, 0] if len(grid) else grid
    grid_x = grid[:, None] if len(grid) else torch.empty(0, x.shape[1], dtype=torch.float64)
    unknown = torch.full_like(grid, math.nan)
    return Samples(x, y, coordinate, grid, grid_x, unknown, t.names, t.target, t.notes, measured)


def _margins(x: Tensor) -> Tensor:
    """Return positions along which a curve through x (n,) is drawn."""
    low, high = x.min().item(), x.max().item()
    margin = 0.03 * (high - low)
    return torch.linspace(low - margin, high + margin, 2 * GRID_POINTS, dtype=torch.float64)


def add_noise(y: Tensor, std: float, generator: torch.Generator) -> Tensor:
    """Return targets with Gaussian noise of the given standard deviation added."""
    return y + std * torch.randn(y.shape, generator=generator, dtype=torch.float64) if std else y
