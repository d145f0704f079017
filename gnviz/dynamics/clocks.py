"""The two clocks: what moves the weights of a batch of runs from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from gnviz import experiment as definition
from gnviz.dynamics.discrete import take_step
from gnviz.dynamics.flow_clock import FlowClock
from gnviz.dynamics.tangent import System, Tangent

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

    @property
    def evaluations(self) -> Tensor:
        """Kernel evaluations that following each run took so far, without those of observing, shape (R,)."""
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
        return FlowClock(system, w0, clock.tol, first)
    return StepClock(system, w0, step_sizes(clock.step_size, first), first.rate.amax(1))


def step_sizes(size: float | None, first: Tangent) -> Tensor:
    """Return eta of each run, shape (R,): as set, or 1 over the largest rate at the start."""
    if size is not None:
        return torch.full_like(first.rho, size)
    largest = first.rate.amax(1)
    return torch.where(largest > 0, 1 / largest, 1.0)


class StepClock:
    """Discrete time: all runs take the same number of steps, each of its own fixed size.

    Attributes:
        w: Weights, shape (R, p).
        eta: Step sizes, shape (R,).
        evaluations: Steps taken, one linearization each, shape (R,).
        first_rate: Largest rate at the start, shape (R,); stability needs eta < 2 / rate.
    """

    def __init__(self, system: System, w0: Tensor, eta: Tensor, first_rate: Tensor) -> None:
        self._system, self.w, self._done = system, w0.clone(), 0
        self.eta, self.first_rate = eta, first_rate
        self.evaluations = torch.zeros(len(w0), dtype=torch.long, device=w0.device)
        self.decay = torch.full_like(eta, torch.nan)  # the running certificate speaks of the flow

    def advance(self, moment: float, running: Tensor, checkpoint: Checkpoint) -> None:
        """Take steps until `moment` of them are done."""
        runs = running.nonzero()[:, 0]
        system, eta, w = self._system.select(runs), self.eta[runs], self.w[runs]
        while self._done < int(moment):
            checkpoint()
            w = take_step(system, w, self._done, eta)
            self._done += 1
            self.evaluations[runs] += 1
        self.w[runs] = w

    def why_stopped(self, run: int) -> str | None:
        """Discrete steps can always be taken."""
        return None
