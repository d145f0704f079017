"""The modes of R runs: the eigenvectors of S = G^{1/2} K G^{1/2}, and the way to and from the weights.

With B = G^{1/2} J, a `Modes` diagonalizes S = B B^T and maps coefficients c of its eigenvectors V to
displacements of the weights, `B^T V c`, and back, `V^T B dw`: all that the dynamics need of the kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from gnviz.dynamics.linearized.norms import lengths
from gnviz.problem.data.conditioning import jacobian_resolution, resolution
from gnviz.problem.models.base import Linearization

EXPLICIT = 2**15
"""Entries of a run's V^T B up to which it is formed where many products follow: a product by way of the
layers takes some ten operator calls, each of which costs as much as so many entries."""


class Modes(Protocol):
    """The spectrum of S and its eigenvectors, for R runs with k modes each.

    Attributes:
        linear: The model's linearization, with its tangent map.
        eigenvalues: lambda, descending, at least 0, shape (R, k).
        vectors: V, columns in the same order, shape (R, n, k).
        floor: Eigenvalues up to this are rounding, shape (R,).
        root: G^{1/2}, shape (R, n); None where G = I.
    """

    @property
    def linear(self) -> Linearization:
        """The model's outputs and tangent map at the weights that these modes are of."""
        ...

    @property
    def units(self) -> Tensor | None:
        """Units that the weights' displacements are measured in, shape (R, p); None for 1."""
        ...

    @property
    def root(self) -> Tensor | None:
        """G^{1/2}, shape (R, n); None where G = I."""
        ...

    @property
    def eigenvalues(self) -> Tensor:
        """Eigenvalues of S, descending, shape (R, k)."""
        ...

    @property
    def vectors(self) -> Tensor:
        """Eigenvectors of S as columns, shape (R, n, k)."""
        ...

    @property
    def floor(self) -> Tensor:
        """Largest eigenvalue that cannot be told from 0, shape (R,)."""
        ...

    def kernel(self) -> Tensor:
        """Return K = J J^T, without G, shape (R, n, n)."""
        ...

    def explicit(self, parameters: int) -> Modes:
        """Return the same modes, prepared for many products: V^T B formed, where it is small (p given)."""
        ...

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return B^T V c, shape (R, p), for coefficients c, shape (R, k)."""
        ...

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T B dw, shape (R, k), for a weight displacement dw, shape (R, p)."""
        ...


@dataclass(frozen=True)
class KernelModes:
    """Modes from the eigendecomposition of S (n x n): k = n, for p >= n.

    Attributes:
        linear: The model's linearization.
        root: G^{1/2}, shape (R, n); None where G = I.
        gram: K, shape (R, n, n).
        ways: V^T B, shape (R, n, p); None if it is not formed.
    """

    linear: Linearization
    root: Tensor | None
    gram: Tensor
    eigenvalues: Tensor
    vectors: Tensor
    floor: Tensor
    units: None = None
    ways: Tensor | None = None

    @classmethod
    def of(cls, linear: Linearization, root: Tensor | None) -> KernelModes:
        """Form and diagonalize S."""
        gram = linear.kernel()
        eigenvalues, vectors = spectrum(weighted(gram, root))
        return cls(linear, root, gram, eigenvalues, vectors, resolution(eigenvalues))

    def kernel(self) -> Tensor:
        """Return K, shape (R, n, n)."""
        return self.gram

    def explicit(self, parameters: int) -> KernelModes:
        """Return the same modes with V^T B, where that has few entries."""
        if self.ways is not None or self.vectors.shape[1] * parameters > EXPLICIT:
            return self
        return replace(self, ways=self.vectors.mT @ weighted_jacobian(self.linear, self.root))

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return J^T G^{1/2} V c, shape (R, p)."""
        if self.ways is not None:
            return (coefficients[:, None] @ self.ways)[:, 0]
        v = (self.vectors @ coefficients[:, :, None])[:, :, 0]
        return self.linear.vjp(v if self.root is None else self.root * v)

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T G^{1/2} J dw, shape (R, n)."""
        if self.ways is not None:
            return (self.ways @ dw[:, :, None])[:, :, 0]
        v = self.linear.jvp(dw)
        v = v if self.root is None else self.root * v
        return (self.vectors.mT @ v[:, :, None])[:, :, 0]


def weighted(kernel: Tensor, root: Tensor | None) -> Tensor:
    """Return S = G^{1/2} K G^{1/2}, shape (R, n, n), for K and G^{1/2} (R, n); K itself where G = I."""
    return kernel if root is None else root[:, :, None] * kernel * root[:, None, :]


