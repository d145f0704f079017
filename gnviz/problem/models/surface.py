"""Surfaces: models of two parameters on three samples, read in any chart.

A model here is elementwise: output i is a function of x_i and of its own copy of w1 and w2. So one backward
pass of the sum of all outputs is the Jacobian at all points of a batch (a tenth of a millisecond, where
forward mode over `vmap` takes one).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.data.samples import GRID_POINTS, Samples
from gnviz.experiment import Experiment
from gnviz.experiment.ensemble import Run
from gnviz.experiment.surface import Place, Surface, expressions
from gnviz.knobs import KnobError, flatten, text_of
from gnviz.knobs.formulas import Expression
from gnviz.problem.models.charts import Chart, chart

ACTING = ("network.alpha", "network.initialization")
"""Settings of networks and their data that act on surfaces as well."""

Function = Callable[[Tensor, Tensor, Tensor], Tensor]
"""f(w1, w2, x), shape (R, n), for w1 and w2 (R, n), a copy for each sample, and x (n,)."""


@dataclass(frozen=True)
class SurfaceModel:
    """A function of two numbers and an input, in the parameters v of a chart.

    Attributes:
        expressions: f, of base coordinates w: one formula, or one for each of the three samples.
        chart: The parameters v.
    """

    expressions: tuple[Expression, ...]
    chart: Chart

    @property
    def by_sample(self) -> bool:
        """Whether the three outputs are functions of their own, so that no other input makes sense."""
        return len(self.expressions) > 1

    def function(self, w1: Tensor, w2: Tensor, x: Tensor) -> Tensor:
        """Return f, shape (R, n).

        Args:
            w1: First base coordinate, a copy for each sample, shape (R, n).
            w2: Second one, shape (R, n).
            x: Inputs, shape (n,).
        """
        if not self.by_sample:
            return _value(self.expressions[0], w1, w2, x)
        parts = [_value(e, w1[..., i], w2[..., i], x[..., i]) for i, e in enumerate(self.expressions)]
        return torch.stack(parts, -1)

    @property
    def parameters(self) -> int:
        """Two."""
        return 2

    @property
    def shared_units(self) -> bool:
        """False: charts stretch them as they like."""
        return False

    def entries(self, n: int) -> int:
        """Return how many entries the largest matrix of one run has: K."""
        return n * n

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """Return f on inputs x (n, 1), shape (R, n), for parameters of the chart (R, 2)."""
        return self._at(copied(w, len(x)), x)

    def linearize(self, w: Tensor, x: Tensor) -> SurfaceLinearization:
        """Return outputs and tangent map at parameters of the chart (R, 2) on inputs x (n, 1)."""
        with torch.enable_grad():
            v = copied(w.detach(), len(x)).requires_grad_()
            f = self._at(v, x)
            if f.requires_grad:
                (slopes,) = torch.autograd.grad(f.sum(), v)
            else:  # a formula of comparisons alone has steps, and no slope
                slopes = torch.zeros_like(v)
        return SurfaceLinearization(f.detach(), slopes.permute(1, 2, 0))

    def _at(self, v: Tensor, x: Tensor) -> Tensor:
        """Return f at copied parameters v (2, R, n) of the chart, on inputs x (n, 1)."""
        return self.function(*self.chart.base(v[0], v[1]), x[:, 0])


@dataclass(frozen=True)
class SurfaceLinearization:
    """The tangent map of a `SurfaceModel`: J itself.

    Attributes:
        outputs: f, shape (R, n).
        slopes: J, shape (R, n, 2).
    """

    outputs: Tensor
    slopes: Tensor

    def kernel(self) -> Tensor:
        """Return K = J J^T, shape (R, n, n)."""
        return self.slopes @ self.slopes.mT

    def jacobian(self) -> Tensor:
        """Return J, shape (R, n, 2)."""
        return self.slopes

    def vjp(self, v: Tensor) -> Tensor:
        """Return J^T v, shape (R, 2), for v (R, n)."""
        return (v[:, None] @ self.slopes)[:, 0]

    def jvp(self, dw: Tensor) -> Tensor:
        """Return J dw, shape (R, n), for dw (R, 2)."""
        return (self.slopes @ dw[:, :, None])[:, :, 0]

    def absolute_jvp(self, w: Tensor) -> Tensor:
        """Return |J| |w|, shape (R, n), for w (R, 2)."""
        return (self.slopes.abs() @ w.abs()[:, :, None])[:, :, 0]


def copied(w: Tensor, n: int) -> Tensor:
    """Return w1 and w2 of points (R, 2) with a copy for each of n samples, shape (2, R, n)."""
    return w.T[:, :, None].expand(-1, -1, n).clone()


def surface_model(surface: Surface) -> SurfaceModel:
    """Return the model that an experiment's surface asks for.

    Raises:
        KnobError: The formula cannot be read.
    """
    return SurfaceModel(expressions(surface.in_language), chart(surface.chart))


def _value(expression: Expression, w1: Tensor, w2: Tensor, x: Tensor) -> Tensor:
    """Return a formula's value, of the shape of w1."""
    return expression({"w1": w1, "w2": w2, "x": x.expand_as(w1)}, torch.zeros_like(w1))


