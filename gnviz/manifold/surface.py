"""The surface M in space: points, tangents and second derivatives of u(w), batched over points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.func import jvp

from gnviz.problem.dense import load_forward_mode
from gnviz.problem.surfaces import Function

RANK = 1e-7
"""Ratio of J's singular values up to which M counts as degenerate: about sqrt(eps), where half of a normal's
digits are gone."""

PAIRS = ((0, 0), (0, 1), (1, 1))
"""The second derivatives that there are."""


class Jet(NamedTuple):
    """u and its derivatives at m points.

    Attributes:
        u: Points, shape (m, 3).
        slopes: du/dw_k, shape (m, 3, 2).
        bends: d^2u/dw_j dw_k for (j, k) in `PAIRS`, shape (m, 3, 3): sample, then pair.
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
        return self._at(*_columns(w, 1))[0].numpy()

    def slopes(self, w: np.ndarray) -> np.ndarray:
        """Return du/dw at w (m, 2), shape (m, 3, 2)."""
        load_forward_mode()
        slopes = jvp(self._at, _columns(w, 2), _units((0, 1), len(w)))[1]
        return slopes.permute(1, 2, 0).numpy()

    def jet(self, w: np.ndarray) -> Jet:
        """Return u with first and second derivatives at w (m, 2): forward mode over forward mode."""
        load_forward_mode()
        first, second = (_units(k, len(w)) for k in zip(*PAIRS, strict=True))

        def along_first(a: Tensor, b: Tensor) -> Tensor:
            return jvp(self._at, (a, b), first)[1]

        at = _columns(w, len(PAIRS))
        slopes, bends = jvp(along_first, at, second)
        both = slopes[[0, 2]]  # along w1 and along w2
        return Jet(self._at(*at)[0].numpy(), both.permute(1, 2, 0).numpy(), bends.permute(1, 2, 0).numpy())

    def _at(self, a: Tensor, b: Tensor) -> Tensor:
        return self.alpha * (self.function(a, b, self.x) - self.offset)


def _columns(w: np.ndarray, copies: int) -> tuple[Tensor, Tensor]:
    """Return w1 and w2 of points w (m, 2), several copies of each, shape (copies, m, 1)."""
    a, b = torch.tensor(w, dtype=torch.float64).T[:, None, :, None].repeat(1, copies, 1, 1)
    return a, b


def _units(which: Sequence[int], points: int) -> tuple[Tensor, Tensor]:
    """Return the directions e_k for k in `which`, at m points: their components, each (len(which), m, 1)."""
    a, b = torch.eye(2, dtype=torch.float64)[list(which)].T[:, :, None, None].repeat(1, 1, points, 1)
    return a, b


def degenerate(slopes: np.ndarray) -> np.ndarray:
    """Return where M has no tangent plane: J (m, 3, 2) is not finite, or of rank below 2; bool, shape (m,)."""
    finite = np.isfinite(slopes).all((1, 2))
    s = np.linalg.svd(np.where(finite[:, None, None], slopes, 0.0), compute_uv=False)
    return ~(finite & (s[:, 1] > RANK * s[:, 0]))
