"""Problems of the user's own: any torch function or module, with the user's inputs, targets and start."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from gnviz.data import MAX_SAMPLES
from gnviz.data.samples import GRID_POINTS, Samples
from gnviz.experiment import Experiment
from gnviz.experiment.ensemble import ALPHA, Ensemble, check_size, expand
from gnviz.experiment.limits import limits
from gnviz.knobs import KnobError
from gnviz.losses import Loss
from gnviz.problem.autodiff.cost import evaluation_cost
from gnviz.problem.autodiff.derivatives import differentiate_twice
from gnviz.problem.autodiff.model import BATCHED, DenseModel, find_way
from gnviz.problem.build import Problem, check_methods
from gnviz.problem.data.conditioning import kernel_condition
from gnviz.problem.data.labels import labelled
from gnviz.problem.data.plane import with_plane
from gnviz.problem.memory import Sizes, most_bytes
from gnviz.problem.user.arrays import as_given, check_exact, numbers
from gnviz.problem.user.inputs import Call, Inputs, inputs_for
from gnviz.problem.user.measured import Measured
from gnviz.problem.user.modules import of_module, with_parameters
from gnviz.problem.user.probe import first_line, probe
from gnviz.problem.user.slopes import check_slopes, named
from gnviz.problem.user.used import used_parameters

OWN = "the model, its data and its start were the user's own: settings data.* and network.* did not act"

JACOBIANS = 6
"""Jacobians of a run that are alive at a time at least, whatever the experiment: then a problem is refused
before anything is computed. An experiment's own estimate is `memory.most_bytes`."""


@dataclass(frozen=True)
class UserProblem:
    """A model with data and start, checked and ready for `gnviz.run(experiment, problem)`.

    Attributes:
        model: The model by dense automatic differentiation.
        name: What the Dataset calls it.
        samples: Inputs and targets.
        starts: Initial parameters, shape (S, p).
        alpha: Output scaling, where the experiment's ensemble names none.
        centred: Whether the predictor is alpha (f(w) - f(w0)).
        whole: Whether the inputs are integers to the model.
        sigma: Standard deviations of the targets, shape (n,); None if they are not known.
        module: The user's module; None for a function.
    """

    model: DenseModel
    name: str
    samples: Samples
    starts: Tensor
    alpha: float
    centred: bool
    whole: bool = False
    sigma: Tensor | None = None
    module: nn.Module | None = None

    def problem(self, experiment: Experiment) -> Problem:
        """Return what an experiment's methods, loss, ensemble and clock are run on.

        Raises:
            KnobError: A method does not go with the clock, the ensemble asks for other starts than there are,
                the targets are no labels though the loss wants them, or the runs would not fit in memory.
        """
        check_methods(experiment)
        if experiment.ensemble.seeds not in (1, len(self.starts)):
            raise KnobError(
                f"ensemble.seeds = {experiment.ensemble.seeds}, but the problem has {len(self.starts)} "
                "start(s): allowed is 1; give several starts as w0 of shape (starts, p)"
            )
        ensemble = Ensemble(alphas=experiment.ensemble.alphas, seeds=len(self.starts))
        check_size(experiment.methods, ensemble)
        if self.whole:
            check_exact(self.samples.x, getattr(torch, experiment.dtype))
        runs = tuple(expand(experiment.methods, self.alpha, 0, ensemble))
        model = self._model(experiment)
        sizes = self.sizes(len(runs))
        remedy = "parameters, samples, methods, starts or ensemble"
        limits().check(experiment, len(self.samples.y), len(runs), own=True)
        limits().check_memory(most_bytes(experiment, sizes), sizes.words, remedy)
        return Problem(
            labelled(self.samples, made=False) if experiment.loss.choice.labels else self.samples,
            model,
            self.starts[0],
            self.centred,
            kernel_condition(self.model.linearize(self.starts[:1], self.samples.x), self.model.parameters),
            self._loss(experiment),
            dict(enumerate(self.starts)),
            runs,
            self.name,
        )

    def _loss(self, experiment: Experiment) -> Loss:
        """Return the experiment's loss, or that of targets that are known to sigma."""
        if self.sigma is None:
            return experiment.loss.choice
        if not experiment.loss.choice.flat:
            raise KnobError(
                f"loss.kind = {experiment.loss.kind!r}, but the problem has a sigma, which weights squares; "
                "allowed with it: loss.kind = squared",
                {"loss.kind": "squared"},
            )
        return Measured(self.sigma)

    def trained(self, weights: Any) -> nn.Module:
        """Return a copy of the module with given parameters.

        Args:
            weights: Flat parameters, shape (p,), such as `gnviz.weights(ds)[run]`.

        Raises:
            ValueError: The problem was not made of a module, or there are not p numbers.
        """
        if self.module is None:
            raise ValueError("the problem was made of a function: its parameters are all that is trained")
        return with_parameters(self.module, numbers(weights, "weights"))

    def _model(self, experiment: Experiment) -> DenseModel:
        """Return the model with derivatives that work in the experiment's precision, twice if it asks so."""
        place = getattr(torch, experiment.dtype)
        w, x = self.starts[0].to(place), self.samples.x.to(place)
        model = self.model
        if place != torch.float64:
            weights = torch.linspace(1, 2, len(self.samples.y), dtype=place)
            model = replace(model, way=find_way(model.function, w, x, weights)[0])
        if experiment.observe.sharpness:
            try:
                differentiate_twice(lambda w: model.outputs(w, x), w)
            except Exception as error:  # whatever a user's function raises
                raise KnobError(
                    f"observe.sharpness = {experiment.observe.sharpness} needs second derivatives, which the "
                    f"model does not have ({first_line(error)}); allowed with it: 0"
                ) from error
        return model

    def sizes(self, runs: int) -> Sizes:
        """Return what the memory of so many runs depends on."""
        samples = self.samples
        p, cost = self.model.parameters, self.model.cost
        plane = len(samples.plane.inputs()) if samples.plane else 0
        return Sizes(len(samples.y), p, runs, len(samples.grid), samples.x.numel(), cost, plane)