def one_start(experiment: Experiment) -> tuple[Run, ...]:
    """Return the runs: one for each method.

    Raises:
        KnobError: The ensemble asks for several alphas or starts.
    """
    model, ensemble = experiment.surface.model, experiment.ensemble
    if len(ensemble.alphas) > 1:
        raise KnobError(
            f"ensemble.alphas = {text_of(ensemble.alphas)} does not go with surface.model = {model!r}: each "
            "alpha has a surface of its own; allowed with it: at most one alpha"
        )
    if ensemble.seeds > 1:
        raise KnobError(
            f"ensemble.seeds = {ensemble.seeds} does not go with surface.model = {model!r}: it has one "
            "start, surface.start; allowed with it: ensemble.seeds = 1"
        )
    return tuple(experiment.runs)


def is_centred(experiment: Experiment) -> bool:
    """Return whether the predictor is alpha (f(w) - f(w0)); paired neurons mean nothing here."""
    return experiment.network.initialization == "centred"


def place(experiment: Experiment, model: SurfaceModel) -> tuple[Samples, Tensor]:
    """Return the three samples, and the start in the chart's parameters, shape (2,).

    Raises:
        KnobError: The model, or its derivative, has no finite value at the start.
    """
    where = experiment.surface.place
    x, y, w = (torch.tensor(v, dtype=torch.float64) for v in (where.inputs, where.target, where.start))
    v = torch.stack(model.chart.inverse(*w))
    linear = model.linearize(v[None], x[:, None])
    if not (linear.outputs.isfinite().all() and linear.slopes.isfinite().all()):
        raise KnobError(
            f"surface.start = {text_of(where.start)} cannot be used: {experiment.surface.words} has no "
            "finite value or derivative there; allowed: a point where it has"
        )
    grid = torch.empty(0, dtype=torch.float64)
    if not model.by_sample and x.min() < x.max():
        grid = torch.linspace(x.min().item(), x.max().item(), GRID_POINTS, dtype=torch.float64)
    samples = Samples(
        x=x[:, None],
        y=y,
        coordinate=x if len(grid) else grid,
        grid=grid,
        grid_x=grid[:, None],
        grid_truth=torch.full_like(grid, math.nan),
        names=("x",),
        target="y",
        notes=(*_idle(experiment), *_remarks(where, by_sample=model.by_sample)),
    )
    return samples, v


def _idle(experiment: Experiment) -> list[str]:
    """Name settings of networks and data that were changed in vain."""
    usual, chosen = (dict(flatten(e.to_dict())) for e in (Experiment(), experiment))
    idle = [
        name
        for name in chosen
        if name.startswith(("data.", "network.")) and name not in ACTING and chosen[name] != usual[name]
    ]
    return [f"a surface has its own data and parameters: {', '.join(idle)} did not act"] if idle else []


def _remarks(where: Place, *, by_sample: bool) -> list[str]:
    """Say what is odd about a place."""
    notes, different = [], len(set(where.inputs))
    if different < 3 and not by_sample:
        what = (
            "no surface but a piece of a line" if different == 1 else "flat: two predictions are always equal"
        )
        notes.append(f"surface.inputs = {text_of(where.inputs)} has equal inputs, so M is {what}")
    low1, high1, low2, high2 = where.span
    if not (low1 <= where.start[0] <= high1 and low2 <= where.start[1] <= high2):
        notes.append(
            f"surface.start = {text_of(where.start)} lies outside the window surface.span = "
            f"{text_of(where.span)}: the paths begin beside the piece of M that is drawn"
        )
    return notes
