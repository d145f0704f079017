"""What differs between the clocks for the compiled engine: what moves a run, and what is said of it."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gnviz.dynamics.compiled.code.codes import SOLVERS, turned
from gnviz.dynamics.compiled.code.entry import flow, steps
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.flow.clock import stop_of
from gnviz.dynamics.flow.state import SMALLEST_STEP
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.directions import solver_for
from gnviz.dynamics.steps.step_sizes import advice, first_sizes
from gnviz.dynamics.stop import Stop
from gnviz.experiment import Clock

BEGINNING = -1.0
"""The moment that puts a run to its start."""


class Moving(Protocol):
    """Moves R runs.

    Attributes:
        settings: Of each run, what `layout` names from FIRST_SOLVER on, shape (R, 8).
        numbers: What a snapshot holds beside what both clocks measure, by where it lies in `num`.
    """

    settings: np.ndarray
    numbers: dict[str, int]

    def move(self, run: at.Run, moment: float, most: int) -> bool:
        """Bring a run to a moment by at most so many steps; return whether it is there.

        Args:
            run: The run, changed in place; see `layout.Run`.
            moment: Flow time, or number of steps in all; BEGINNING puts it to its start.
            most: Steps that it may take now.
        """
        ...

    def stopped(self, num: np.ndarray) -> Stop | None:
        """Say where and why a run with these numbers was not brought to the last moment; None if it was."""
        ...

    def advice(self, run: int) -> str:
        """Say what keeps a run like this from diverging; empty if nothing does."""
        ...


class Flow:
    """Moves R runs in continuous time."""

    def __init__(self, runs: int) -> None:
        self.numbers: dict[str, int] = {}
        self.settings = np.zeros((runs, at.SETTINGS - at.FIRST_SOLVER))

    def move(self, run: at.Run, moment: float, most: int) -> bool:
        """Bring a run to a flow time.

        Args:
            run: The run, changed in place; see `layout.Run`.
            moment: Flow time; BEGINNING puts it to its start.
            most: Steps that it may take now.
        """
        return flow(run, moment, most)

    def stopped(self, num: np.ndarray) -> Stop | None:
        """Say where and why a run got stuck."""
        if not num[at.LATE]:
            return None
        stuck = num[at.STEP] < SMALLEST_STEP * max(num[at.TIME], 1e-3)
        return stop_of(float(num[at.TIME]), bool(stuck), int(num[at.REFUSAL]))

    def advice(self, run: int) -> str:
        """Nothing: a flow has no step size to lower."""
        return ""


class Steps:
    """Moves R runs by steps.

    Args:
        knobs: Step rule and size.
        system: The runs.
        first: The dynamics at the start.
    """

    def __init__(self, knobs: Clock, system: System, first: LinearizedDynamics) -> None:
        self._rule, self._methods, self._first = knobs.step_rule, system.methods, first
        self._eta = first_sizes(knobs.step_size, system.methods, system.alpha, first).tolist()
        self.numbers = {"step_size": at.STEP_SIZE, "accepted": at.ACCEPTED}
        stable, space = float(knobs.step_rule == "stable"), system.in_parameter_space
        solvers = [SOLVERS[solver_for(method, space)] for method in system.methods]
        self.settings = np.array(
            [
                [solver, eta, stable, method.stretch, *turned(method)]
                for solver, eta, method in zip(solvers, self._eta, system.methods, strict=True)
            ]
        )

    def move(self, run: at.Run, moment: float, most: int) -> bool:
        """Bring a run to where it has taken so many steps.

        Args:
            run: The run, changed in place; see `layout.Run`.
            moment: The number of steps in all; BEGINNING puts it to its start.
            most: Steps that it may take now.
        """
        return steps(run, moment, most)

    def stopped(self, num: np.ndarray) -> Stop | None:
        """None: steps can always be taken."""
        return None

    def advice(self, run: int) -> str:
        """Say what to do about the step size."""
        return advice(self._rule, self._methods[run], self._eta[run], self._first.rate[run].amax().item())


def clock_for(knobs: Clock, system: System, first: LinearizedDynamics) -> Moving:
    """Return what moves the runs of a system on a clock.

    Args:
        knobs: The clock's settings.
        system: The R runs.
        first: Their dynamics at the start.
    """
    return Flow(len(system.methods)) if knobs.kind == "flow" else Steps(knobs, system, first)
