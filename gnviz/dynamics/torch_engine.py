"""The engine of any model, device and size: all runs as one batch of tensors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Clock, State, Tick
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.ending import completed
from gnviz.dynamics.measure.observer import Observer
from gnviz.dynamics.measure.searches import TorchDescent
from gnviz.dynamics.steps.clock import StepClock
from gnviz.dynamics.stop import Stop
from gnviz.dynamics.termination import Seen, Verdicts, look
from gnviz.experiment import Experiment
from gnviz.problem.build import Problem
from gnviz.results import Header, Snapshot


class TorchEngine:
    """Follows R runs and measures them; see `gnviz.dynamics.engine.Engine`.

    Args:
        experiment: What to run.
        problem: It, built.
        system: Its runs.
        w0: Initial weights, shape (R, p).
    """

    name = "torch"

    def __init__(self, experiment: Experiment, problem: Problem, system: System, w0: Tensor) -> None:
        self._experiment, self._problem, self._system, self._w0 = experiment, problem, system, w0
        zero = torch.zeros_like(system.alpha)
        first = linearize_dynamics(system, w0, zero)
        self._clock = _clock_for(experiment, system, w0, first)
        self.first = linearize_dynamics(system, w0, zero, self._own_rho()) if self._clock.record else first
        self._here = self.first

    def start(self, elapsed: float) -> None:
        """Make ready to measure; so many seconds have been spent before."""
        wanted, moments = self._experiment.observe, self._experiment.clock.snapshots
        self._observer = Observer(self._system, self._problem, self._w0, self.first, moments, wanted, elapsed)

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring the runs marked in `running` to time `moment`."""
        self._clock.advance(moment, running, tick)

    def look(self, verdicts: Verdicts, moment: float) -> list[Seen]:
        """Observe every run at a moment, or where it has come to."""
        if moment > 0:
            times = verdicts.times(moment)
            self._here = linearize_dynamics(self._system, self._clock.w, times, self._own_rho())
        return look(self._system, self._here, self._clock)

    def snapshot(
        self, index: int, moment: float, verdicts: Verdicts, header: Header | None, tick: Tick
    ) -> Snapshot:
        """Return what was observed last; in the last one of all, what is known only then."""
        snapshot = self._observer.snapshot(index, moment, self._here, self._clock, verdicts, header)
        if verdicts.under_way:
            return snapshot
        descent = TorchDescent() if self._experiment.observe.optimum else None
        return completed(snapshot, self._system, self._w0, self._here, tick, descent)

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        return self._clock.stopped(run)

    def advice(self, run: int) -> str:
        """Say what keeps a run like this from diverging."""
        return self._clock.advice(run) if isinstance(self._clock, StepClock) else ""

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return copies of what the clock and the observer go on from."""
        return _arrays(self._clock.state_dict()), _arrays(self._observer.state_dict())

    def load_state_dict(self, clock: dict[str, np.ndarray], observer: dict[str, np.ndarray]) -> None:
        """Go on from what `state_dict` returned."""
        self._clock.load_state_dict(_tensors(clock, self._w0.device))
        self._observer.load_state_dict(_tensors(observer, self._w0.device), self._clock.w)

    def _own_rho(self) -> Tensor | None:
        return self._clock.record.rho if self._clock.record else None


def _clock_for(experiment: Experiment, system: System, w0: Tensor, first: LinearizedDynamics) -> Clock:
    """Return the clock that an experiment asks for, started at w0 (R, p)."""
    if experiment.clock.kind == "flow":
        return FlowClock(system, w0, experiment.clock.tol, first)
    return StepClock(system, w0, experiment.clock, first)


def _arrays(state: State) -> dict[str, np.ndarray]:
    return {name: value.cpu().numpy() for name, value in state.items()}


def _tensors(state: dict[str, np.ndarray], device: torch.device) -> State:
    """Return the arrays in torch's own memory: BLAS rounds by how an array is aligned."""
    return {name: torch.tensor(value, device=device) for name, value in state.items()}
