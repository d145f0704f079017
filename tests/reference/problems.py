"""Problems whose solutions are known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gnviz.dynamics.linearized.system import System


@dataclass(frozen=True)
class LinearLinearization:
    """The tangent map of f(w) = J w: J itself."""

    outputs: torch.Tensor
    j: torch.Tensor

    def kernel(self):
        return (self.j @ self.j.T).expand(len(self.outputs), -1, -1)

    def jacobian(self):
        return self.j.expand(len(self.outputs), -1, -1)

    def vjp(self, v):
        return v @ self.j

    def jvp(self, dw):
        return dw @ self.j.T

    def absolute_jvp(self, w):
        return w.abs() @ self.j.abs().T


@dataclass(frozen=True)
class LinearModel:
    """f(w) = J w with a fixed J (n, p): every flow is a sum of exponentials."""

    j: torch.Tensor

    @property
    def parameters(self):
        return self.j.shape[1]

    shared_units = True

    def outputs(self, w, x):
        return w @ self.j.T

    def linearize(self, w, x):
        return LinearLinearization(self.outputs(w, x), self.j)


def linear_system(singular_values, parameters, schedules, *, alpha=2.0, seed=0):
    """Return a system with a linear model of the given singular values, its w0 and its V (n, n).

    V's columns are the kernel's eigenvectors in the order of `singular_values`.
    """
    g = torch.Generator().manual_seed(seed)
    n = len(singular_values)

    def orthogonal(rows, columns):
        return torch.linalg.qr(torch.randn(rows, columns, generator=g, dtype=torch.float64))[0]

    v, right = orthogonal(n, n), orthogonal(parameters, n)
    j = v @ torch.diag(torch.tensor(singular_values, dtype=torch.float64)) @ right.T
    runs = len(schedules)
    y = torch.randn(n, generator=g, dtype=torch.float64)
    w0 = torch.randn(parameters, generator=g, dtype=torch.float64).expand(runs, -1)
    one = torch.ones(runs, dtype=torch.float64)
    x = torch.zeros(n, 1, dtype=torch.float64)
    system = System(LinearModel(j), x, y, schedules, alpha * one, torch.zeros(runs, n, dtype=torch.float64))
    return system, w0, v
