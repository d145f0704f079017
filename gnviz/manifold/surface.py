"""The surface M in space: points, tangents and second derivatives of u(w), batched over points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gnviz.problem.models.surface import Function, copied

RANK = 1e-7
"""Ratio of J's singular values up to which M counts as degenerate: about sqrt(eps), where half of a normal's
digits are gone."""


class Jet(NamedTuple):
    """u and its derivatives at m points.

    Attributes:
        u: Points, shape (m, 3).
        slopes: du/dw_k, shape (m, 3, 2).
        bends: d^2u/dw_j dw_k for jk = 11, 12, 22, shape (m, 3, 3): sample, then pair.
    """

    u: np.ndarray
    slopes: np.ndarray
    bends: np.ndarray


@dataclass(frozen=True)
class Manifold:
    """M = {u = alpha (f(w) - offset)} in base coordinates w, float64 on the CPU.

    Attributes:
        function: f.
        x: Inputs, shape (3,).
        alpha: Output scaling.
        offset: f(w0) for the centred predictor, else 0; shape (3,).
    """

    function: Function
    x: Tensor
    alpha: float
    offset: Tensor

    def points(self, w: np.ndarray) -> np.ndarray:
        """Return u at parameters w (m, 2), shape (m, 3)."""
        return self._at(copied(torch.tensor(w), len(self.x))).numpy()

    def slopes(self, w: np.ndarray) -> np.ndarray:
        """Return du/dw at w (m, 2), shape (m, 3, 2)."""
        with torch.enable_grad():
            v = copied(torch.tensor(w), len(self.x)).requires_grad_()
            slopes = _slopes(self._at(v), v)
        return slopes.permute(1, 2, 0).numpy()

    def jet(self, w: np.ndarray) -> Jet:
        """Return u with first and second derivatives at w (m, 2): one backward pass, and two through it."""
        with torch.enable_grad():
            v = copied(torch.tensor(w), len(self.x)).requires_grad_()
            u = self._at(v)
            slopes = _slopes(u, v, create_graph=True)
            along_1, along_2 = (_backward(slopes[k], v) for k in range(2))
        bends = torch.stack([along_1[0], along_1[1], along_2[1]], -1)
        return Jet(u.detach().numpy(), slopes.detach().permute(1, 2, 0).numpy(), bends.numpy())

    def _at(self, v: Tensor) -> Tensor:
        return self.alpha * (self.function(v[0], v[1], self.x) - self.offset)


def _slopes(u: Tensor, v: Tensor, create_graph: bool = False) -> Tensor:
    """Return du/dv at copied parameters v (2, m, 3); zero where u has steps alone, as of comparisons."""
    if not u.requires_grad:
        return torch.zeros_like(v)
    return torch.autograd.grad(u.sum(), v, create_graph=create_graph)[0]


def _backward(slope: Tensor, v: Tensor) -> Tensor:
    """Return the derivative of a slope (m, 3) in the copied parameters v (2, m, 3)."""
    if not slope.requires_grad:  # it is constant
        return torch.zeros_like(v)
    return torch.autograd.grad(slope.sum(), v, retain_graph=True, materialize_grads=True)[0]


def degenerate(slopes: np.ndarray) -> np.ndarray:
    """Return where M has no tangent plane: J (m, 3, 2) is not finite or of rank below 2, shape (m,)."""
    finite = np.isfinite(slopes).all(axis=(1, 2))
    s = np.linalg.svd(np.where(finite.reshape(-1, 1, 1), slopes, 0.0), compute_uv=False)
    return ~(finite & (s[:, 1] > RANK * s[:, 0]))
