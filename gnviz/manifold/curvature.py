"""Gaussian curvature of a surface in space."""

from __future__ import annotations

import numpy as np

from gnviz.manifold.surface import Jet, degenerate


def gaussian_curvature(jet: Jet) -> np.ndarray:
    """Return the Gaussian curvature at m points, shape (m,).

    K = det II / det I. With m = u_1 x u_2, det I = |m|^2 and II_jk = u_jk . m / |m|, so

        K = ((u_11 . m)(u_22 . m) - (u_12 . m)^2) / |m|^4

    (do Carmo, Differential Geometry of Curves and Surfaces, section 3.3).

    Args:
        jet: The surface's derivatives.

    Returns:
        NaN where the surface is `degenerate`.
    """
    with np.errstate(all="ignore"):  # degenerate points are marked below
        normal = np.cross(jet.slopes[:, :, 0], jet.slopes[:, :, 1])
        size = np.linalg.norm(normal, axis=1)
        two = np.einsum("mik,mi->mk", jet.bends, normal / size[:, None])
        curvature = (two[:, 0] / size) * (two[:, 2] / size) - (two[:, 1] / size) ** 2
    return np.where(degenerate(jet.slopes), np.nan, curvature)
