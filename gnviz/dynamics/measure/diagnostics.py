"""What can be measured beside the dynamics: distance to the lazy limit, implicit bias, sharpness.

None of it changes a run. The lazy limit is the network linearized at its start, `u0 + alpha J_0 (w - w0)`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import torch
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh
from torch import Tensor

from gnviz.data.two_classes import LEVEL
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.norms import length
from gnviz.dynamics.linearized.system import System, predict
from gnviz.problem.build import Problem

LANCZOS_TOL = 1e-6
"""Relative accuracy of the Hessian's eigenvalues."""

DENSE = 32
"""Parameters up to which all eigenvalues are cheaper than Lanczos steps."""


def lazy_gap(first: LinearizedDynamics, here: LinearizedDynamics, moved: Tensor, alpha: Tensor) -> Tensor:
    """Return ||u - u_lin|| / ||u - u0||: how far training has left the lazy regime, shape (R,), float64.

    u_lin = u0 + alpha J_0 (w - w0) is the linearized network at the current weights; 0 where u = u0, and at
    most 1/eps: outputs that came back as close to their start do not tell how close.

    Args:
        first: The dynamics at the start.
        here: The dynamics now.
        moved: w - w0, shape (R, p).
        alpha: Output scaling, shape (R,).
    """
    change = (here.prediction - first.prediction).double()
    linear = alpha[:, None] * first.modes.linear.jvp(moved)
    size = length(change)
    ratio = length(change - linear) / size.where(size > 0, 1.0)
    return torch.where(size > 0, ratio.clamp(max=1 / torch.finfo(ratio.dtype).eps), 0.0)


def kernel_limit(
    system: System, w0: Tensor, first: LinearizedDynamics, grid: Tensor, offset: Tensor
) -> Tensor:
    """Return the limit of training on the grid if the kernel stayed K_0: kernel regression, shape (R, G).

    u(x) = u0(x) + K_0(x, X) K_0^+ (y - u0(X)), by way of the weights' least-norm displacement
    w - w0 = B^T V diag(1/lambda) V^T G^{1/2} (y - u0) / alpha over the modes that are resolved (derived; for
    p < n, and a curvature G that does not change, it is the weighted least-squares fit). Every damping has
    this limit in the lazy regime: a difference to it is feature learning.

    Args:
        system: R runs.
        w0: Initial weights, shape (R, p).
        first: The dynamics there.
        grid: Inputs, shape (G, d).
        offset: What a centred predictor subtracts from the outputs on the grid, shape (R, G).

    Returns:
        NaN where the linearized network has no such limit: the loss has its minimum at infinity, or for
        p < n its curvature changes on the way.
    """
    linear = system.model.linearize(w0, grid)
    alpha, loss = system.alpha[:, None], system.loss
    start = alpha * (linear.outputs - offset)
    if not loss.attained or (first.underparameterized and loss.scale < float("inf")):
        return torch.full_like(start, torch.nan)
    missing = system.y - first.prediction
    missing = missing if first.modes.root is None else first.modes.root * missing
    along = (first.vectors.mT @ missing[:, :, None])[:, :, 0] / alpha
    usable = first.resolved
    c = torch.where(usable, along / first.eigenvalues.where(usable, 1.0), 0.0)
    return start + alpha * linear.jvp(first.pull_back(c))


def held_out_loss(system: System, u: Tensor, y: Tensor) -> Tensor:
    """Return the mean loss of a test sample, times n, as the training loss has it, shape (R,), float64.

    Args:
        system: R runs on n training samples.
        u: Predictions at the test inputs, shape (R, m); m = 0 gives NaN.
        y: Test targets, shape (m,).
    """
    if not len(y):
        return u.new_full((len(u),), torch.nan, dtype=torch.float64)
    return system.loss.plain.terms(u.double(), y.double()).mean(1) * len(system.y)


def held_out_accuracy(u: Tensor, y: Tensor) -> Tensor:
    """Return the share of test samples whose label is predicted: 1 where u >= `LEVEL`, else -1; shape (R,).

    Args:
        u: Predictions at the test inputs, shape (R, m).
        y: Test targets, shape (m,); NaN is returned where they are not all 1 or -1, or there are none.
    """
    if not len(y) or not (y.abs() == 1).all():
        return u.new_full((len(u),), torch.nan, dtype=torch.float64)
    return ((u >= LEVEL) == (y > 0)).double().mean(1)


def sharpness(system: System, w: Tensor, count: int) -> Tensor:
    """Return the largest eigenvalues of the loss's Hessian in the weights, descending, shape (R, count).

    The whole Hessian d^2 g / dw^2, not its Gauss-Newton part, by Lanczos (ARPACK) on products with vectors,
    to a relative accuracy of `LANCZOS_TOL`; densely where p is small. NaN where weights or
    Hessian are not finite or Lanczos does not converge, and for orders beyond p.

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        count: Eigenvalues wanted.
    """
    if not count:
        return w.new_empty(len(w), 0)
    rows = [_leading(system, w, run, count) for run in range(len(w))]
    return torch.from_numpy(np.stack(rows)).to(w)


