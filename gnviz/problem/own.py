"""Problems of the user's own: any torch function or module, with the user's inputs, targets and start."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from gnviz.ensemble import ALPHA, Ensemble, check_size, expand
from gnviz.experiment import MAX_SAMPLES, Experiment
from gnviz.knobs import KnobError
from gnviz.problem.build import Problem, check_methods, refuse_beyond_memory
from gnviz.problem.conditioning import kernel_condition
from gnviz.problem.cost import evaluation_cost
from gnviz.problem.datasets import GRID_POINTS, Samples
from gnviz.problem.dense import BATCHED, DenseModel, find_way
from gnviz.problem.labels import labelled
from gnviz.problem.losses import make_loss
from gnviz.problem.probe import Function, first_line, probe

UNUSED = "the model, its data and its start were the user's own: settings data.* and network.* did not act"

JACOBIANS = 6
"""Jacobians of a run that are alive at a time: those of the flow's last steps, and what decomposes one."""


@dataclass(frozen=True)
class OwnProblem:
    """A model with data and start, checked and ready for `gnviz.run(experiment, problem)`.

    Attributes:
        model: The model by dense automatic differentiation.
        name: What the Dataset calls it.
        samples: Inputs and targets.
        starts: Initial parameters, shape (S, p).
        alpha: Output scaling, where the experiment's ensemble names none.
        centred: Whether the predictor is alpha (f(w) - f(w0)).
    """

    model: DenseModel
    name: str
    samples: Samples
    starts: Tensor
    alpha: float
    centred: bool

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
        runs = tuple(expand(experiment.methods, self.alpha, 0, ensemble))
        logistic = experiment.loss.kind == "logistic"
        self._check_memory(experiment, len(runs))
        return Problem(
            labelled(self.samples, made=False) if logistic else self.samples,
            self.model,
            self.starts[0],
            self.alpha,
            self.centred,
            kernel_condition(self.model.linearize(self.starts[:1], self.samples.x), self.model.parameters),
            make_loss(experiment.loss),
            dict(enumerate(self.starts)),
            runs,
            self.name,
        )

    def _check_memory(self, experiment: Experiment, runs: int) -> None:
        n, p = len(self.samples.y), self.model.parameters
        numbers = runs * (30 * p + JACOBIANS * n * p + 6 * n * n)
        numbers += runs * experiment.clock.snapshots * (4 * n + len(self.samples.grid))
        sizes = f"p = {p}, n = {n}, {runs} runs"
        refuse_beyond_memory(
            experiment.dtype, numbers, sizes, "parameters, samples, methods, starts or ensemble"
        )


def fit_problem(
    model: nn.Module | Callable[..., Tensor],
    x: Any = None,
    y: Any = None,
    w0: Any = None,
    *,
    alpha: float = 1.0,
    centred: bool = False,
    name: str = "",
) -> OwnProblem:
    """Make a problem of your own model and data: minimize g(u), u = alpha f(w), over w.

    Args:
        model: A torch function f(w, x) of flat parameters w, shape (p,), and the inputs as they were given,
            or f(w) where x is None; or an `nn.Module` that is called with the inputs, its trainable
            parameters being w, in their order. Outputs have shape (n,) or (n, 1).
        x: Inputs, n of them, of any shape (n, ...); None for a function of the parameters alone.
        y: Targets, shape (n,).
        w0: Where to start, shape (p,), or (S, p) for S starts side by side; None: the module's parameters.
        alpha: Output scaling; an experiment's `ensemble.alphas` wins over it.
        centred: Take u = alpha (f(w) - f(w0)).
        name: What the Dataset calls the model.

    Returns:
        The problem, for `gnviz.run(experiment, problem)`: the experiment gives methods, loss, ensemble,
        clock, device and precision; its settings data.* and network.* do not act. Jobs cannot run it.

    Raises:
        ValueError: There is nothing to train, shapes do not fit, numbers or outputs are not finite, or the
            outputs cannot be differentiated.

    Example:
        >>> x = torch.linspace(0, 2, 20)
        >>> problem = fit_problem(lambda w, x: w[0] * torch.exp(-w[1] * x), x, 2 * torch.exp(-x), [1.0, 0.1])
        >>> problem.model.parameters
        2
    """
    if not (math.isfinite(alpha) and ALPHA[0] <= alpha <= ALPHA[1]):
        raise ValueError(f"alpha = {alpha!r}; allowed are {ALPHA[0]:g} to {ALPHA[1]:g}")
    y = _targets(y)
    inputs = None if x is None else _inputs(x, len(y))
    if isinstance(model, nn.Module):
        function, start = _of_module(model, inputs)
    else:
        function, start = _of_function(model, inputs), None
    starts = _starts(w0, start)
    flat = torch.arange(len(y)).double()[:, None] if inputs is None else inputs.reshape(len(y), -1)
    for w in starts:
        probe(function, w, flat)
    numbers, sizes = JACOBIANS * starts.shape[1] * len(y), f"p = {starts.shape[1]}, n = {len(y)}"
    refuse_beyond_memory("float64", numbers, f"{sizes}: the Jacobian is formed", "parameters or samples")
    way, reason = find_way(function, starts[0], flat, torch.linspace(1, 2, len(y), dtype=torch.float64))
    cost = evaluation_cost(DenseModel(function, starts.shape[1], way).one, starts[0], flat)
    dense = DenseModel(function, starts.shape[1], way, cost)
    samples = _samples(dense, starts[:1], flat, y, has_inputs=inputs is not None)
    notes = [UNUSED]
    if way not in BATCHED:
        notes.append(f"the model cannot be batched ({reason}): runs are linearized one after another")
    title = name or (type(model).__name__ if isinstance(model, nn.Module) else _function_name(model))
    return OwnProblem(dense, title, replace(samples, notes=tuple(notes)), starts, float(alpha), centred)


