"""From an experiment to a problem: data, network and initial weights, ready to be trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from gnviz.activations import parse_activation
from gnviz.data import Samples
from gnviz.data.samples import Given
from gnviz.data.targets import EQUAL_MODES
from gnviz.experiment import Experiment
from gnviz.experiment.ensemble import Run
from gnviz.experiment.limits import limits, needed_bytes
from gnviz.knobs import KnobError, text_of
from gnviz.losses import Loss
from gnviz.problem.data.conditioning import condition_number, kernel_condition
from gnviz.problem.data.held_out import with_test
from gnviz.problem.data.labels import labelled
from gnviz.problem.data.pairs import samples_of
from gnviz.problem.data.plane import with_plane
from gnviz.problem.models import surface as surfaces
from gnviz.problem.models.base import Linearization, Model
from gnviz.problem.models.mlp import MLP


@dataclass(frozen=True)
class Problem:
    """What is being fitted, float64 on the CPU.

    Attributes:
        samples: Inputs and targets.
        model: A network or the user's own.
        w0: Initial weights of the first seed, shape (p,).
        centred: Whether the predictor is alpha (f(w) - f(w0)).
        condition: kappa(K_0) as reached.
        loss: What is minimized.
        starts: Initial weights by seed, each (p,).
        runs: What is trained, one after another in the batch.
        model_name: Name of the user's own model, or formula of a surface; empty for the experiment's network.
    """

    samples: Samples
    model: Model
    w0: Tensor
    centred: bool
    condition: float
    loss: Loss
    starts: dict[int, Tensor]
    runs: tuple[Run, ...]
    model_name: str = ""


def build(experiment: Experiment) -> Problem:
    """Make data, network and initial weights.

    Raises:
        KnobError: Settings that do not fit together, an unreachable condition number, a bad
            table, or an experiment that would not fit in memory.
    """
    if experiment.on_surface:
        return build_surface(experiment)
    _check(experiment)
    data, net = experiment.data.choice, experiment.network
    if data.made:  # before anything is drawn
        _check_size(experiment, data.n, getattr(data, "d", 2))
    generator = torch.Generator().manual_seed(data.seed)
    samples = with_plane(with_test(samples_of(data, Given(generator, partial(_kappa, experiment))), data))
    network = MLP(samples.x.shape[1], net.width, net.depth, net.activation)
    n, inputs = samples.x.shape
    _check_size(experiment, n, inputs, len(samples.grid))
    w0 = initial_weights(experiment, network, net.seed)
    linear = network.linearize(w0[None], samples.x)
    y = samples.y
    if data.target == EQUAL_MODES:
        alpha = 0.0 if net.initialization == "centred" else experiment.runs[0].alpha
        y = _equal_modes(linear, network.parameters, alpha)
    std = 0.0 if data.moves_inputs else getattr(data, "noise", 0.0)
    samples = replace(samples, y=with_noise(y, std, generator))
    loss = experiment.loss.choice
    return Problem(
        labelled(samples, made=data.made) if loss.labels else samples,
        network,
        w0,
        net.initialization == "centred",
        kernel_condition(linear, network.parameters),
        loss,
        {run.seed: initial_weights(experiment, network, run.seed) for run in experiment.runs},
        tuple(experiment.runs),
    )


def build_surface(experiment: Experiment) -> Problem:
    """Make the problem of a surface: three samples, two parameters, one start.

    Raises:
        KnobError: Settings that do not fit together, or a start where the model has no value.
    """
    check_methods(experiment)
    limits().check(experiment, own=True)
    runs = surfaces.one_start(experiment)
    model, centred = surfaces.surface_model(experiment.surface), surfaces.is_centred(experiment)
    samples, start = surfaces.place(experiment, model)
    loss = experiment.loss.choice
    return Problem(
        labelled(samples, made=True) if loss.labels else samples,
        model,
        start,
        centred,
        kernel_condition(model.linearize(start[None], samples.x), model.parameters),
        loss,
        {run.seed: start for run in runs},
        runs,
        experiment.surface.words,
    )


def initial_weights(experiment: Experiment, network: MLP, seed: int) -> Tensor:
    """Return w0, shape (p,), from a seed.

    Args:
        experiment: Says whether neurons are paired, and how far the weights spread.
        network: What they are for.
        seed: Of the draw.
    """
    net, generator = experiment.network, torch.Generator().manual_seed(seed)
    return net.spread * network.initialize(generator, paired=net.initialization == "paired")


def _kappa(experiment: Experiment, x: Tensor) -> float:
    """Return kappa(K_0) at inputs x (n, d) of the experiment's network at its first seed."""
    net = experiment.network
    network = MLP(x.shape[1], net.width, net.depth, net.activation)
    w0 = initial_weights(experiment, network, net.seed)
    return condition_number(network.linearize(w0[None], x).kernel()[0])


