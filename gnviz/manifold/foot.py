"""The foot of the target: the point of M within the window that is nearest to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from gnviz.manifold.surface import Manifold

STARTS = 3
"""Searches: from the nearest points of the mesh that are each nearer than their neighbours."""

EVALUATIONS = 100
"""Of u, in each search; from a point of the mesh some ten are enough."""

EDGE = 1e-6
"""Distance from the window's edge, relative to its size, at which the foot lies on it: what `least_squares`,
which stays inside its bounds, leaves."""


class Foot(NamedTuple):
    """The nearest point.

    Attributes:
        u: shape (3,); NaN if there is none.
        w: Its base parameters, shape (2,).
        text: One plain sentence.
    """

    u: np.ndarray
    w: np.ndarray
    text: str

    @property
    def found(self) -> bool:
        """Whether there is one."""
        return bool(np.isfinite(self.w).all())


def nearest(surface: Manifold, y: np.ndarray, axes: tuple[np.ndarray, np.ndarray], mesh: np.ndarray) -> Foot:
    """Search for the point nearest to y, from several points of the mesh.

    Args:
        surface: M.
        y: The target, shape (3,).
        axes: w1, shape (A,), and w2, shape (B,), of the mesh; the window is from their first to their last.
        mesh: u there, shape (A, B, 3).
    """
    away = np.linalg.norm(mesh - y, axis=-1)
    starts = valleys(np.where(np.isfinite(away), away, np.inf))[:STARTS]
    if not len(starts):
        nothing = np.full(2, np.nan)
        return Foot(
            np.full(3, np.nan), nothing, "no nearest point: the model has no finite value in the window"
        )
    low, high = (np.array([axis[i] for axis in axes]) for i in (0, -1))
    with np.errstate(all="ignore"):  # trial points may lie where M has no finite values
        found = [_polish(surface, y, np.array([axes[0][i], axes[1][j]]), low, high) for i, j in starts]
    distance, w = min(found, key=lambda pair: pair[0])
    edge = (np.minimum(w - low, high - w) < EDGE * (high - low)).any()
    where = ", on the edge of the window" if edge else ""
    return Foot(
        surface.points(w[None])[0], w, f"M's point nearest to the target is at distance {distance:.4g}{where}"
    )


def valleys(height: np.ndarray) -> np.ndarray:
    """Return the finite points of a grid (A, B) that no neighbour lies below, lowest first, shape (k, 2)."""
    padded = np.pad(height, 1, constant_values=np.inf)
    around = [
        padded[1 + i : padded.shape[0] - 1 + i, 1 + j : padded.shape[1] - 1 + j]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if i or j
    ]
    points = np.argwhere(np.isfinite(height) & (height <= np.min(around, axis=0)))
    return points[np.argsort(height[tuple(points.T)], kind="stable")]


def _polish(
    surface: Manifold, y: np.ndarray, w: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the distance to y and the parameters of a local minimum within the window."""

    def finite(values: np.ndarray) -> np.ndarray:
        return np.where(np.isfinite(values), values, 1e100)  # where M ends: farther than anything on it

    inside = low + np.clip((w - low) / (high - low), EDGE, 1 - EDGE) * (high - low)
    found = least_squares(
        lambda v: finite(surface.points(v[None])[0] - y),
        inside,
        lambda v: np.nan_to_num(surface.slopes(v[None])[0]),  # type: ignore[arg-type]  # a function is allowed
        bounds=(low, high),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
        max_nfev=EVALUATIONS,
    )
    return float(np.sqrt(2 * found.cost)), found.x
