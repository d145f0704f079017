"""A piece of trajectory: the exact solution of a frozen linear flow under a polynomial force.

    dw/dtau = L (w - w_0) + F_0 + sum_m a_m (tau / S)^m / m!,    L = -J^T A J frozen,

    w(tau) = w_0 + tau phi_1(tau L) F_0 + tau sum_m (tau / S)^m phi_{m+1}(tau L) a_m.

On the range of J^T, L has the eigenvalues -r_i, elsewhere 0. F_0 = -J^T V c lies in that range, so its
share is J^T V diag(phi_1) c; any other v gets

    phi_k(tau L) v = v / k! - J^T V diag(tau gain phi_{k+1}(-tau r)) V^T J v,

without a division by small eigenvalues (derived).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gnviz.dynamics.flow.interpolation import factorials
from gnviz.dynamics.flow.phi import phis


class Map(Protocol):
    """What a local solution needs of the dynamics where it was linearized; a `LinearizedDynamics` has it."""

    @property
    def gain(self) -> Tensor:
        """1 / (rho + (1 - rho) lambda), shape (R, n)."""
        ...

    @property
    def rate(self) -> Tensor:
        """Rates r_i, shape (R, n)."""
        ...

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return J^T V c, shape (R, p)."""
        ...

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T J dw, shape (R, n)."""
        ...


class PhiValues(NamedTuple):
    """A time tau on a local solution, with the functions of it that every formula needs.

    Attributes:
        tau: shape (R, 1).
        powers: (tau / S)^m for m = 1, ..., M, shape (R, M).
        phi: phi_0, ..., phi_{M+2} of -tau r, shape (M + 3, R, n).
    """

    tau: Tensor
    powers: Tensor
    phi: Tensor


@dataclass(frozen=True)
class LocalSolution:
    """Continuous weights of R runs from one moment on.

    Attributes:
        tangent: The frozen linear part.
        w: w_0, shape (R, p).
        drive: c in F_0 = -J^T V c, shape (R, n).
        scale: S, shape (R,).
        force: a_1, ..., a_M, shape (R, M, p).
        force_modes: V^T J a_m, shape (R, M, n).
    """

    tangent: Map
    w: Tensor
    drive: Tensor
    scale: Tensor
    force: Tensor
    force_modes: Tensor

    def phi_values(self, tau: Tensor) -> PhiValues:
        """Return what is needed at tau, shape (R,); solutions that differ by their force only share it."""
        count = self.force.shape[1]
        orders = torch.arange(1, count + 1, device=tau.device)
        phi = phis(-tau[:, None] * self.tangent.rate, count + 2)
        return PhiValues(tau[:, None], (tau / self.scale)[:, None] ** orders, phi)

    def at(self, there: PhiValues) -> Tensor:
        """Return w(tau), shape (R, p)."""
        tau, powers, phi = there
        straight = _sum(tau * powers / self._factorials(1), self.force)
        bent = phi[1] * self.drive + tau * self.tangent.gain * _mix(powers, phi[3:], self.force_modes)
        return self.w + straight - self.tangent.pull_back(tau * bent)

    def slope(self, there: PhiValues) -> Tensor:
        """Return dw/dtau, shape (R, p)."""
        tau, powers, phi = there
        bent = phi[0] * self.drive + tau * self.tangent.gain * _mix(powers, phi[2:-1], self.force_modes)
        return _sum(powers / self._factorials(0), self.force) - self.tangent.pull_back(bent)

    def difference(self, there: PhiValues, other: LocalSolution) -> Tensor:
        """Return V^T J (w(tau) - w_other(tau)), shape (R, n), of two that differ by their force only."""
        tau, powers, phi = there
        return tau * _mix(powers, phi[2:-1], self.force_modes - other.force_modes)

    def pushed(self, extra: Tensor, direction: Tensor) -> LocalSolution:
        """Return the solution under a further force.

        Args:
            extra: Its derivatives, in units of S, shape (R, M).
            direction: Its constant direction in weight space, shape (R, p).
        """
        modes = self.tangent.push_forward(direction)
        return replace(
            self,
            force=self.force + extra[:, :, None] * direction[:, None, :],
            force_modes=self.force_modes + extra[:, :, None] * modes[:, None, :],
        )

    def _factorials(self, more: int) -> Tensor:
        """Return (m + more)! for m = 1, ..., M."""
        return factorials(1 + more, self.force.shape[1] + more, self.w.dtype, self.w.device)


def _sum(weights: Tensor, vectors: Tensor) -> Tensor:
    """Return sum_m weights_m vectors_m, shape (R, p), for (R, M) and (R, M, p)."""
    return (weights[:, None, :] @ vectors)[:, 0]


def _mix(powers: Tensor, phi: Tensor, modes: Tensor) -> Tensor:
    """Return sum_m powers_m phi_m modes_m, shape (R, n), for (R, M), (M, R, n) and (R, M, n)."""
    return (powers[:, :, None] * phi.movedim(0, 1) * modes).sum(1)