def with_noise(y: Tensor, std: float, generator: torch.Generator) -> Tensor:
    """Return targets with Gaussian noise of the given standard deviation added.

    Args:
        y: Targets, shape (n,).
        std: The standard deviation, in their units; 0 draws nothing.
        generator: Of the draw.
    """
    return y + std * torch.randn(y.shape, generator=generator, dtype=torch.float64) if std else y


def _equal_modes(linear: Linearization, parameters: int, alpha: float) -> Tensor:
    """Return targets whose initial residual has the same weight in each eigenvector of K_0, shape (n,).

    The residual has norm sqrt(k / 2) for the k = min(n, p) modes there are, that of a sine wave if k = n.
    The predictor starts at alpha f(w0).
    """
    if parameters >= linear.outputs.shape[1]:
        vectors = torch.linalg.eigh(linear.kernel()[0]).eigenvectors
    else:
        vectors = torch.linalg.svd(linear.jacobian()[0], full_matrices=False).U
    return alpha * linear.outputs[0] + vectors.sum(1) / 2**0.5


def _check(experiment: Experiment) -> None:
    """Refuse settings that do not fit together."""
    check_methods(experiment)
    net, data = experiment.network, experiment.data
    if net.initialization == "paired" and net.width % 2:
        raise KnobError(
            f"network.width = {net.width} is odd, but initialization 'paired' needs twin neurons: "
            f"use {net.width + 1}, or network.initialization = centred",
            {"network.width": net.width + 1},
        )
    if experiment.clock.kind == "flow" and not parse_activation(net.activation).smooth:
        raise KnobError(
            f"network.activation = {net.activation!r} has a kink, where the kernel jumps: clock.kind = "
            "'flow' cannot follow it to an accuracy; allowed with it: clock.kind = steps",
            {"clock.kind": "steps"},
        )
    if data.target == EQUAL_MODES:
        _check_equal_modes(experiment)


def _check_equal_modes(experiment: Experiment) -> None:
    """Refuse targets that depend on the start where runs start from different predictions or kernels."""
    if experiment.loss.choice.labels:
        raise KnobError(
            "data.target = 'equal-modes' sets real-valued targets, but loss.kind = "
            f"{experiment.loss.kind!r} fits labels; allowed with it: data.target = 'two-tone', 'wave' or "
            "'step'"
        )
    starts = "targets depend on the start, which data.target = 'equal-modes' must share among all runs; "
    if experiment.ensemble.seeds > 1:
        raise KnobError(
            f"ensemble.seeds = {experiment.ensemble.seeds}: {starts}allowed with it: ensemble.seeds = 1",
            {"ensemble.seeds": 1},
        )
    if experiment.network.initialization == "plain" and len(experiment.ensemble.alphas) > 1:
        raise KnobError(
            f"ensemble.alphas = {text_of(experiment.ensemble.alphas)}: with network.initialization = 'plain' "
            f"{starts}allowed with it: one alpha, or network.initialization = paired or centred",
            {"network.initialization": "centred"},
        )


def check_methods(experiment: Experiment) -> None:
    """Refuse a method on a clock, or with a step rule, that it does not work with.

    Raises:
        KnobError: There is one; the message says what is allowed with it.
    """
    clock = experiment.clock
    for method in experiment.parsed_methods:
        name = method.label
        if clock.kind not in method.clocks:
            raise KnobError(
                f"clock.kind = {clock.kind!r} does not go with the method {name!r}; "
                f"allowed with it: clock.kind = {' or '.join(method.clocks)}"
            )
        if clock.kind == "steps" and clock.step_rule not in method.step_rules:
            raise KnobError(
                f"clock.step_rule = {clock.step_rule!r} does not go with the method {name!r}; "
                f"allowed with it: clock.step_rule = {' or '.join(method.step_rules)}"
            )


def _check_size(experiment: Experiment, samples: int, inputs: int, grid: int = 0) -> None:
    """Refuse an experiment that is larger than is allowed here, or would not fit in memory."""
    here, net = limits(), experiment.network
    here.check(experiment, samples)
    needed = needed_bytes(experiment, samples, inputs, grid)
    runs = len(experiment.runs)
    sizes = f"network.width = {net.width}, network.depth = {net.depth}, n = {samples}, {runs} runs"
    here.check_memory(needed, sizes, "the width, the depth, methods or ensemble")
