"""THE loop: an experiment in, a stream of snapshots out.

All runs of an experiment share one problem and one time grid and are advanced as one batch. What
the mathematics does (convergence, divergence, loss of rank) ends a run with a status and a plain
sentence, never with an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Checkpoint, clock_for
from gnviz.dynamics.observe import Observer, make_header
from gnviz.dynamics.optimum import in_class_optimum, wanted
from gnviz.dynamics.tangent import System, Tangent, tangent
from gnviz.dynamics.threads import threads_for
from gnviz.dynamics.verdicts import Verdicts
from gnviz.experiment import Clock, Experiment
from gnviz.knobs import KnobError
from gnviz.problem.build import Problem, build
from gnviz.results import Recording, Snapshot

if TYPE_CHECKING:
    import xarray as xr

FIRST_TIME = 1e-2
"""First moment after 0 on a logarithmic time grid, in flow time: every rate is still about to act."""

HORIZON_RATES = 16.0
"""The default horizon, in units of 1 / (slowest rate): the loss falls by e^-32, thirteen decades."""


def run(experiment: Experiment) -> xr.Dataset:
    """Run an experiment to its end.

    Args:
        experiment: What to run.

    Returns:
        The Dataset of `gnviz.results` (schema 1).

    Raises:
        KnobError: The experiment cannot be built (a ValueError).
    """
    return Recording.of(simulate(experiment)).dataset()


def simulate(experiment: Experiment, checkpoint: Checkpoint | None = None) -> Iterator[Snapshot]:
    """Train all methods of an experiment, yielding a snapshot at each moment of the time grid.

    The stream ends early when every run has ended.

    Args:
        experiment: What to run.
        checkpoint: Called before every inner step; it may wait (pause) or raise (cancel).

    Yields:
        Snapshots in order, the first with the header.

    Raises:
        KnobError: The experiment cannot be built (a ValueError).
    """
    with threads_for(experiment.data.n * max(experiment.data.n, experiment.network.width)):
        problem = build(experiment)
    n = len(problem.samples.y)
    entries = len(experiment.runs) * n * max(n, experiment.network.width)
    stream = _moments(experiment, problem, checkpoint or (lambda: None))
    while True:
        with threads_for(entries):  # not while the caller holds the snapshot
            snapshot = next(stream, None)
        if snapshot is None:
            return
        yield snapshot


def _moments(experiment: Experiment, problem: Problem, checkpoint: Checkpoint) -> Iterator[Snapshot]:
    """Yield the snapshots of a problem that has been built."""
    system, w0 = assemble(experiment, problem)
    here = tangent(system, w0, torch.zeros_like(system.alpha))
    times = time_grid(experiment.clock, here)
    header = make_header(experiment, problem, system, w0, here, times)
    clock = clock_for(experiment.clock, system, w0, here)
    observer = Observer(system, problem, w0, here, experiment.observe.sharpness)
    unit = "step" if experiment.clock.kind == "steps" else "t"
    verdicts = Verdicts(here.loss, least_loss(system), w0.dtype, unit)
    for index, moment in enumerate(times.tolist()):
        if index:
            clock.advance(moment, verdicts.running, checkpoint)
            here = tangent(system, clock.w, verdicts.times(moment))
        verdicts.judge(moment, here, clock, last=index == len(times) - 1)
        snapshot = observer.snapshot(index, moment, here, clock, verdicts, None if index else header)
        over = not verdicts.running.any()
        if over and wanted(system):
            optimum, error = in_class_optimum(system, clock.w, here, checkpoint)
            snapshot = replace(snapshot, optimum=optimum, optimum_error=error)
        yield snapshot
        if over:
            return


def assemble(experiment: Experiment, problem: Problem) -> tuple[System, Tensor]:
    """Return the system of all runs and their initial weights (R, p), on the experiment's device."""
    place = {"device": device(experiment.device), "dtype": getattr(torch, experiment.dtype)}
    runs, of = experiment.runs, dict(zip(experiment.methods, experiment.parsed_methods, strict=True))
    methods = [of[run.method] for run in runs]
    x, y = problem.samples.x.to(**place), problem.samples.y.to(**place)
    w0 = torch.stack([problem.starts[run.seed] for run in runs]).to(**place)
    offset = problem.network.outputs(w0, x) if problem.centred else torch.zeros(len(methods), len(y), **place)
    alpha = torch.tensor([run.alpha for run in runs], **place)
    return System(problem.network, x, y, methods, alpha, offset, problem.loss), w0


def device(name: str) -> torch.device:
    """Return the device for `auto`, `cpu` or `cuda`.

    Raises:
        KnobError: CUDA is asked for where there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise KnobError("device = 'cuda' is not available on this machine; allowed are 'cpu' and 'auto'")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def least_loss(system: System) -> Tensor:
    """Return n (2 eps alpha)^2, a perfect fit's loss when f of order 1 is rounded, shape (R,)."""
    return len(system.y) * (2 * torch.finfo(system.alpha.dtype).eps * system.alpha).square()


def time_grid(clock: Clock, first: Tangent) -> np.ndarray:
    """Return the moments to record, shape (T,), from 0: flow times, or whole step numbers."""
    discrete = clock.kind == "steps"
    last = float(clock.steps) if discrete else clock.horizon or horizon(first)
    start = min(1.0 if discrete else FIRST_TIME, last / 10)
    if clock.spacing == "log":
        grid = np.concatenate([[0.0], np.geomspace(start, last, clock.snapshots - 1)])
        grid[-1] = last
    else:
        grid = np.linspace(0.0, last, clock.snapshots)
    return np.unique(grid.round()) if discrete else grid


def horizon(first: Tangent) -> float:
    """Return a flow time by which the slowest method is done: 16 over its slowest resolved rate."""
    rates = first.rate[first.resolved]
    return min(max(HORIZON_RATES / rates.min().item(), 1.0), 1e16) if len(rates) else 1.0
