"""What training would do if the kernel stayed as it is at the start, for quadratic losses: in closed form.

With J and the loss's curvature constant, mode i of the weighted residual is c_i(t) = c_i(0) exp(-E_i(t)), E_i
being the integral of its rate lambda_i / (rho + (1 - rho) lambda_i), and the loss has fallen by half the sum
of c_i(0)^2 - c_i(t)^2 (derived). Large alpha and large width come near it; a run leaves it as far as its
kernel changes. All in NumPy, since the numbers are few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.methods import Schedule, ScheduleInputs

MOST_RUNS = 12
"""Runs up to which a recording keeps their courses: those of an ensemble would delay its first moment."""

MOST_NUMBERS = 2**20
"""Numbers, of all modes of all runs at all moments, up to which it keeps them: they travel at once."""

TOLERANCE = 1e-6
"""Of the integral of the rates, where rho changes along the way."""


@dataclass(frozen=True)
class FrozenKernel:
    """The dynamics of one run with the kernel that it has at the start.

    Attributes:
        schedule: Says rho.
        eigenvalues: lambda, shape (k,).
        start: c(0), shape (k,).
        rest: The part of the loss that no mode reaches.
        floor: Eigenvalues, and blends, below this are rounding.
    """

    schedule: Schedule
    eigenvalues: np.ndarray
    start: np.ndarray
    rest: float
    floor: float

    def course(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the modes c, shape (T, k), and rho, shape (T,), at moments `times`, shape (T,), from 0."""
        rho = self.rho(times, np.zeros((len(times), len(self.start))))
        steady = not (self.schedule.needs_loss or self.schedule.needs_gradient) and np.ptp(rho) == 0
        decay = times[:, None] * self.rates(rho) if steady else self._integrate(times)
        return self.start * np.exp(-decay), self.rho(times, decay)

    def loss(self, decay: np.ndarray) -> np.ndarray:
        """Return the loss where the modes have fallen by exp(-decay), shape (..., k); shape (...)."""
        return self.rest + 0.5 * np.square(self.start * np.exp(-decay)).sum(-1)

    def rho(self, times: np.ndarray, decay: np.ndarray) -> np.ndarray:
        """Return rho at moments, shape (T,), where the modes have fallen by exp(-decay), shape (T, k)."""
        every = np.ones_like(times)
        told = self.eigenvalues[self.eigenvalues > self.floor]
        smallest, largest = (told.min(), told.max()) if len(told) else (self.eigenvalues[0],) * 2
        steepness = np.sqrt((self.eigenvalues * np.square(self.start * np.exp(-decay))).sum(-1))
        seen = ScheduleInputs(times, self.loss(decay), smallest * every, largest * every, steepness)
        return np.clip(np.asarray(self.schedule.rho_at(seen), dtype=float) * every, self.schedule.least, 1.0)

    def rates(self, rho: np.ndarray) -> np.ndarray:
        """Return the rate of each mode, shape (T, k), for blends `rho`, shape (T,)."""
        damping = rho[:, None] + (1 - rho[:, None]) * self.eigenvalues
        usable = damping > max(self.floor, np.finfo(float).tiny)
        return np.where(usable, self.eigenvalues / np.where(usable, damping, 1.0), 0.0)

    def _integrate(self, times: np.ndarray) -> np.ndarray:
        """Return the integrals of the rates from 0, shape (T, k)."""

        def rates(time: float, decay: np.ndarray) -> np.ndarray:
            return self.rates(self.rho(np.array([time]), decay[None]))[0]

        span, at_rest = (0.0, float(times[-1])), np.zeros(len(self.start))
        found = solve_ivp(rates, span, at_rest, "LSODA", times, rtol=TOLERANCE, atol=TOLERANCE)
        return found.y.T if found.success else np.full((len(times), len(self.start)), np.nan)


@dataclass(frozen=True)
class FrozenCourse:
    """What R runs would do with the kernels that they have at the start.

    Attributes:
        rho: shape (R, T).
        rate: shape (R, T, k).
        modes: Weighted residual V^T z, shape (R, T, k).
        loss: shape (R, T).
        prediction: u, shape (R, T, n).
    """

    rho: np.ndarray
    rate: np.ndarray
    modes: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray


def frozen_course(system: System, first: LinearizedDynamics, times: np.ndarray) -> FrozenCourse | None:
    """Follow R runs in continuous time with the kernels that they have at the start.

    Args:
        system: The runs.
        first: Their dynamics at the start.
        times: Flow times from 0, shape (T,).

    Returns:
        Their course; None for a loss whose curvature changes, which has no closed form.
    """
    if not math.isinf(system.loss.scale):
        return None
    kernels = _kernels(system.schedules, first)
    modes, rho = (np.stack(each) for each in zip(*(k.course(times) for k in kernels), strict=True))
    rate = np.stack([k.rates(r) for k, r in zip(kernels, rho, strict=True)])
    loss = np.array([[k.rest] for k in kernels]) + 0.5 * np.square(modes).sum(-1)
    moved = np.einsum("rnk,rtk->rtn", _host(first.vectors), modes - modes[:, :1])
    root = 1.0 if first.modes.root is None else _host(first.modes.root)[:, None]
    return FrozenCourse(rho, rate, modes, loss, _host(first.prediction)[:, None] + moved / root)


def kept(runs: int, moments: int, modes: int) -> bool:
    """Return whether a recording keeps the courses of its runs.

    Args:
        runs: How many.
        moments: At how many moments.
        modes: Of how many modes each.
    """
    return runs <= MOST_RUNS and runs * moments * modes <= MOST_NUMBERS


def _kernels(schedules: Sequence[Schedule], first: LinearizedDynamics) -> list[FrozenKernel]:
    eigenvalues, modes = _host(first.eigenvalues), _host(first.coefficients)
    beside = _host(first.loss) - 0.5 * np.square(modes).sum(-1)
    rest = np.maximum(beside, 0.0) if first.underparameterized else np.zeros(len(beside))
    each = zip(schedules, eigenvalues, modes, rest, _host(first.modes.floor), strict=True)
    return [FrozenKernel(schedule, x, c, float(r), float(f)) for schedule, x, c, r, f in each]


def _host(values: object) -> np.ndarray:
    """Return a tensor's numbers in double precision."""
    return values.detach().double().cpu().numpy()  # type: ignore[attr-defined]
