"""The measurements beside the dynamics, for all runs of an experiment: see `observables`."""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.linearized.dynamics import System, Tangent
from gnviz.dynamics.linearized.norms import length
from gnviz.dynamics.measure.observables import held_out_loss, kernel_limit, lazy_gap, sharpness
from gnviz.problem.build import Problem


class Extras:
    """What is measured at every moment beside loss and spectrum.

    Args:
        system: R runs.
        problem: Their data.
        w0: Initial weights, shape (R, p).
        first: The dynamics at the start.
        orders: Leading eigenvalues of the loss's Hessian; 0 for none.

    Attributes:
        length: Length of the polygon through the weights measured so far, shape (R,).
    """

    def __init__(self, system: System, problem: Problem, w0: Tensor, first: Tangent, orders: int) -> None:
        self._system, self._w0, self._first, self._orders = system, w0, first, orders
        self._x, self._y = problem.samples.test_x.to(system.x), problem.samples.test_y.to(system.x)
        self._offset = offset_at(system, problem, w0, self._x)
        self._last, self.length = w0, torch.zeros_like(system.alpha)

    def go_on(self, length: Tensor, w: Tensor) -> None:
        """Continue a path of that length (R,) that has come to w (R, p)."""
        self._last, self.length = w.clone(), length

    def measure(self, here: Tangent, w: Tensor) -> dict[str, Tensor]:
        """Return the quantities by name, each (R,) or (R, orders); moments are measured in order."""
        self.length = self.length + length(w - self._last)
        self._last = w.clone()
        return {
            "lazy_gap": lazy_gap(self._first, here, w - self._w0, self._system.alpha),
            "path_length": self.length / length(self._w0),
            "test_loss": held_out_loss(self._system, w, self._x, self._y, self._offset),
            "sharpness": sharpness(self._system, w, self._orders),
        }


def offset_at(system: System, problem: Problem, w0: Tensor, x: Tensor) -> Tensor:
    """Return what the predictor subtracts from the outputs at inputs x (m, d), shape (R, m)."""
    if problem.centred and len(x):
        return system.model.outputs(w0, x)
    return torch.zeros(len(w0), len(x), dtype=w0.dtype, device=w0.device)


def limit_on_grid(system: System, problem: Problem, w0: Tensor, first: Tangent) -> Tensor:
    """Return the limit of training with a constant kernel along the data's grid, shape (R, G)."""
    grid = problem.samples.grid_x.to(system.x)
    if not len(grid):
        return torch.empty(len(w0), 0, dtype=w0.dtype, device=w0.device)
    return kernel_limit(system, w0, first, grid, offset_at(system, problem, w0, grid))