def spectrum(kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Return eigenvalues (descending, at least 0) and eigenvectors of symmetric K (R, n, n).

    A kernel with infinite or NaN entries (a diverged run) gives zeros and the identity. Kernels are brought
    to entries of at most 1 by a power of 2, which rounds nothing: LAPACK gave NaN for one whose entries, from
    1e-4 to 1e-41 in float32, were all finite.
    """
    finite = kernel.isfinite().all(-1).all(-1)[:, None, None]
    kernel = torch.where(finite, kernel, torch.zeros_like(kernel))
    most = math.frexp(torch.finfo(kernel.dtype).max)[1] - 2  # 2^most and 2^-most are normal numbers
    power = torch.frexp(kernel.abs().amax((1, 2))).exponent.clamp(-most, most)
    scale = torch.ldexp(torch.ones_like(kernel[:, 0, 0]), power)
    eigenvalues, vectors = torch.linalg.eigh(kernel / scale[:, None, None])
    return eigenvalues.flip(-1).clamp(min=0) * scale[:, None], vectors.flip(-1)


def weighted_jacobian(linear: Linearization, root: Tensor | None) -> Tensor:
    """Return B = G^{1/2} J, shape (R, n, p), for G^{1/2} (R, n); J itself where G = I."""
    jacobian = linear.jacobian()
    return jacobian if root is None else root[:, :, None] * jacobian


def column_norms(b: Tensor) -> Tensor:
    """Return the norms of the columns of B (R, n, p), shape (R, p); 1 for those that are 0 or not finite."""
    norms = lengths(b, 1)
    return torch.where(norms.isfinite() & (norms > 0), norms, 1.0)


def decomposition(b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return V (R, n, k), singular values (R, k), descending, and W (R, k, p) of B = V diag(s) W (R, n, p).

    A Jacobian with infinite or NaN entries (a diverged run) gives zeros for singular values.
    """
    finite = b.isfinite().all(-1).all(-1)[:, None, None]
    return torch.linalg.svd(torch.where(finite, b, torch.zeros_like(b)), full_matrices=False)


@dataclass(frozen=True)
class JacobianModes:
    """Modes from the singular value decomposition B = V diag(s) W (n x p): k = min(n, p), for p < n.

    S would have n - p zero eigenvalues, and squares the condition number: singular values are resolved down
    to max(n, p) eps s_1, so eigenvalues s^2 to the square of that, twice as deep as those of a formed kernel.

    Parameters may be measured in units d of their own: then it is B diag(1/d) that is decomposed, and weights
    are mapped by way of d w.

    Attributes:
        linear: The model's linearization.
        root: G^{1/2}, shape (R, n); None where G = I.
        singular: s, descending, shape (R, k).
        right: W, rows in the same order, shape (R, k, p).
        units: d, shape (R, p); None for 1.
    """

    linear: Linearization
    root: Tensor | None
    singular: Tensor
    right: Tensor
    vectors: Tensor
    floor: Tensor
    units: Tensor | None = None

    @classmethod
    def of(
        cls, linear: Linearization, root: Tensor | None, equilibrated: Tensor | None = None
    ) -> JacobianModes:
        """Form and decompose B, with columns of norm 1 in the runs marked by `equilibrated`, bool, (R,).

        Args:
            linear: The model's tangent map at R runs' weights.
            root: G^{1/2}, shape (R, n); None: I.
            equilibrated: Which runs' columns get norm 1 first, bool, shape (R,); None: no run's.
        """
        b, units = weighted_jacobian(linear, root), None
        if equilibrated is not None:
            units = torch.where(equilibrated[:, None], column_norms(b), 1.0)
            b = b / units[:, None]
        vectors, singular, right = decomposition(b)
        floor = jacobian_resolution(singular, max(b.shape[1:]))
        return cls(linear, root, singular, right, vectors, floor, units)

    @property
    def eigenvalues(self) -> Tensor:
        """s^2, shape (R, k)."""
        return self.singular.square()

    def explicit(self, parameters: int) -> JacobianModes:
        """Return the modes themselves: products are made with W."""
        return self

    def kernel(self) -> Tensor:
        """Return K, shape (R, n, n)."""
        return self.linear.kernel()

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return W^T diag(s) c = B^T V c, shape (R, p), a displacement of the weights themselves."""
        scaled = (self.right.mT @ (self.singular * coefficients)[:, :, None])[:, :, 0]
        return scaled if self.units is None else scaled / self.units

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return diag(s) W dw = V^T B dw, shape (R, k)."""
        scaled = dw if self.units is None else self.units * dw
        return self.singular * (self.right @ scaled[:, :, None])[:, :, 0]
