"""A residual split at a point of the surface: what moving along M can remove, and what it cannot."""

from __future__ import annotations

import numpy as np

from gnviz.manifold.surface import degenerate


def tangent_basis(slopes: np.ndarray) -> np.ndarray:
    """Return orthonormal bases of the tangent planes range J, shape (m, 3, 2), for J (m, 3, 2).

    NaN where M is degenerate and has no tangent plane.
    """
    bad = degenerate(slopes)[:, None, None]
    return np.where(bad, np.nan, np.linalg.svd(np.where(bad, 0.0, slopes), full_matrices=False)[0])


def split(basis: np.ndarray, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return P e and e - P e, with P = basis basis^T the projector onto the tangent plane.

    Args:
        basis: Orthonormal, shape (..., 3, 2).
        residual: e, shape (..., 3).
    """
    along = np.einsum("...ik,...jk,...j->...i", basis, basis, residual)
    return along, residual - along
