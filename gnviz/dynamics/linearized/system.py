"""R runs on the same data: what does not change while they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from gnviz.dynamics.host import rows
from gnviz.losses import Loss
from gnviz.losses.squared import Squared
from gnviz.methods import Method, Schedule
from gnviz.problem.models.base import Model


@dataclass(frozen=True)
class System:
    """R runs on the same data: what does not change while they are trained.

    Attributes:
        model: The network.
        x: Inputs, shape (n, d).
        y: Targets, shape (n,).
        methods: One for each run.
        alpha: Output scaling of each run, shape (R,).
        offset: Subtracted from f(w): f(w0) for the centred predictor, else 0; shape (R, n).
        loss: What is minimized.
        space: Where the modes are computed; auto: in parameter space if p < n.
    """

    model: Model
    x: Tensor
    y: Tensor
    methods: Sequence[Method]
    alpha: Tensor
    offset: Tensor
    loss: Loss = field(default_factory=Squared)
    space: Literal["auto", "sample", "parameter"] = "auto"

    @property
    def in_parameter_space(self) -> bool:
        """Whether modes come from the Jacobian (n x p) rather than from the kernel (n x n)."""
        if self.space == "auto":
            return self.model.parameters < len(self.y)
        return self.space == "parameter"

    @cached_property
    def undamped(self) -> Tensor:
        """Which runs follow pure Gauss-Newton at all times, bool, shape (R,)."""
        return torch.tensor([s.undamped for s in self.schedules], device=self.alpha.device)

    @property
    def any_undamped(self) -> bool:
        """Whether some run follows pure Gauss-Newton at all times."""
        return any(s.undamped for s in self.schedules)

    @property
    def schedules(self) -> list[Schedule]:
        """The schedules that rho and the rates of the runs come from."""
        return [m.schedule for m in self.methods]

    def select(self, runs: Tensor) -> System:
        """Return the system of some runs, given by index."""
        return self.part(tuple(runs.tolist()))

    def part(self, runs: tuple[int, ...]) -> System:
        """Return the system of some runs, the same again for the same ones; the host waits for nothing."""
        if runs not in self._parts:
            index = rows(runs, self.alpha.device)
            methods = [self.methods[i] for i in runs]
            self._parts[runs] = replace(
                self, methods=methods, alpha=self.alpha[index], offset=self.offset[index]
            )
        return self._parts[runs]

    @cached_property
    def _parts(self) -> dict[tuple[int, ...], System]:
        return {tuple(range(len(self.methods))): self}


def predict(system: System, outputs: Tensor) -> Tensor:
    """Return u = alpha (f - offset), shape (R, n)."""
    return system.alpha[:, None] * (outputs - system.offset)
