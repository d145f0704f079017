"""The two clocks: what moves the weights of a batch of runs from one moment to the next."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from gnviz import experiment as definition
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import System, Tangent
from gnviz.dynamics.steps.clock import StepClock, StepRecord, Tick
from gnviz.dynamics.steps.optimizers import State
from gnviz.dynamics.stop import Stop


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
    def promised(self) -> Tensor:
        """Decay promised before the run (`flow.apriori`), NaN where there is none, shape (R,)."""
        ...

    @property
    def evaluations(self) -> Tensor:
        """Kernel evaluations that following each run took so far, without those of observing, shape (R,)."""
        ...

    @property
    def record(self) -> StepRecord | None:
        """What the last steps were like; None in continuous time."""
        ...

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring the runs marked in `running` (bool, shape (R,)) to time `moment`.

        `tick` is called before every inner step; it may wait (pause) or raise (cancel).
        """
        ...

    @property
    def kept(self) -> Tensor:
        """Time up to which the promise's condition is known to have held, NaN without one, shape (R,)."""
        ...

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        ...

    def state_dict(self) -> State:
        """Return copies of all that changes from moment to moment, by name."""
        ...

    def load_state_dict(self, state: State) -> None:
        """Go on, bit for bit, from what `state_dict` returned."""
        ...


def clock_for(clock: definition.Clock, system: System, w0: Tensor, first: Tangent) -> Clock:
    """Return the clock that an experiment asks for, started at w0 (R, p)."""
    if clock.kind == "flow":
        return FlowClock(system, w0, clock.tol, first)
    return StepClock(system, w0, clock, first)
