"""The flow clock: a second-order exponential scheme whose steps only the kernel's change limits.

With the kernel frozen, the flow F(w) = -(1/alpha) J^T A e is solved exactly in the kernel's
eigenbasis; L = -J^T A J is its linear part, with eigenvalues -r_i on the range of J^T and 0 off it. The
scheme is ETD2RK (Cox and Matthews, J. Comput. Phys. 2002):

    a  = w + h phi_1(hL) F(w)                        (exact for a constant kernel)
    w+ = a + h phi_2(hL) (F(a) - F(w) - L (a - w))

and the correction is the error estimate of the first line. Everything is done in sample space:
phi_k(hL) = phi_k(0) I + J^T V diag(h-dependent) V^T J, with no division by small eigenvalues (derived).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.dynamics.phi import phi1, phi3
from gnviz.dynamics.tangent import System, collapsed, predict, rises, rounding_noise, tangent

SAFETY, SHRINK, GROW = 0.85, 0.2, 5.0
"""Step-size controller: margin, and bounds of the change from one step to the next."""

MAX_STEPS = 5_000
"""Attempted steps after which a run is given up; the headline runs take a few hundred."""

RISE = 4.0
"""Error given to a step that raises the loss, which the exact flow never does: tried again at half size."""

SMALLEST_STEP = 1e-13
"""Step, relative to the time reached, under which a run is declared stuck."""


@dataclass
class FlowState:
    """Where each of R runs stands.

    Attributes:
        w: Weights, shape (R, p).
        time: Flow time, shape (R,).
        step: Next step to try, shape (R,).
        decay: Certified decay int_0^t r_min ds, shape (R,).
        attempts: Steps tried so far, shape (R,).
    """

    w: Tensor
    time: Tensor
    step: Tensor
    decay: Tensor
    attempts: Tensor

    @classmethod
    def start(cls, w0: Tensor, first_step: float) -> FlowState:
        """Start at time 0 from weights w0 (R, p)."""
        zero = torch.zeros(len(w0), dtype=w0.dtype, device=w0.device)
        return cls(w0.clone(), zero.clone(), zero + first_step, zero.clone(), zero.clone())

    @property
    def stuck(self) -> Tensor:
        """Whether the step has shrunk to nothing, shape (R,)."""
        return self.step < SMALLEST_STEP * self.time.clamp(min=1e-3)


def advance(system: System, state: FlowState, runs: Tensor, target: float, tol: float) -> None:
    """Try one step, in place, with the given runs; none goes beyond time `target`.

    Args:
        system: All R runs.
        state: Changed in place where `runs` says.
        runs: Indices of the runs to advance.
        target: Flow time at which to stop.
        tol: Largest local error, relative to the residual.
    """
    time, proposed = state.time[runs], state.step[runs]
    h = torch.minimum(proposed, target - time)
    clipped = h < proposed
    w, error, slowest = exponential_step(system.select(runs), state.w[runs], time, h, tol)
    error = torch.where(error.isfinite(), error, torch.full_like(error, 1e9))
    accept = error <= 1
    factor = (SAFETY * error.clamp(min=1e-10).rsqrt()).clamp(SHRINK, GROW)
    step = h * factor
    step = torch.where(accept & clipped, torch.maximum(step, proposed), step)
    state.w[runs] = torch.where(accept[:, None], w, state.w[runs])
    state.time[runs] = torch.where(
        accept, torch.where(clipped, torch.full_like(time, target), time + h), time
    )
    state.decay[runs] += torch.where(accept, h * slowest, 0.0)
    state.step[runs] = step
    state.attempts[runs] += 1


def exponential_step(
    system: System, w: Tensor, time: Tensor, h: Tensor, tol: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Take one ETD2RK step.

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        time: Flow time, shape (R,).
        h: Step, shape (R,).
        tol: Largest local error, relative to the residual and to the weights.

    Returns:
        New weights (R, p); the error estimate in units of what is allowed (R,); the smaller of the
        certified rates at both ends of the step (R,).
    """
    here = tangent(system, w, time)
    hr = h[:, None] * here.rate
    scaled = here.gain * here.coefficients / system.alpha[:, None]
    a = w - here.pull_back(h[:, None] * phi1(-hr) * scaled)
    there = tangent(system, a, time + h)
    # F(a) - F(w) - L (a - w); the last two together are (1/alpha) J^T V exp(-h r) gain c
    change = here.pull_back(torch.exp(-hr) * scaled) - there.pull_back(
        there.gain * there.coefficients / system.alpha[:, None]
    )
    along = here.push_forward(change)
    correction = h[:, None] * (0.5 * change - here.pull_back(h[:, None] * here.gain * phi3(-hr) * along))
    moved = system.alpha * here.push_forward(correction).norm(dim=1)
    noise = rounding_noise(system, w, here.eigenvalues[:, 0])
    in_outputs = moved / (tol * there.coefficients.norm(dim=1) + noise)
    in_weights = correction.norm(dim=1) / (tol * w.norm(dim=1))
    error = torch.maximum(in_outputs, in_weights)
    new = a + correction
    after = system.loss.value(predict(system, system.model.outputs(new, system.x)), system.y)
    error = torch.where(rises(here, after, noise), error.clamp(min=RISE), error)
    error = torch.where(collapsed(here, there), torch.inf, error)
    return new, error, torch.minimum(here.slowest, there.slowest)
