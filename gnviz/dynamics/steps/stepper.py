"""Steppers: how a batch of runs takes one step, with all the memory that it needs for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.directions import Solver, steady_blend
from gnviz.dynamics.steps.optimizers import Optimizer
from gnviz.dynamics.steps.step_sizes import Outcome, StepSize


class Stepper(Protocol):
    """Takes steps with R runs."""

    @property
    def rho(self) -> Tensor | None:
        """The blend to record, shape (R,); None: what the runs' schedules say."""
        ...

    def step(self, system: System, w: Tensor, index: int) -> Outcome:
        """Take a step.

        Args:
            system: What is trained.
            w: Weights, shape (R, p).
            index: The step's number, from 0.
        """
        ...

    def save(self) -> State:
        """Return the memory by name, each array of shape (R, ...)."""
        ...

    def load(self, state: State) -> None:
        """Take over a memory that `save` returned."""
        ...


class Descent:
    """Steps along -d / alpha: one solver, optimizers for some of the runs, one rule for the step size.

    Args:
        system: The runs.
        solve: Gives d.
        optimizers: Turn the gradients of some of the runs.
        size: Gives eta.
    """

    rho = None

    def __init__(
        self, system: System, solve: Solver, optimizers: Sequence[Optimizer], size: StepSize
    ) -> None:
        self._solve, self._optimizers, self._size = solve, optimizers, size
        self._steady = steady_blend(system)

    def step(self, system: System, w: Tensor, index: int) -> Outcome:
        """Take one step."""
        here = self._solve(system, w, torch.full_like(system.alpha, index), self._steady)
        d = here.d
        for optimizer in self._optimizers:
            d = optimizer.turn(d, index)
        return self._size.move(system, w, here, d, index)

    def save(self) -> State:
        """Return step sizes and the optimizers' memories."""
        return {name: value for part in self._parts() for name, value in part.items()}

    def load(self, state: State) -> None:
        """Take over step sizes and memories."""
        for part in self._parts():
            for name in part:
                part[name] = state[name]

    def _parts(self) -> list[State]:
        return [self._size.state, *(o.state for o in self._optimizers)]
