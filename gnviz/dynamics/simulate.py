"""THE loop: an experiment in, a stream of snapshots out.

All runs of an experiment share one problem and one time grid; an engine brings them from moment to moment
(`gnviz.dynamics.engine` says which). What
the mathematics does (convergence, divergence, loss of rank) ends a run with a status and a plain
sentence, never with an exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.checkpoint import Checkpoint
from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.compiled.machine import ready
from gnviz.dynamics.devices import device, within_memory
from gnviz.dynamics.engine import Engine, choose
from gnviz.dynamics.kept import check_recorded, fitting
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.header import make_header
from gnviz.dynamics.termination import Verdicts
from gnviz.dynamics.threads import threads_for
from gnviz.dynamics.torch_engine import TorchEngine
from gnviz.experiment import Clock, Experiment
from gnviz.experiment.work import step_work
from gnviz.knobs import KnobError
from gnviz.problem.build import Problem, build
from gnviz.problem.user.make import UserProblem
from gnviz.results import Recording, Snapshot, Status

if TYPE_CHECKING:
    import xarray as xr

FIRST_TIME = 1e-2
"""First moment after 0 on a logarithmic time grid, in flow time: every rate is still about to act."""

HORIZON_RATES = 16.0
"""The default horizon, in units of 1 / (slowest rate): the loss falls by e^-32, thirteen decades."""


def run(experiment: Experiment, problem: UserProblem | None = None) -> xr.Dataset:
    """Run an experiment to its end.

    Args:
        experiment: What to run.
        problem: Your own model and data, from `gnviz.make_problem`; None: those of the experiment.

    Returns:
        The Dataset of `gnviz.results` (schema 1).

    Raises:
        KnobError: The experiment cannot be built (a ValueError).

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=[gnviz.GaussNewton()])
        >>> ds = gnviz.run(experiment.replace({"network.width": 32, "clock.horizon": 5}))
        >>> print(ds.status_text.item())
        reached t = 5 with loss 4.95e-05
        >>> ratio = ds.loss[0, -1] / ds.loss[0, 0]  # e^(-2t) if the kernel stood still
        >>> print(f"{ratio:.1e}")
        4.5e-05
    """
    return Recording.of(simulate(experiment, problem=problem)).dataset()


def simulate(
    experiment: Experiment,
    tick: Tick | None = None,
    resume: Checkpoint | None = None,
    problem: UserProblem | None = None,
) -> Simulation:
    """Train all methods of an experiment, yielding a snapshot at each moment of the time grid.

    The stream ends early when every run has ended.

    Args:
        experiment: What to run.
        tick: Called before every inner step; it may wait (pause) or raise (cancel).
        resume: Where to go on from, made by `Simulation.checkpoint`. What comes is bit for bit what an
            uninterrupted run gives (on the same machine; `optimum` and what other starts find, to their
            errors); the first snapshots are those that the checkpoint has recorded, if any.
        problem: Your own model and data, from `gnviz.make_problem`, the same again on resuming; None: those
            of the experiment.

    Returns:
        An iterator of snapshots in order, the first with the header.

    Raises:
        KnobError: The experiment cannot be built, or the checkpoint is of another one (a ValueError); at the
            first snapshot.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton", "gradient-flow"])
        >>> small = {"network.width": 32, "clock.horizon": 5, "clock.snapshots": 4, "clock.spacing": "linear"}
        >>> for snapshot in gnviz.simulate(experiment.replace(small)):
        ...     print(f"t = {snapshot.time:.3f}: loss {snapshot.loss[0]:.1e}")
        t = 0.000: loss 1.1e+00
        t = 1.667: loss 3.9e-02
        t = 3.333: loss 1.4e-03
        t = 5.000: loss 4.9e-05
    """
    return Simulation(experiment, tick or (lambda: None), resume, problem)


def warm() -> None:
    """Have what makes small runs fast compiled in the background: for servers and workers at their start."""
    ready.warm()


class Simulation:
    """An experiment under way: an iterator of snapshots, which can be stopped and gone on with."""

    def __init__(
        self,
        experiment: Experiment,
        tick: Tick,
        resume: Checkpoint | None,
        problem: UserProblem | None = None,
    ) -> None:
        self._experiment, self._tick, self._resume, self._problem = experiment, tick, resume, problem
        self._last: Snapshot | None = None
        self._whole = True  # no step is under way, or was left in the middle
        self._stream = self._run()

    def __iter__(self) -> Iterator[Snapshot]:
        return self

    def __next__(self) -> Snapshot:
        self._whole = False
        snapshot = next(self._stream, None)
        self._whole = True
        if snapshot is None:
            raise StopIteration
        return snapshot

    def checkpoint(self, recorded: Sequence[Snapshot] = ()) -> Checkpoint:
        """Return where the runs stand at the last snapshot.

        Args:
            recorded: All snapshots so far, to be kept with it; they are replayed on resuming.

        Raises:
            ValueError: There has been no snapshot yet, or the run was cancelled between two of them.
        """
        if not self._whole:
            raise ValueError("the run was stopped in the middle of a step: there is nothing to go on from")
        if self._last is None:
            if self._resume:
                return self._resume
            raise ValueError("there is nothing to keep before the first snapshot")
        clock, observer = self._engine.state_dict()
        return Checkpoint(
            experiment=self._experiment.to_json(),
            index=self._last.index,
            time=self._times,
            engine=self._engine.name,
            clock=clock,
            observer=observer,
            status=self._last.status,
            status_text=self._last.status_text,
            notes=tuple(self._verdicts.notes),
            until=self._verdicts.until.cpu().numpy(),
            end_loss=self._verdicts.end_loss.cpu().numpy(),
            wall_seconds=self._last.wall_seconds,
            recorded=tuple(recorded),
        )

    def _run(self) -> Iterator[Snapshot]:
        """Yield the snapshots, computing on as many threads as pay."""
        experiment = self._experiment
        if self._resume:
            self._resume.check(experiment)
        with threads_for(experiment.data.n * max(experiment.data.n, experiment.network.width)):
            problem = self._problem.problem(experiment) if self._problem else build(experiment)
        entries = len(problem.runs) * problem.model.entries(len(problem.samples.y))
        stream = self._moments(problem)
        while True:
            with threads_for(entries), within_memory():  # not while the caller holds the snapshot
                snapshot = next(stream, None)
            if snapshot is None:
                return
            yield snapshot

    def _moments(self, problem: Problem) -> Iterator[Snapshot]:
        """Yield the snapshots of a problem that has been built."""
        experiment, resume = self._experiment, self._resume
        system, w0 = assemble(experiment, problem)
        self._engine = engine = _engine_for(experiment, problem, system, w0, resume.engine if resume else "")
        self._times = resume.time if resume else time_grid(experiment.clock, engine.first)
        header = make_header(experiment, problem, system, w0, engine.first, self._times, engine.name)
        engine.start(resume.wall_seconds if resume else 0.0)
        unit = "step" if experiment.clock.kind == "steps" else "t"
        self._verdicts = verdicts = Verdicts(system, engine.first, experiment.clock.gtol, unit)
        done = -1
        if resume:
            done = self._restore(resume, w0)
            check_recorded(resume.recorded, header, resume.index)
            for snapshot in resume.recorded:
                yield replace(snapshot, header=header if snapshot.index == 0 else None)
        with_header = 0 if resume is None or resume.recorded else done + 1
        for index in range(done + 1, len(self._times)):
            moment = float(self._times[index])
            if not verdicts.under_way:
                return
            if index:
                engine.advance(moment, verdicts.running, self._tick)
            seen = engine.look(verdicts, moment)
            verdicts.judge(moment, seen, engine, last=index == len(self._times) - 1)
            now = header if index == with_header else None
            self._last = engine.snapshot(index, moment, verdicts, now, self._tick)
            yield self._last

    def _restore(self, resume: Checkpoint, w0: Tensor) -> int:
        """Put engine and verdicts where the checkpoint left them; return the index of its moment."""
        there, here = resume.clock["w"].shape, tuple(w0.shape)
        if there != here:
            raise KnobError(
                f"the checkpoint is of another problem: it has weights of shape {there}, this one {here}"
            )
        own = {"until": self._verdicts.until.cpu().numpy(), "end_loss": self._verdicts.end_loss.cpu().numpy()}
        fitting({"until": resume.until, "end_loss": resume.end_loss}, own)
        self._engine.load_state_dict(resume.clock, resume.observer)
        self._verdicts.status = [Status(s) for s in resume.status]
        self._verdicts.text, self._verdicts.notes = list(resume.status_text), list(resume.notes)
        self._verdicts.until = torch.tensor(resume.until, device=w0.device)
        self._verdicts.end_loss = torch.tensor(resume.end_loss, device=w0.device)
        return resume.index


def _engine_for(experiment: Experiment, problem: Problem, system: System, w0: Tensor, made: str) -> Engine:
    """Return the engine that `gnviz.dynamics.engine` chooses, at the start."""
    if choose(experiment, problem, system, made) == "torch":
        return TorchEngine(experiment, problem, system, w0)
    from gnviz.dynamics.compiled.engine import CompiledEngine  # numba may be missing

    return CompiledEngine(experiment, problem, system, w0)


def assemble(experiment: Experiment, problem: Problem) -> tuple[System, Tensor]:
    """Return the system of all runs and their initial weights (R, p), on the experiment's device."""
    work = step_work(len(problem.runs), len(problem.samples.y), problem.model.parameters)
    place = {"device": device(experiment, work), "dtype": getattr(torch, experiment.dtype)}
    runs, of = problem.runs, dict(zip(experiment.methods, experiment.parsed_methods, strict=True))
    methods = [of[run.method] for run in runs]
    x, y = problem.samples.x.to(**place), problem.samples.y.to(**place)
    w0 = torch.stack([problem.starts[run.seed] for run in runs]).to(**place)
    offset = problem.model.outputs(w0, x) if problem.centred else torch.zeros(len(methods), len(y), **place)
    alpha = torch.tensor([run.alpha for run in runs], **place)
    return System(problem.model, x, y, methods, alpha, offset, problem.loss), w0


def time_grid(clock: Clock, first: LinearizedDynamics) -> np.ndarray:
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


def horizon(first: LinearizedDynamics) -> float:
    """Return a flow time by which the slowest method is done: 16 over its slowest resolved rate.

    Modes that a method does not move at first, as a user's formula may have it, do not count.
    """
    rates = first.rate[first.resolved & (first.rate > 0)]
    return min(max(HORIZON_RATES / rates.min().item(), 1.0), 1e16) if len(rates) else 1.0
