"""Geodesics of M: the straightest way on the surface, from the start to the foot.

In parameters a geodesic w(s), 0 <= s <= 1, satisfies w'' = -J^+ sum_jk u_jk w_j' w_k', since u'' must be normal
to M (Gauss's equation, with the Christoffel symbols of the induced metric J^T J written out).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_bvp

from gnviz.manifold.surface import RANK, Manifold, degenerate

POINTS = 65
"""Points of the curve that is drawn."""

NODES = 17
"""Of the solver's first mesh."""

MOST_NODES = 400
"""Of its last: a geodesic that needs more is given up, which bounds the time."""

ACCURACY = 1e-8
"""Relative residual of the differential equation."""

STEADY = 1e-5
"""Change of the speed |u'| along the curve, relative to it, up to which it counts as a geodesic. The solver's
residual is below `ACCURACY` relative to terms of the equation, which may be a hundred times the speed."""


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
    s = np.linspace(0, 1, NODES)
    line = start + s[:, None] * (end - start)
    guess = np.concatenate([line, np.tile(end - start, (NODES, 1))], 1).T
    with np.errstate(all="ignore"):  # what is not finite is judged below
        try:
            found = solve_bvp(
                lambda s, q: _equation(surface, q),
                lambda a, b: np.concatenate([a[:2] - start, b[:2] - end]),
                s,
                guess,
                tol=ACCURACY,
                max_nodes=MOST_NODES,
            )
        except (np.linalg.LinAlgError, ValueError):  # the linear systems of a curve that runs away
            return none(NOT_FOUND)
    return _judged(surface, found.sol(np.linspace(0, 1, POINTS)).T)


NOT_FOUND = "no geodesic from the start to the foot was found from the straight line in parameters"


def _equation(surface: Manifold, q: np.ndarray) -> np.ndarray:
    """Return (w', w''), shape (4, m), for (w, w')."""
    jet = surface.jet(q[:2].T)
    a, b = q[2:]
    bend = np.einsum("mik,km->mi", jet.bends, np.stack([a * a, 2 * a * b, b * b]))
    slopes = np.where(np.isfinite(jet.slopes).all((1, 2), keepdims=True), jet.slopes, 0.0)
    turn = np.einsum("mki,mi->km", np.linalg.pinv(slopes, rcond=RANK), np.where(np.isfinite(bend), bend, 0.0))
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
    text = f"the geodesic from the start to the foot has length {length:.4g}; the straight line, off M, {line:.4g}"
    return Geodesic(u, w, length, text)