def _leading(system: System, w: Tensor, run: int, count: int) -> np.ndarray:
    """Return the leading eigenvalues of one run's Hessian, shape (count,)."""
    p = w.shape[1]
    out = np.full(count, np.nan)
    if not w[run].isfinite().all():
        return out
    one = system.select(torch.tensor([run], device=w.device))
    times = _hessian(one, w[run])
    start = np.random.default_rng(0).standard_normal(p)  # ARPACK's own start differs from call to call
    if not np.isfinite(times(start)).all():
        return out
    with contextlib.suppress(np.linalg.LinAlgError, ArpackError):  # numbers near overflow, or no convergence
        found = _dense(times, p) if p <= max(2 * count + 1, DENSE) else _lanczos(times, start, count)
        out[: len(found[:count])] = found[:count]
    return out


def _dense(times: Callable[[np.ndarray], np.ndarray], p: int) -> np.ndarray:
    """Return all eigenvalues, descending, shape (p,)."""
    return np.linalg.eigvalsh(np.stack([times(row) for row in np.eye(p)]))[::-1]


def _lanczos(times: Callable[[np.ndarray], np.ndarray], start: np.ndarray, count: int) -> np.ndarray:
    """Return the largest eigenvalues, descending, shape (count,)."""
    p = len(start)
    operator = LinearOperator((p, p), matvec=times, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    wanted = {"which": "LA", "v0": start, "tol": LANCZOS_TOL, "return_eigenvectors": False}
    return np.asarray(eigsh(operator, count, **wanted))[::-1]


def _loss(one: System, w: Tensor) -> Tensor:
    """Return g of one run at weights (p,), a number."""
    return one.loss.value(predict(one, one.model.outputs(w[None], one.x)), one.y)[0]


def _hessian(one: System, w: Tensor) -> Callable[[np.ndarray], np.ndarray]:
    """Return what multiplies a vector (p,) by the Hessian at w (p,): a second backward pass each."""
    w = w.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(_loss(one, w), w, create_graph=True)

    def times(v: np.ndarray) -> np.ndarray:
        (product,) = torch.autograd.grad(gradient, w, torch.from_numpy(v.ravel()).to(w), retain_graph=True)
        return product.double().cpu().numpy()

    return times


class Diagnostics:
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

    def __init__(
        self, system: System, problem: Problem, w0: Tensor, first: LinearizedDynamics, orders: int
    ) -> None:
        self._system, self._w0, self._first, self._orders = system, w0, first, orders
        self._x, self._y = problem.samples.test_x.to(system.x), problem.samples.test_y.to(system.x)
        self._offset = offset_at(system, problem, w0, self._x)
        self._last, self.length = w0, torch.zeros_like(system.alpha)

    def go_on(self, length: Tensor, w: Tensor) -> None:
        """Continue a path of that length (R,) that has come to w (R, p)."""
        self._last, self.length = w.clone(), length

    def measure(self, here: LinearizedDynamics, w: Tensor) -> dict[str, Tensor]:
        """Return the quantities by name, each (R,) or (R, orders); moments are measured in order."""
        self.length = self.length + length(w - self._last)
        self._last = w.clone()
        u = self._held_out(w)
        return {
            "lazy_gap": lazy_gap(self._first, here, w - self._w0, self._system.alpha),
            "path_length": self.length / length(self._w0),
            "test_loss": held_out_loss(self._system, u, self._y),
            "test_accuracy": held_out_accuracy(u, self._y),
            "sharpness": sharpness(self._system, w, self._orders),
        }

    def _held_out(self, w: Tensor) -> Tensor:
        """Return the predictions at the test inputs, shape (R, m)."""
        if not len(self._x):
            return w.new_empty(len(w), 0)
        return self._system.alpha[:, None] * (self._system.model.outputs(w, self._x) - self._offset)


def offset_at(system: System, problem: Problem, w0: Tensor, x: Tensor) -> Tensor:
    """Return what the predictor subtracts from the outputs at inputs x (m, d), shape (R, m).

    Args:
        system: What is trained.
        problem: Says whether the predictor is centred.
        w0: Initial weights, shape (R, p).
        x: Inputs, shape (m, d).
    """
    if problem.centred and len(x):
        return system.model.outputs(w0, x)
    return torch.zeros(len(w0), len(x), dtype=w0.dtype, device=w0.device)


def limit_on_grid(system: System, problem: Problem, w0: Tensor, first: LinearizedDynamics) -> Tensor:
    """Return the limit of training with a constant kernel along the data's grid, shape (R, G).

    Args:
        system: What is trained.
        problem: Has the grid, of G points.
        w0: Initial weights, shape (R, p).
        first: The dynamics there.
    """
    grid = problem.samples.grid_x.to(system.x)
    if not len(grid):
        return torch.empty(len(w0), 0, dtype=w0.dtype, device=w0.device)
    return kernel_limit(system, w0, first, grid, offset_at(system, problem, w0, grid))
