"""Lines and markers beside a surface: on it, they would be half hidden by its triangles."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from gnviz.views.base import Table

LIFT = 0.004
"""Distance from M to the lowest line, as a share of the longest axis: half a line's width."""

LAYER = 0.3
"""Distance from one line to the next above it, in `LIFT`s."""


class Lift:
    """Draws lines twice, a little off M on either side; only for the eye, the tables stay exact.

    Args:
        mesh: Columns x, y, z of M's mesh, row by row.
        shape: Rows and columns of the mesh.
        size: Length of the longest axis.
    """

    def __init__(self, mesh: Table, shape: tuple[int, int], size: float) -> None:
        points = np.stack([mesh[name].astype(float).reshape(shape) for name in "xyz"], axis=-1)
        with np.errstate(invalid="ignore", over="ignore"):
            across = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
            length = np.linalg.norm(across, axis=-1, keepdims=True)
            normals = np.divide(across, length, out=np.zeros_like(across), where=length > 0)
        known = np.isfinite(points).all(-1) & np.isfinite(normals).all(-1)
        self._normals, self._step = normals[known], LIFT * size
        self._tree = KDTree(points[known]) if known.any() else None

    def __call__(self, table: Table, layer: float) -> Table:
        """Return a table's points above M, and those below after a gap; `layer` counts from 0."""
        points = np.stack([table[name].astype(float) for name in "xyz"], axis=1)
        off = self._step * (1 + LAYER * layer) * self._normal(points)
        gap = np.full((1, 3), np.nan)
        both = np.concatenate([points + off, gap, points - off]).astype(np.float32)
        return {name: both[:, k] for k, name in enumerate("xyz")}

    def _normal(self, points: np.ndarray) -> np.ndarray:
        """Return the unit normal at the mesh's point nearest to each of `points`; 0 where unknown."""
        out, known = np.zeros_like(points), np.isfinite(points).all(axis=1)
        if self._tree is not None and known.any():
            out[known] = self._normals[self._tree.query(points[known])[1]]
        return out