def make_problem(
    model: nn.Module | Callable[..., Tensor],
    x: Any = None,
    y: Any = None,
    w0: Any = None,
    *,
    alpha: float = 1.0,
    centred: bool = False,
    sigma: Any = None,
    name: str = "",
) -> UserProblem:
    """Make a problem of your own model and data: minimize g(u), u = alpha f(w), over w.

    Args:
        model: A torch function f(w, x) of flat parameters w, shape (p,), and the inputs as they were given,
            or f(w) where x is None; or an `nn.Module` that is called with the inputs, its trainable
            parameters being w, in their order (a copy of it: the module stays as it is). Outputs have shape
            (n,) or (n, 1), or (n, m) for m outputs of each sample.
        x: Inputs, n of them, of any shape (n, ...), floating-point, integer or bool; None for a function of
            the parameters alone.
        y: Targets, shape (n,), or (n, m) for m outputs of each sample: n m residuals, sample by sample.
        w0: Where to start, shape (p,), or (S, p) for S starts side by side; None: the module's parameters.
        alpha: Output scaling; an experiment's `ensemble.alphas` wins over it.
        centred: Take u = alpha (f(w) - f(w0)).
        sigma: Standard deviations of the targets, in their units, shape (n,), or one for all: the squared
            loss becomes half of chi squared, and parameter errors are absolute (`gnviz.parameters`).
        name: What the Dataset calls the model.

    Returns:
        The problem, for `gnviz.run(experiment, problem)`: the experiment gives methods, loss, ensemble,
        clock, device and precision; its settings data.* and network.* do not act. Jobs cannot run it.

    Raises:
        ValueError: There is nothing to train, shapes do not fit, numbers or outputs are complex or not
            finite, the outputs cannot be differentiated, or a parameter is hidden from autograd.

    Example:
        >>> x = torch.linspace(0, 2, 20)
        >>> problem = make_problem(lambda w, x: w[0] * torch.exp(-w[1] * x), x, 2 * torch.exp(-x), [1.0, 0.1])
        >>> problem.model.parameters
        2
    """
    if not (math.isfinite(alpha) and ALPHA[0] <= alpha <= ALPHA[1]):
        raise ValueError(f"alpha = {alpha!r}; allowed are {ALPHA[0]:g} to {ALPHA[1]:g}")
    y, outputs = _targets(y)
    inputs = None if x is None else _inputs(x, len(y) // outputs)
    if isinstance(model, nn.Module):
        call, start, tensors = of_module(model, x is not None)
    else:
        call, start, tensors = _of_function(model, inputs is not None), None, ()
    starts = _starts(w0, start)
    _check_size(starts.shape[1], len(y))
    given = _given(call, inputs, starts[0], outputs, len(y), layers=isinstance(model, nn.Module))
    function, flat = given.function(call), given.rows
    for w in starts:
        probe(function, w, flat, outputs)
    way, reason = find_way(function, starts[0], flat, torch.linspace(1, 2, len(y), dtype=torch.float64))
    cost = evaluation_cost(DenseModel(function, starts.shape[1], way).one, starts[0], flat)
    dense = DenseModel(function, starts.shape[1], way, cost, len(flat))
    dense = replace(dense, used=used_parameters(dense, starts[0], flat))
    notes = [OWN, *check_slopes(dense, starts[0], flat, tensors)]
    if dense.used is not None:
        names = named(dense, ~dense.used, tensors)
        notes.append(f"the outputs depend on {names} by no more than rounding: it stays where it starts")
    if way not in BATCHED:
        notes.append(f"the model cannot be batched ({reason}): runs are linearized one after another")
    if outputs > 1:
        notes.append(
            f"y has {outputs} outputs a sample: entry i of `sample` is output i % {outputs} of sample "
            f"i // {outputs}, both counted from 0"
        )
    curve = inputs is not None and outputs == 1 and given.dtype is None
    samples = _samples(dense, starts[:1], flat, y, has_inputs=inputs is not None, curve=curve)
    title = name or (type(model).__name__ if isinstance(model, nn.Module) else _function_name(model))
    samples = replace(samples, notes=tuple(notes))
    whole, module = given.dtype is not None, model if isinstance(model, nn.Module) else None
    return UserProblem(
        dense, title, samples, starts, float(alpha), centred, whole, _sigma(sigma, samples.y), module
    )


fit_problem = make_problem
"""The name until version 0.1; it goes with the next."""


def _sigma(sigma: Any, y: Tensor) -> Tensor | None:
    """Return standard deviations like y, shape (n,); None for none."""
    if sigma is None:
        return None
    values = numbers(sigma, "sigma")
    values = values.reshape(-1) if values.numel() == len(y) else values
    if values.numel() != 1 and values.shape != y.shape:
        raise ValueError(f"sigma has shape {tuple(values.shape)}; allowed are one number, or one for each y")
    if not (values > 0).all():
        raise ValueError("sigma must be positive; leave out a sample that is not to count")
    return values.expand(len(y)).clone()


def _check_size(p: int, n: int) -> None:
    """Refuse what is too large for any experiment."""
    limits().check_memory(
        8 * JACOBIANS * p * n, f"p = {p}, n = {n}: the Jacobian is formed", "parameters or samples"
    )


def _given(call: Call, x: Tensor | None, w: Tensor, outputs: int, count: int, *, layers: bool) -> Inputs:
    """Return the inputs as the model takes them; the numbers of the outputs where it takes none."""
    if x is None:
        return Inputs(torch.arange(count).double()[:, None], (1,), outputs)
    return inputs_for(call, x, w, outputs, layers=layers)


def _function_name(model: Callable[..., Tensor]) -> str:
    return str(getattr(model, "__name__", type(model).__name__))


def _targets(y: Any) -> tuple[Tensor, int]:
    """Return y, shape (n m,), sample by sample, and the number m of outputs of each sample."""
    if y is None:
        raise ValueError("y is missing: give the targets, shape (n,)")
    y = numbers(y, "y")
    outputs = y.shape[1] if y.dim() == 2 else 1
    if y.dim() not in (1, 2) or not 1 <= y.numel() <= MAX_SAMPLES:
        raise ValueError(
            f"y has shape {tuple(y.shape)}; allowed are (n,), and (n, m) for m outputs, with 1 to "
            f"{MAX_SAMPLES} numbers in all"
        )
    return y.reshape(-1), outputs


def _inputs(x: Any, n: int) -> Tensor:
    """Return x, float64 or of an integer type, shape (n, ...)."""
    x = as_given(x, "x")
    if x.dim() == 0 or len(x) != n or x.numel() == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}, but y has {n} targets: x must have shape ({n}, ...)")
    return x


