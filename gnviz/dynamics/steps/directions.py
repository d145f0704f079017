"""Directions of the steps clock: d = J^T G^{1/2} (rho I + (1 - rho) S)^{-1} z, with S = G^{1/2} K G^{1/2}.

Three ways to d: gradient descent needs no kernel at all, a damped direction takes a Cholesky factorization,
and the modes serve schedules that read the spectrum, kernels too singular for their damping, and p < n.
Nothing here waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.linearized.dynamics import blend, gradient_norm, linearize_dynamics, weighted_residual
from gnviz.dynamics.linearized.modes import weighted
from gnviz.dynamics.linearized.system import System, predict
from gnviz.methods import Method, ScheduleInputs
from gnviz.problem.data.conditioning import resolution
from gnviz.problem.models.base import Linearization


class Direction(NamedTuple):
    """Where R runs go next: w+ = w - (eta/alpha) d.

    Attributes:
        linear: The model's linearization.
        prediction: u, shape (R, n).
        gradient: e, the loss's gradient at u, shape (R, n).
        d: shape (R, p).
        rho: The blend, shape (R,).
        failed: Runs whose direction means nothing, bool, shape (R,); None if that cannot be.
    """

    linear: Linearization
    prediction: Tensor
    gradient: Tensor
    d: Tensor
    rho: Tensor
    failed: Tensor | None = None


Solver = Callable[[System, Tensor, Tensor, Tensor | None], Direction]
"""Maps runs, weights (R, p), step numbers (R,) and rho (R,), where it is the same in all steps, to a
direction."""


def solver_for(method: Method, in_parameter_space: bool) -> Solver:
    """Return the cheapest solver for a method's direction."""
    schedule = method.schedule
    if schedule.first_order:
        return gradient
    return spectral if schedule.needs_spectrum or in_parameter_space else cholesky


def steady_blend(system: System) -> Tensor | None:
    """Return rho (R,) if no schedule changes it, so that it need not be asked for in each step."""
    schedules = system.schedules
    if not all(s.steady for s in schedules):
        return None
    nothing = torch.full_like(system.alpha, torch.nan)
    return blend(schedules, ScheduleInputs(torch.zeros_like(nothing), *[nothing] * 4))[0]


def gradient(system: System, w: Tensor, time: Tensor, rho: Tensor | None = None) -> Direction:
    """Return J^T e, the direction of gradient descent.

    Args:
        system: What is trained.
        w: Weights, shape (R, p).
        time: Number of the step, shape (R,).
        rho: The blend, shape (R,); None: what the schedules say.
    """
    linear = system.model.linearize(w, system.x)
    u = predict(system, linear.outputs)
    e = system.loss.gradient(u, system.y)
    return Direction(linear, u, e, linear.vjp(e), torch.ones_like(time) if rho is None else rho)


def cholesky(system: System, w: Tensor, time: Tensor, rho: Tensor | None = None) -> Direction:
    """Return J^T G^{1/2} (rho I + (1 - rho) S)^{-1} z by a Cholesky factorization.

    It fails where rho is too small to lift a singular S above rounding and where a run has diverged: then the
    spectrum has to say which modes to leave alone.

    Args:
        system: What is trained.
        w: Weights, shape (R, p).
        time: Number of the step, shape (R,).
        rho: The blend, shape (R,); None: what the schedules say.
    """
    linear = system.model.linearize(w, system.x)
    u = predict(system, linear.outputs)
    rho = _rho(system, linear, u, time) if rho is None else rho
    root, z = weighted_residual(system, u)
    kernel = weighted(linear.kernel(), root)
    damped = (1 - rho)[:, None, None] * kernel
    damped.diagonal(dim1=1, dim2=2).add_(rho[:, None])
    factor, trouble = torch.linalg.cholesky_ex(damped)
    failed = torch.logical_or(trouble, ~(rho > resolution(kernel.diagonal(dim1=1, dim2=2))))
    v = torch.cholesky_solve(z[:, :, None], factor)[:, :, 0]
    e, v = (z, v) if root is None else (root * z, root * v)
    return Direction(linear, u, e, linear.vjp(v), rho, failed)


def _rho(system: System, linear: Linearization, u: Tensor, time: Tensor) -> Tensor:
    """Return the blend of schedules that do not read the spectrum, shape (R,)."""
    schedules, unseen = system.schedules, torch.full_like(time, torch.nan)
    loss = system.loss.value(u, system.y) if any(s.needs_loss for s in schedules) else unseen
    return blend(schedules, ScheduleInputs(time, loss, unseen, unseen, gradient_norm(system, linear, u)))[0]


def spectral(system: System, w: Tensor, time: Tensor, rho: Tensor | None = None) -> Direction:
    """Return J^T G^{1/2} V diag(gain) V^T z, 0 in modes that neither rho nor lambda lifts from rounding.

    Args:
        system: What is trained.
        w: Weights, shape (R, p).
        time: Number of the step, shape (R,).
        rho: The blend, shape (R,); None: what the schedules say.
    """
    here = linearize_dynamics(system, w, time, equilibrated=True)
    e = system.loss.gradient(here.prediction, system.y)
    return Direction(
        here.modes.linear, here.prediction, e, here.pull_back(here.gain * here.coefficients), here.rho
    )
