"""Everything known of R runs at one moment: outputs, loss, kernel spectrum, damping, rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gnviz.dynamics.host import rows
from gnviz.dynamics.linearized.modes import JacobianModes, KernelModes, Modes
from gnviz.dynamics.linearized.system import System, predict
from gnviz.methods import Schedule, ScheduleInputs
from gnviz.problem.curvature import usable_curvature
from gnviz.problem.models.base import Linearization

SHOWS = 1e-9
"""Change of a sample's curvature, relative to what decides its rate, that no `clock.tol` tells from none."""


@dataclass(frozen=True)
class LinearizedDynamics:
    """The linearized dynamics of R runs at weights w.

    With the curvature G of the loss, S = G^{1/2} K G^{1/2} = V diag(lambda) V^T and the weighted residual
    z = G^{-1/2} e, the flow is `dw/dt = -(1/alpha) J^T G^{1/2} V diag(gain) V^T z` with
    `gain_i = 1/(rho + (1 - rho) lambda_i)`; its frozen linear part is
    `L = -J^T G^{1/2} V diag(gain) V^T G^{1/2} J`, and mode i of z decays at `rate_i = lambda_i gain_i`
    (derived). For squared loss G = I, S = K and z = e.

    Attributes:
        w: shape (R, p).
        time: Flow time or step number, shape (R,).
        modes: The modes: lambda, V, and the way to and from the weights.
        prediction: u, shape (R, n).
        loss: g(u), shape (R,).
        size: ||z||, shape (R,).
        coefficients: V^T z, shape (R, k).
        rho: shape (R,).
        requested_rho: What the schedules asked for before it was clipped to rho, shape (R,).
        gain, rate: shape (R, k).
        slowest: Certified smallest rate; 0 where lambda_n is below resolution; NaN for k < n modes, since
            the part of z normal to them never decays; shape (R,).
        lifted: Whether a larger curvature stands for that of a sample far out, and it shows in the direction,
            bool, shape (R,); see `gnviz.problem.curvature.usable_curvature`.
    """

    w: Tensor
    time: Tensor
    modes: Modes
    prediction: Tensor
    loss: Tensor
    size: Tensor
    coefficients: Tensor
    rho: Tensor
    requested_rho: Tensor
    gain: Tensor
    rate: Tensor
    slowest: Tensor
    lifted: Tensor

    @property
    def eigenvalues(self) -> Tensor:
        """Lambda, descending, shape (R, k)."""
        return self.modes.eigenvalues

    @property
    def vectors(self) -> Tensor:
        """V, columns in the same order, shape (R, n, k)."""
        return self.modes.vectors

    @property
    def resolved(self) -> Tensor:
        """Which eigenvalues are more than rounding, bool, shape (R, k)."""
        return self.eigenvalues > self.modes.floor[:, None]

    @property
    def underparameterized(self) -> bool:
        """Whether there are fewer modes than samples, since p < n."""
        return self.vectors.shape[2] < self.vectors.shape[1]

    def explicit(self) -> LinearizedDynamics:
        """Return the same dynamics, prepared for many products with the modes."""
        return replace(self, modes=self.modes.explicit(self.w.shape[1]))

    def kernel(self) -> Tensor:
        """Return K = J J^T, without G, shape (R, n, n)."""
        return self.modes.kernel()

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return J^T G^{1/2} V c, shape (R, p), for coefficients c of the modes, shape (R, k)."""
        return self.modes.pull_back(coefficients)

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T G^{1/2} J dw, shape (R, k), for a weight displacement dw, shape (R, p)."""
        return self.modes.push_forward(dw)


def linearize_dynamics(
    system: System, w: Tensor, time: Tensor, rho: Tensor | None = None, *, equilibrated: bool = False
) -> LinearizedDynamics:
    """Linearize and diagonalize the dynamics.

    Eigenvalues below the modes's floor are rounding: a schedule sees the smallest one above, and
    undamped directions leave the modes below alone.

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        time: Flow time or step number of each run, shape (R,).
        rho: The blend where a clock decides it, NaN where the schedules do, shape (R,); none: everywhere.
        equilibrated: Measure the parameters of undamped runs in units that give the columns of B equal norms,
            for p < n. Pure Gauss-Newton moves the same in any units, so its rank must not depend on them;
            eigenvalues are then those of the scaled B.
    """
    linear = system.model.linearize(w, system.x)
    u = predict(system, linear.outputs)
    loss = system.loss.value(u, system.y)
    root, z = weighted_residual(system, u)
    if system.in_parameter_space:
        unique = w.shape[1] < u.shape[1]  # else the direction of least norm is chosen, in the weights' units
        scaled = equilibrated and unique and system.any_undamped
        modes = JacobianModes.of(linear, root, system.undamped if scaled else None)
    else:
        modes = KernelModes.of(linear, root)
    eigenvalues = modes.eigenvalues
    resolved = eigenvalues > modes.floor[:, None]
    smallest = torch.where(resolved, eigenvalues, eigenvalues[:, :1]).amin(-1)
    steepness = gradient_norm(system, linear, u)
    own, requested_rho = blend(
        system.schedules, ScheduleInputs(time, loss, smallest, eigenvalues[:, 0], steepness)
    )
    if rho is None:
        rho = own
    else:
        rho, requested_rho = torch.where(rho.isnan(), own, rho), torch.where(rho.isnan(), requested_rho, rho)
    gain, rate = damped(eigenvalues, rho, modes.floor)
    slowest = torch.where(resolved[:, -1], rate[:, -1], 0.0)
    if eigenvalues.shape[1] < u.shape[1]:
        slowest = torch.full_like(slowest, torch.nan)
    coefficients = (modes.vectors.mT @ z[:, :, None])[:, :, 0]
    size, lifted = z.norm(dim=1), _lifted(system, u, modes, rho)
    return LinearizedDynamics(
        w, time, modes, u, loss, size, coefficients, rho, requested_rho, gain, rate, slowest, lifted
    )