def _starts(w0: Any, start: Tensor | None) -> Tensor:
    """Return the initial parameters, shape (S, p): those given, or the module's own."""
    if w0 is None and start is None:
        raise ValueError("w0 is missing: give the parameters to start from, shape (p,)")
    w = start if w0 is None and start is not None else numbers(w0, "w0")
    if w.dim() not in (1, 2) or w.numel() == 0:
        raise ValueError(f"w0 has shape {tuple(w.shape)}; allowed are (p,) and (starts, p)")
    w = w.reshape(-1, w.shape[-1])
    if start is not None and w.shape[1] != len(start):
        raise ValueError(f"w0 has {w.shape[1]} parameters, but the module has {len(start)}")
    return w


def _of_function(model: Callable[..., Tensor], has_inputs: bool) -> Call:
    """Return f of parameters (p,) and the inputs as they were given."""
    if not callable(model):
        raise ValueError(f"the model is a {type(model).__name__}; allowed: a torch function or an nn.Module")
    return model if has_inputs else lambda w, x: model(w)


def _samples(model: DenseModel, w: Tensor, x: Tensor, y: Tensor, *, has_inputs: bool, curve: bool) -> Samples:
    """Return the samples, with what a fit is drawn over if there are one or two inputs and the model can.

    That is a grid for a curve, or a plane.
    """
    empty = torch.empty(0, dtype=torch.float64)
    grid = empty
    if curve and x.shape[1] == 1:
        grid = torch.linspace(x.min().item(), x.max().item(), 2 * GRID_POINTS, dtype=torch.float64)
        grid = grid if _works_on(model, w, grid[:, None]) else empty
    names: Sequence[str] = [f"x{i + 1}" for i in range(x.shape[1])]
    if x.shape[1] == 1:
        names = ["x"] if has_inputs else ["sample"]
    samples = Samples(
        x=x,
        y=y,
        coordinate=x[:, 0] if len(grid) else empty,
        grid=grid,
        grid_x=grid[:, None] if len(grid) else torch.empty(0, x.shape[1], dtype=torch.float64),
        grid_truth=torch.full_like(grid, math.nan),
        names=tuple(names),
        target="y",
        measured=y,
    )
    around = with_plane(samples) if curve else samples
    return around if around.plane and _works_on(model, w, around.plane.inputs()) else samples


def _works_on(model: DenseModel, w: Tensor, grid: Tensor) -> bool:
    """Return whether the model takes any inputs, not just as many as there are samples."""
    try:
        return model.linearize(w, grid).jvp(w).shape == (1, len(grid))
    except Exception:  # whatever a user's function raises
        return False
