"""Everything known of R runs at one moment: outputs, loss, kernel spectrum, damping, rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.problem.conditioning import resolution
from gnviz.problem.losses import SquaredLoss
from gnviz.problem.models import Linearization, Model
from gnviz.schedules import Observed, Schedule

NOISE = 30.0
"""Rounding of the weights, in units of eps ||w||, that is allowed for wherever it shows in the outputs."""


@dataclass(frozen=True)
class System:
    """R runs on the same data: what does not change while they are trained.

    Attributes:
        model: The network.
        x: Inputs, shape (n, d).
        y: Targets, shape (n,).
        schedules: One for each run.
        alpha: Output scaling of each run, shape (R,).
        offset: Subtracted from f(w): f(w0) for the centred predictor, else 0; shape (R, n).
    """

    model: Model
    x: Tensor
    y: Tensor
    schedules: Sequence[Schedule]
    alpha: Tensor
    offset: Tensor

    def select(self, runs: Tensor) -> System:
        """Return the system of some runs, given by index."""
        schedules = [self.schedules[i] for i in runs.tolist()]
        return System(self.model, self.x, self.y, schedules, self.alpha[runs], self.offset[runs])


@dataclass(frozen=True)
class Tangent:
    """The linearized dynamics of R runs at weights w.

    In the eigenbasis K = V diag(lambda) V^T the flow is
    `dw/dt = -(1/alpha) J^T V diag(gain) V^T e` with `gain_i = 1/(rho + (1 - rho) lambda_i)`, and mode i of
    the residual decays at `rate_i = lambda_i gain_i`.

    Attributes:
        linear: The model's linearization.
        prediction: u, shape (R, n).
        loss: g(u), shape (R,).
        kernel: K, shape (R, n, n).
        eigenvalues: lambda, descending, shape (R, n).
        vectors: V, columns in the same order, shape (R, n, n).
        coefficients: V^T e, shape (R, n).
        rho: shape (R,).
        gain, rate: shape (R, n).
        slowest: Certified smallest rate; 0 where lambda_n is below resolution; shape (R,).
    """

    linear: Linearization
    prediction: Tensor
    loss: Tensor
    kernel: Tensor
    eigenvalues: Tensor
    vectors: Tensor
    coefficients: Tensor
    rho: Tensor
    gain: Tensor
    rate: Tensor
    slowest: Tensor

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return J^T V c, shape (R, p), for coefficients c in the eigenbasis, shape (R, n)."""
        return self.linear.vjp((self.vectors @ coefficients[:, :, None])[:, :, 0])

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T J dw, shape (R, n), for a weight displacement dw, shape (R, p)."""
        return (self.vectors.mT @ self.linear.jvp(dw)[:, :, None])[:, :, 0]


def predict(system: System, outputs: Tensor) -> Tensor:
    """Return u = alpha (f - offset), shape (R, n)."""
    return system.alpha[:, None] * (outputs - system.offset)


def rounding_noise(system: System, w: Tensor, largest: Tensor) -> Tensor:
    """Return what rounding of the weights does to the predictor: NOISE eps alpha sqrt(lambda_1) ||w||.

    No step is small enough to keep a residual below it, and no claim about the loss holds there (derived).

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        largest: lambda_1 of each run, shape (R,).

    Returns:
        A norm in R^n, shape (R,).
    """
    return NOISE * torch.finfo(w.dtype).eps * system.alpha * largest.sqrt() * w.norm(dim=1)


def tangent(system: System, w: Tensor, time: Tensor) -> Tangent:
    """Linearize and diagonalize the dynamics.

    Eigenvalues below n eps lambda_1 are rounding: a schedule sees the smallest one above, and
    undamped directions leave the modes below alone.

    Args:
        system: R runs.
        w: Weights, shape (R, p).
        time: Flow time or step number of each run, shape (R,).
    """
    linear = system.model.linearize(w, system.x)
    u = predict(system, linear.outputs)
    loss = SquaredLoss.value(u, system.y)
    kernel = linear.kernel()
    eigenvalues, vectors = spectrum(kernel)
    floor = resolution(eigenvalues)
    resolved = eigenvalues > floor[:, None]
    smallest = torch.where(resolved, eigenvalues, eigenvalues[:, :1]).amin(-1)
    rho = blend(system.schedules, Observed(time, loss, smallest, eigenvalues[:, 0]))
    gain, rate = damped(eigenvalues, rho, floor)
    slowest = torch.where(resolved[:, -1], rate[:, -1], 0.0)
    coefficients = (vectors.mT @ SquaredLoss.gradient(u, system.y)[:, :, None])[:, :, 0]
    return Tangent(linear, u, loss, kernel, eigenvalues, vectors, coefficients, rho, gain, rate, slowest)


def spectrum(kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Return eigenvalues (descending, at least 0) and eigenvectors of symmetric K (R, n, n).

    A kernel with infinite or NaN entries (a diverged run) gives zeros and the identity.
    """
    finite = kernel.isfinite().all(-1).all(-1)[:, None, None]
    eigenvalues, vectors = torch.linalg.eigh(torch.where(finite, kernel, torch.zeros_like(kernel)))
    return eigenvalues.flip(-1).clamp(min=0), vectors.flip(-1)


def blend(schedules: Sequence[Schedule], seen: Observed) -> Tensor:
    """Return rho of each run, shape (R,)."""
    parts = [s.at(Observed(*(q[i] for q in seen))) for i, s in enumerate(schedules)]
    return torch.stack(parts)


def damped(eigenvalues: Tensor, rho: Tensor, floor: Tensor) -> tuple[Tensor, Tensor]:
    """Return gain 1/(rho + (1 - rho) lambda) and rate lambda gain, each (R, n).

    Where neither rho nor lambda is above the resolution `floor` (R,), both are 0: the
    minimum-norm direction does not enter modes that cannot be told from the null space.
    """
    rho = rho[:, None]
    denominator = rho + (1 - rho) * eigenvalues
    usable = denominator > floor[:, None]
    gain = torch.where(usable, 1 / torch.where(usable, denominator, 1.0), 0.0)
    return gain, gain * eigenvalues