def weighted_residual(system: System, u: Tensor) -> tuple[Tensor | None, Tensor]:
    """Return G^{1/2} (None where G = I) and z = G^{-1/2} e, each (R, n), at predictions u (R, n)."""
    e = system.loss.gradient(u, system.y)
    if system.loss.flat:
        return None, e
    root = usable_curvature(system.loss, u, system.y, e).sqrt()
    return root, e / root


def _lifted(system: System, u: Tensor, modes: Modes, rho: Tensor) -> Tensor:
    """Return whether curvature was added that shows in the direction, bool, shape (R,).

    What was added to (1 - rho) G_i K_ii is compared with rho: gradient flow does not look at G.
    """
    if modes.root is None:
        return torch.zeros_like(rho, dtype=torch.bool)
    share = 1 - system.loss.curvature(u, system.y) / modes.root.square()
    own = (modes.vectors.square() @ modes.eigenvalues[:, :, None])[:, :, 0]  # G_i K_ii
    added = torch.where(share > SHOWS, share * own, 0.0).amax(1)
    return (1 - rho) * added > SHOWS * rho


def collapsed(gain: Tensor, there: LinearizedDynamics) -> Tensor:
    """Return whether fewer modes can be trained `there` than where the gains were `gain` (R, k), bool, (R,).

    Where a singular value of B sinks into rounding, undamped directions lose a mode from one point to the
    next: the predictors cease to form a manifold, and the flow has no continuation. A formed kernel cannot
    tell that apart from its own rounding, so it is never said of one.
    """
    if not isinstance(there.modes, JacobianModes):
        return torch.zeros_like(there.loss, dtype=torch.bool)
    return (there.gain > 0).sum(1) < (gain > 0).sum(1)


def gradient_norm(system: System, linear: Linearization, u: Tensor) -> Tensor:
    """Return ||J^T e|| of each run if a schedule wants it, else NaN, shape (R,), at predictions u (R, n).

    Args:
        system: What is trained.
        linear: The model's tangent map.
        u: Predictions, shape (R, n).
    """
    if any(s.needs_gradient for s in system.schedules):
        return linear.vjp(system.loss.gradient(u, system.y)).norm(dim=1)
    return torch.full_like(u[:, 0], torch.nan)


def blend(schedules: Sequence[Schedule], seen: ScheduleInputs) -> tuple[Tensor, Tensor]:
    """Return rho of each run and what its schedule asked for before it was clipped, each (R,).

    A schedule without a value (a user's formula can be NaN) gives rho = NaN, a run that stands still.
    """
    distinct = list({id(s): s for s in schedules}.values())  # siblings of an ensemble share theirs
    if len(distinct) == 1:
        requested_rho = distinct[0].rho_at(seen)
        return requested_rho.clamp(distinct[0].least, 1.0), requested_rho
    rho, requested_rho = torch.empty_like(seen.time), torch.empty_like(seen.time)
    for schedule in distinct:
        runs = rows(tuple(i for i, s in enumerate(schedules) if s is schedule), rho.device)
        requested_rho[runs] = schedule.rho_at(ScheduleInputs(*(q[runs] for q in seen)))
        rho[runs] = requested_rho[runs].clamp(schedule.least, 1.0)
    return rho, requested_rho


def damped(eigenvalues: Tensor, rho: Tensor, floor: Tensor) -> tuple[Tensor, Tensor]:
    """Return gain 1/(rho + (1 - rho) lambda) and rate lambda gain, each (R, n).

    Where neither rho nor lambda is above the resolution `floor` (R,), both are 0: the
    minimum-norm direction does not enter modes that cannot be told from the null space. So they are where
    both have all but vanished, and a reciprocal would be infinite.

    Args:
        eigenvalues: lambda, shape (R, n).
        rho: The blend, shape (R,).
        floor: The eigenvalue up to which they are rounding, shape (R,).
    """
    rho = rho[:, None]
    denominator = rho + (1 - rho) * eigenvalues
    usable = denominator > floor[:, None].clamp(min=torch.finfo(floor.dtype).tiny)
    gain = torch.where(usable, 1 / torch.where(usable, denominator, 1.0), 0.0)
    return gain, gain * eigenvalues
