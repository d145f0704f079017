"""The two clocks: what moves the weights of a batch of runs from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from gnviz import experiment as definition
from gnviz.dynamics.discrete import take_step
from gnviz.dynamics.flow import MAX_STEPS, FlowState, advance
from gnviz.dynamics.tangent import System, Tangent

FIRST_STEP = 1e-3
"""The flow's first trial step, in flow time: a small part of 1 / (rate of Gauss-Newton)."""

Checkpoint = Callable[[], None]


class Clock(Protocol):
    """Advances R runs in time."""

    @property
    def w(self) -> Tensor:
        """Weights, shape (R, p)."""
        ...

    @property
    def decay(self) -> Tensor:
        """Certified decay int_0^t r_min ds, NaN where there is no certificate, shape (R,)."""
        ...

    def advance(self, moment: float, running: Tensor, checkpoint: Checkpoint) -> None:
        """Bring the runs marked in `running` (bool, shape (R,)) to time `moment`."""
        ...

    def why_stopped(self, run: int) -> str | None:
        """Say why a run could not be brought to the last moment; None if it was."""
        ...


def clock_for(clock: definition.Clock, system: System, w0: Tensor, first: Tangent) -> Clock:
    """Return the clock that an experiment asks for, started at w0 (R, p)."""
    if clock.kind == "flow":
        return FlowClock(system, w0, clock.tol)
    return StepClock(system, w0, step_sizes(clock.step_size, first), first.rate.amax(1))


def step_sizes(size: float | None, first: Tangent) -> Tensor:
    """Return eta of each run, shape (R,): as set, or 1 over the largest rate at the start."""
    if size is not None:
        return torch.full_like(first.rho, size)
    largest = first.rate.amax(1)
    return torch.where(largest > 0, 1 / largest, 1.0)


class FlowClock:
    """Continuous time: every run takes steps of its own size."""

    def __init__(self, system: System, w0: Tensor, tol: float) -> None:
        self._system, self._tol = system, tol
        self._state = FlowState.start(w0, FIRST_STEP)
        self._late = torch.zeros(len(w0), dtype=torch.bool, device=w0.device)

    @property
    def w(self) -> Tensor:
        """Weights, shape (R, p)."""
        return self._state.w

    @property
    def decay(self) -> Tensor:
        """Certified decay, shape (R,)."""
        return self._state.decay

    def advance(self, moment: float, running: Tensor, checkpoint: Checkpoint) -> None:
        """Bring running runs to flow time `moment`, or to where they get stuck."""
        state = self._state
        while True:
            able = ~state.stuck & (state.attempts < MAX_STEPS)
            runs = (running & able & (state.time < moment)).nonzero()[:, 0]
            if not len(runs):
                break
            checkpoint()
            advance(self._system, state, runs, moment, self._tol)
        self._late = running & (state.time < moment)

    def why_stopped(self, run: int) -> str | None:
        """Say at what time and why a run got stuck."""
        if not self._late[run]:
            return None
        time = self._state.time[run].item()
        if self._state.stuck[run]:
            return f"stopped at t = {time:.4g}: no step is small enough, the flow breaks down there"
        return f"stopped at t = {time:.4g} after {MAX_STEPS} steps; raise clock.tol or damp more"


class StepClock:
    """Discrete time: all runs take the same number of steps, each of its own fixed size.

    Attributes:
        w: Weights, shape (R, p).
        eta: Step sizes, shape (R,).
        first_rate: Largest rate at the start, shape (R,); stability needs eta < 2 / rate.
    """

    def __init__(self, system: System, w0: Tensor, eta: Tensor, first_rate: Tensor) -> None:
        self._system, self.w, self._done = system, w0.clone(), 0
        self.eta, self.first_rate = eta, first_rate
        self.decay = torch.full_like(eta, torch.nan)  # the running certificate speaks of the flow

    def advance(self, moment: float, running: Tensor, checkpoint: Checkpoint) -> None:
        """Take steps until `moment` of them are done."""
        runs = running.nonzero()[:, 0]
        system, eta, w = self._system.select(runs), self.eta[runs], self.w[runs]
        while self._done < int(moment):
            checkpoint()
            w = take_step(system, w, self._done, eta)
            self._done += 1
        self.w[runs] = w

    def why_stopped(self, run: int) -> str | None:
        """Discrete steps can always be taken."""
        return None