def _function_name(model: Callable[..., Tensor]) -> str:
    return str(getattr(model, "__name__", type(model).__name__))


def _numbers(values: Any, what: str) -> Tensor:
    """Return values as float64 on the CPU, checked to be finite."""
    try:
        tensor = (
            values.detach() if isinstance(values, Tensor) else torch.as_tensor(values, dtype=torch.float64)
        )
        tensor = tensor.to("cpu", torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{what} must be numbers: {first_line(error)}") from None
    if not tensor.isfinite().all():
        raise ValueError(f"{what} holds numbers that are not finite")
    return tensor.clone()


def _targets(y: Any) -> Tensor:
    """Return y, shape (n,)."""
    if y is None:
        raise ValueError("y is missing: give the targets, shape (n,)")
    y = _numbers(y, "y")
    y = y[:, 0] if y.dim() == 2 and y.shape[1] == 1 else y
    if y.dim() != 1 or not 1 <= len(y) <= MAX_SAMPLES:
        raise ValueError(f"y has shape {tuple(y.shape)}; allowed is (n,) with n from 1 to {MAX_SAMPLES}")
    return y


def _inputs(x: Any, n: int) -> Tensor:
    """Return x, shape (n, ...)."""
    x = _numbers(x, "x")
    if x.dim() == 0 or len(x) != n or x.numel() == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}, but y has {n} targets: x must have shape ({n}, ...)")
    return x


def _starts(w0: Any, start: Tensor | None) -> Tensor:
    """Return the initial parameters, shape (S, p): those given, or the module's own."""
    if w0 is None and start is None:
        raise ValueError("w0 is missing: give the parameters to start from, shape (p,)")
    w = start if w0 is None and start is not None else _numbers(w0, "w0")
    if w.dim() not in (1, 2) or w.numel() == 0:
        raise ValueError(f"w0 has shape {tuple(w.shape)}; allowed are (p,) and (starts, p)")
    w = w.reshape(-1, w.shape[-1])
    if start is not None and w.shape[1] != len(start):
        raise ValueError(f"w0 has {w.shape[1]} parameters, but the module has {len(start)}")
    return w


def _of_function(model: Callable[..., Tensor], inputs: Tensor | None) -> Function:
    """Return f of parameters (p,) and inputs (n, d) that shows the model the inputs as they were given."""
    if not callable(model):
        raise ValueError(f"the model is a {type(model).__name__}; allowed: a torch function or an nn.Module")
    if inputs is None:
        return lambda w, x: model(w)
    shape = inputs.shape[1:]
    return lambda w, x: model(w, x.reshape(-1, *shape))


def _of_module(module: nn.Module, inputs: Tensor | None) -> tuple[Function, Tensor]:
    """Return a module as a function of its trainable parameters, and these as float64, shape (p,)."""
    if inputs is None:
        raise ValueError("x is missing: a module is called with the inputs")
    shape = inputs.shape[1:] or (1,)
    free = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not sum(p.numel() for p in free.values()):
        frozen = any(True for _ in module.parameters())
        raise ValueError(
            "the module has nothing to train: "
            + ("none of its parameters has requires_grad" if frozen else "it has no parameters")
        )
    rest = {name: p.detach() for name, p in module.named_parameters() if name not in free}
    rest |= dict(module.named_buffers())
    sizes, shapes = [p.numel() for p in free.values()], [p.shape for p in free.values()]

    def function(w: Tensor, x: Tensor) -> Tensor:
        parts = w.split(sizes)
        state = {name: part.view(s) for name, part, s in zip(free, parts, shapes, strict=True)}
        fixed = {  # copies: a module may write to its buffers
            name: value.to(w.device, w.dtype if value.is_floating_point() else value.dtype, copy=True)
            for name, value in rest.items()
        }
        return functional_call(module, {**state, **fixed}, (x.reshape(-1, *shape),))

    return function, _numbers(torch.cat([p.detach().reshape(-1) for p in free.values()]), "the module")


def _samples(model: DenseModel, w: Tensor, x: Tensor, y: Tensor, *, has_inputs: bool) -> Samples:
    """Return the samples, with a grid for the fitted curve if there is one input and the model goes along."""
    empty = torch.empty(0, dtype=torch.float64)
    grid = empty
    if has_inputs and x.shape[1] == 1:
        grid = torch.linspace(x.min().item(), x.max().item(), 2 * GRID_POINTS, dtype=torch.float64)
        grid = grid if _works_on(model, w, grid[:, None]) else empty
    names: Sequence[str] = [f"x{i + 1}" for i in range(x.shape[1])]
    if x.shape[1] == 1:
        names = ["x"] if has_inputs else ["sample"]
    return Samples(
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


def _works_on(model: DenseModel, w: Tensor, grid: Tensor) -> bool:
    """Return whether the model takes any inputs, not just as many as there are samples."""
    try:
        return model.outputs(w, grid).shape == (1, len(grid))
    except ValueError:
        return False
