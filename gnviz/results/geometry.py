"""The geometry of a surface experiment, known before the first step; in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

DIMS: dict[str, tuple[str, ...]] = {
    "mesh": ("mesh_1", "mesh_2", "sample"),
    "mesh_loss": ("mesh_1", "mesh_2"),
    "curvature": ("mesh_1", "mesh_2"),
    "plane_loss": ("plane_1", "plane_2"),
    "foot": ("sample",),
    "foot_parameters": ("parameter",),
    "geodesic": ("arc", "sample"),
    "geodesic_parameters": ("arc", "parameter"),
}
"""What a Dataset has of it, with its dimensions."""

COORDS = ("mesh_1", "mesh_2", "plane_1", "plane_2")
TEXTS = ("surface", "chart", "chart_formula", "foot_text", "geodesic_text")


@dataclass(frozen=True)
class Geometry:
    """The surface M = {u = alpha f(w)} (centred: alpha (f(w) - f(w0))) and what is drawn on it.

    Attributes:
        mesh_1, mesh_2: Base parameters w1, shape (A,), and w2, shape (B,), of the mesh.
        mesh: u there, shape (A, B, 3).
        mesh_loss: The loss g there, shape (A, B).
        curvature: Gaussian curvature there, NaN where the rank of J is below 2, shape (A, B).
        plane_1, plane_2: The chart's parameters v1, shape (C,), and v2, shape (D,), of the loss's plane.
        plane_loss: The loss there, shape (C, D).
        foot: M's point nearest to the target within the window, shape (3,); NaN if none was found.
        foot_parameters: Its parameters v, shape (2,).
        geodesic: Geodesic from u_0 to the foot, evenly spaced, shape (L, 3); NaN if there is none.
        geodesic_parameters: Its parameters v, shape (L, 2).
        surface: The model's formula for people.
        chart: The chart's name, and in `chart_formula` its map.
        foot_text, geodesic_text: One plain sentence each.
    """

    mesh_1: np.ndarray
    mesh_2: np.ndarray
    mesh: np.ndarray
    mesh_loss: np.ndarray
    curvature: np.ndarray
    plane_1: np.ndarray
    plane_2: np.ndarray
    plane_loss: np.ndarray
    foot: np.ndarray
    foot_parameters: np.ndarray
    geodesic: np.ndarray
    geodesic_parameters: np.ndarray
    surface: str
    chart: str
    chart_formula: str
    foot_text: str
    geodesic_text: str

    @property
    def variables(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """The Dataset's variables with their dimensions."""
        return {name: (dims, getattr(self, name)) for name, dims in DIMS.items()}

    @property
    def coords(self) -> dict[str, np.ndarray]:
        """The Dataset's coordinates."""
        return {name: getattr(self, name) for name in COORDS}

    @property
    def attrs(self) -> dict[str, str]:
        """The Dataset's attributes."""
        return {name: getattr(self, name) for name in TEXTS}


assert {*DIMS, *COORDS, *TEXTS} == {field.name for field in fields(Geometry)}
