"""What the dynamics ask of a model: outputs, and its linearization at given weights."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Linearization(Protocol):
    """The tangent map J = Df(w) of R runs at once, at the weights it was made for."""

    @property
    def outputs(self) -> Tensor:
        """The outputs f(w), shape (R, n)."""
        ...

    def kernel(self) -> Tensor:
        """Return K = J J^T, shape (R, n, n)."""
        ...

    def jacobian(self) -> Tensor:
        """Return J itself, shape (R, n, p); asked for only where p is small."""
        ...

    def vjp(self, v: Tensor) -> Tensor:
        """Return J^T v, shape (R, p), for v of shape (R, n)."""
        ...

    def jvp(self, dw: Tensor) -> Tensor:
        """Return J dw, shape (R, n), for dw of shape (R, p)."""
        ...

    def absolute_jvp(self, w: Tensor) -> Tensor:
        """Return |J| |w|, shape (R, n), for w of shape (R, p): what rounding of the weights comes from."""
        ...


class Model(Protocol):
    """A function of flat parameters w, shape (R, p), and inputs x, shape (n, d)."""

    @property
    def parameters(self) -> int:
        """The number p of parameters."""
        ...

    @property
    def shared_units(self) -> bool:
        """Whether all parameters are measured in one unit, so that their norm means something."""
        ...

    def entries(self, n: int) -> int:
        """Return how many entries the largest matrix of one run on n samples has."""
        ...

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """Return f(w) on the inputs, shape (R, n)."""
        ...

    def linearize(self, w: Tensor, x: Tensor) -> Linearization:
        """Return outputs and tangent map at w."""
        ...
