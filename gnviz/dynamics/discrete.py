"""The step clock: w+ = w - (eta/alpha) (rho I + (1 - rho) J^T G J)^{-1} J^T e."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from gnviz.dynamics.frames import weighted
from gnviz.dynamics.tangent import System, blend, gradient_norm, predict, tangent, weighted_residual
from gnviz.methods import GradientFlow, Observed, Schedule
from gnviz.problem.conditioning import resolution

Solver = Callable[[System, Tensor, Tensor], Tensor]
"""Maps runs, weights (R, p) and time (R,) to a direction in weight space, shape (R, p)."""


def take_step(system: System, w: Tensor, index: int, eta: Tensor) -> Tensor:
    """Take one step with each of R runs.

    Runs whose schedule reads the spectrum, and all damped ones if p < n, get the modes of S, others a
    Cholesky solve, and gradient descent needs no kernel at all.

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        index: Number of the step, from 0.
        eta: Step sizes, shape (R,).

    Returns:
        New weights, shape (R, p).
    """
    new = torch.empty_like(w)
    for solve, runs in _groups(system, w.device):
        part = system.select(runs)
        time = torch.full_like(part.alpha, index)
        new[runs] = w[runs] - (eta[runs] / part.alpha)[:, None] * solve(part, w[runs], time)
    return new


def _groups(system: System, device: torch.device) -> Iterator[tuple[Solver, Tensor]]:
    """Yield each solver with the indices of the runs that need it."""
    kinds = [_solver(s, system.in_parameter_space) for s in system.schedules]
    for solve in dict.fromkeys(kinds):
        yield solve, torch.tensor([i for i, k in enumerate(kinds) if k is solve], device=device)


def _solver(schedule: Schedule, in_parameter_space: bool) -> Solver:
    if isinstance(schedule, GradientFlow):
        return _gradient
    return _spectral if schedule.needs_spectrum or in_parameter_space else _cholesky


def _gradient(system: System, w: Tensor, time: Tensor) -> Tensor:
    """Return J^T e, shape (R, p)."""
    linear = system.model.linearize(w, system.x)
    return linear.vjp(system.loss.gradient(predict(system, linear.outputs), system.y))


def _cholesky(system: System, w: Tensor, time: Tensor) -> Tensor:
    """Return J^T G^{1/2} (rho I + (1 - rho) S)^{-1} z by a Cholesky factorization, shape (R, p).

    Where rho is too small to lift a singular K above rounding, or a run has diverged, the spectrum decides
    instead: it can tell which modes to leave alone.
    """
    linear = system.model.linearize(w, system.x)
    u = predict(system, linear.outputs)
    loss = system.loss.value(u, system.y)
    steepness = gradient_norm(system, linear, u)
    rho, _ = blend(system.schedules, Observed(time, loss, loss, loss, steepness))
    root, z = weighted_residual(system, u)
    kernel = weighted(linear.kernel(), root)
    eye = torch.eye(len(system.y), dtype=w.dtype, device=w.device)
    damping = rho[:, None, None]
    factor, failed = torch.linalg.cholesky_ex((1 - damping) * kernel + damping * eye)
    if ((failed != 0) | (rho <= resolution(kernel.diagonal(dim1=1, dim2=2)))).any():
        return _spectral(system, w, time)
    v = torch.cholesky_solve(z[:, :, None], factor)[:, :, 0]
    return linear.vjp(v if root is None else root * v)


def _spectral(system: System, w: Tensor, time: Tensor) -> Tensor:
    """Return J^T G^{1/2} V diag(gain) V^T z, shape (R, p)."""
    here = tangent(system, w, time)
    return here.pull_back(here.gain * here.coefficients)
