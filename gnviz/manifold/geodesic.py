"""Geodesics of M: the straightest way on the surface, from the start to the foot.

In parameters a geodesic w(s), 0 <= s <= 1, satisfies w'' = -J^+ sum_jk u_jk w_j' w_k', since u'' must be
normal to M (do Carmo, Differential Geometry of Curves and Surfaces, section 4.4, with the
Christoffel symbols of the induced metric J^T J written out).
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_bvp

from gnviz.manifold.surface import Manifold, degenerate

POINTS = 65
"""Points of the curve that is drawn, and of the solver's first mesh."""

MOST_NODES = 400
"""Of the solver's last mesh."""

MOST_CALLS = 200
"""Evaluations of the equation, a millisecond each, after which the search is given up: a geodesic took 40 to
130 on all models."""

ACCURACY = 1e-6
"""Relative residual of the differential equation: lengths then have eight digits (sphere)."""

STEADY = 1e-4
"""Change of the speed |u'| along the curve, relative to it, up to which it counts as a geodesic: a hundred
times `ACCURACY`, since the equation's terms may be that much larger than the speed."""


class Geodesic(NamedTuple):
    """The curve.

    Attributes:
        u: Evenly spaced in arc length, shape (POINTS, 3); NaN if there is none.
        w: Their base parameters, shape (POINTS, 2).
        length: Its length; NaN if there is none.
        text: One plain sentence.
    """

    u: np.ndarray
    w: np.ndarray
    length: float
    text: str


def none(why: str) -> Geodesic:
    """Return that there is no geodesic, and why."""
    return Geodesic(np.full((POINTS, 3), np.nan), np.full((POINTS, 2), np.nan), np.nan, why)


def geodesic(surface: Manifold, start: np.ndarray, end: np.ndarray) -> Geodesic:
    """Solve for the geodesic between two points, from the straight line in base parameters.

    Args:
        surface: M.
        start: Base parameters of the first point, shape (2,).
        end: Of the last point, shape (2,).
    """
    if not np.isfinite([*start, *end]).all():
        return none("no geodesic: there is no foot to go to")
    if degenerate(surface.slopes(np.array([start, end]))).any():
        return none("no geodesic: the rank of J is below 2 at one of its ends, so M is no surface there")
    q = _solved(surface, start, end)
    return none(NOT_FOUND) if q is None else _judged(surface, q)


NOT_FOUND = "no geodesic from the start to the foot was found, searching from the straight line in parameters"


def _solved(surface: Manifold, start: np.ndarray, end: np.ndarray) -> np.ndarray | None:
    """Return a solution (w, w') at evenly spaced times, shape (POINTS, 4); None if there was none."""
    s, calls = np.linspace(0, 1, POINTS), itertools.count(1)
    guess = np.concatenate([start + s[:, None] * (end - start), np.tile(end - start, (POINTS, 1))], 1)

    def equation(_: np.ndarray, q: np.ndarray) -> np.ndarray:
        if next(calls) > MOST_CALLS:
            raise _GivenUp
        return _equation(surface, q)

    def ends(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.concatenate([a[:2] - start, b[:2] - end])

    with np.errstate(all="ignore"):  # what is not finite is judged later
        try:
            found = solve_bvp(equation, ends, s, guess.T, tol=ACCURACY, max_nodes=MOST_NODES)
        except (_GivenUp, np.linalg.LinAlgError, ValueError):  # linear systems of a curve that runs away
            return None
        return found.sol(s).T


class _GivenUp(Exception):
    """The search took too long."""


def _equation(surface: Manifold, q: np.ndarray) -> np.ndarray:
    """Return (w', w''), shape (4, m), for (w, w'); points where M is degenerate give NaN.

    With m = u_1 x u_2, the rows of J^+ are u_2 x m / |m|^2 and m x u_1 / |m|^2.
    """
    jet = surface.jet(q[:2].T)
    a, b = q[2:]
    bend = np.einsum("mik,km->mi", jet.bends, np.stack([a * a, 2 * a * b, b * b]))
    first, second = jet.slopes[:, :, 0], jet.slopes[:, :, 1]
    normal = np.cross(first, second)
    inverse = np.stack([np.cross(second, normal), np.cross(normal, first)])
    turn = np.einsum("kmi,mi->km", inverse, bend) / (normal**2).sum(1)
    return np.concatenate([q[2:], -turn])


def _judged(surface: Manifold, q: np.ndarray) -> Geodesic:
    """Return a solution (w, w'), shape (POINTS, 4), if it is a geodesic: all of it on M, at one speed."""
    w, speed = q[:, :2], q[:, 2:]
    if not np.isfinite(q).all():
        return none(NOT_FOUND)
    slopes = surface.slopes(w)
    if degenerate(slopes).any():
        return none("no geodesic: the straightest way runs over points where the rank of J is below 2")
    sizes = np.linalg.norm(np.einsum("mik,mk->mi", slopes, speed), axis=1)
    length = float(sizes.mean())
    if not (np.abs(sizes - length) <= STEADY * length).all():
        return none(NOT_FOUND)
    u = surface.points(w)
    line = float(np.linalg.norm(u[-1] - u[0]))
    text = (
        f"a geodesic from the start to the foot has length {length:.4g}; the straight line, off M, {line:.4g}"
    )
    return Geodesic(u, w, length, text)
