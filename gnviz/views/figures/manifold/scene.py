"""The numbers of a surface experiment (three samples, two parameters) that its figures share.

Its predictions are points of R^3, and all that the model can predict is a surface M there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis import measures
from gnviz.analysis.ends import last_known
from gnviz.views.values import at, finite, known

if TYPE_CHECKING:
    import xarray as xr

START, TARGET, FOOT, GEODESIC = "start", "target y", "nearest point of M", "geodesic"

REACH = 2.2
"""M is shown this many times as far from the middle as what happens on it: it may run to infinity."""

LEAST = 1e-3
"""A residual's tangent part below this share of the first residual has no direction worth drawing."""

FRONT = np.array([0.66, 0.66, 0.35])
"""The usual direction of the eye."""

ACROSS = 0.9
"""How far the eye stands aside of M's normal: M is seen aslant, the residual's normal part at length."""


ASIDE = 0.35
"""Least cosine between the eye's direction and an axis: where one points at the eye, or two lie in one line,
numbers are written upon each other."""


@dataclass(frozen=True)
class Split:
    """The residual y - u at one point of M, split by the tangent plane there.

    y - u = tangent + normal, with tangent = P (y - u) and P the orthogonal projector onto range J.

    Attributes:
        point: u, shape (3,).
        tangent: Shape (3,).
        normal: Shape (3,).
        along: Orthonormal basis of the tangent plane that turns smoothly along a path, shape (3, 2).
    """

    point: np.ndarray
    tangent: np.ndarray
    normal: np.ndarray
    along: np.ndarray


def split(ds: xr.Dataset, run: int, moment: int | None) -> Split | None:
    """Return one run's split at a moment, or the last one known before it; None: there is none.

    Args:
        ds: The results.
        run: Position of the run.
        moment: Position of the moment; None: the last.
    """
    last = _last(ds, run, moment)
    if last is None:
        return None
    u, basis = ds["prediction"].values[run, last], ds["tangent"].values[run, last]
    return Split(u, *measures.split(basis, ds["y"].values - u), _turned(ds, run, last, basis))


def _last(ds: xr.Dataset, run: int, moment: int | None) -> int | None:
    """Return the last moment up to `moment` at which the run has a tangent plane."""
    end = upto(ds, moment)
    points, planes = known(ds["prediction"].values[run, :end]), ds["tangent"].values[run, :end]
    there = np.all(np.isfinite(points), axis=-1) & np.all(np.isfinite(planes), axis=(-1, -2))
    last = int(last_known(there[None])[0])
    return None if last < 0 else last


def upto(ds: xr.Dataset, moment: int | None) -> int:
    """Return the number of moments up to `moment`, itself included; None is the latest.

    Raises:
        ValueError: That moment is not recorded.
    """
    at(ds, "prediction", -1 if moment is None else moment)
    count = ds.sizes["time"]
    return count if moment is None or not count else moment % count + 1


def _turned(ds: xr.Dataset, run: int, last: int, basis: np.ndarray) -> np.ndarray:
    """Return the basis turned so that its first vector is where the residual's tangent part points.

    The recorded one may turn at will. Where that part has vanished, the direction it had before counts.
    """
    residual = ds["y"].values - ds["prediction"].values[run, : last + 1]
    planes = ds["tangent"].values[run, : last + 1]
    inside = np.einsum("tsm,ts->tm", planes, residual)
    sizes = np.linalg.norm(inside, axis=1)
    with np.errstate(invalid="ignore"):
        clear = np.flatnonzero(sizes > LEAST * np.linalg.norm(residual[0]))
    first = np.array([1.0, 0.0])
    if len(clear):
        towards = basis.T @ (planes[clear[-1]] @ inside[clear[-1]])
        if np.linalg.norm(towards) > 0:
            first = towards / np.linalg.norm(towards)
    return basis @ np.array([[first[0], -first[1]], [first[1], first[0]]])


def landmarks(ds: xr.Dataset) -> np.ndarray:
    """Return the points of R^3 that every figure must hold: start, target, foot, geodesic; shape (k, 3)."""
    still = [ds["y"].values[None], ds["foot"].values[None], ds["geodesic"].values]
    points = np.concatenate([starts(ds), *still])
    return points[np.isfinite(points).all(axis=1)]


def starts(ds: xr.Dataset) -> np.ndarray:
    """Return the points where the runs start, shape (k, 3): one, unless they start apart."""
    return distinct(known(at(ds, "prediction", 0)))


def distinct(points: np.ndarray) -> np.ndarray:
    """Return the points that are known, each once: those that differ in double precision only are one."""
    points = points[np.isfinite(points).all(axis=1)]
    return points[np.unique(points.astype(np.float32), axis=0, return_index=True)[1]]


def box(ds: xr.Dataset) -> list[tuple[float, float]]:
    """Return a range per axis: the landmarks, and M as far as `REACH`; known from the first moment on."""
    points = landmarks(ds)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, float((high - low).max() / 2) or 1.0
    mesh = ds["mesh"].values.reshape(-1, 3)
    with np.errstate(invalid="ignore"):
        near = mesh[(np.abs(mesh - middle) <= REACH * half).all(axis=1)]
    low, high = (np.vstack([points, near]).min(axis=0), np.vstack([points, near]).max(axis=0))
    margin = 0.06 * float((high - low).max())
    return [(float(a - margin), float(b + margin)) for a, b in zip(low, high, strict=True)]


def longest(ds: xr.Dataset) -> float:
    """Return the length of the longest axis of `box`."""
    return max(high - low for low, high in box(ds))


def eye(ds: xr.Dataset) -> np.ndarray:
    """Return the direction from which start, foot and target are best seen, a unit vector of R^3.

    From the target's side of M, and across the way from the start to the foot.
    """
    first, foot, y = starts(ds), finite(ds["foot"].values), ds["y"].values
    if not len(first) or not np.isfinite(foot).all():
        return FRONT
    way = unit(foot - first[0])
    out = unit(y - foot) + _bulge(ds["geodesic"].values)
    out = unit(out - (out @ way) * way)
    side = np.cross(way, out)
    side *= 1.0 if side @ FRONT >= 0 else -1.0
    seen = unit(out + ACROSS * side)
    return _off_the_axes(seen) if seen.any() else FRONT


def _off_the_axes(seen: np.ndarray) -> np.ndarray:
    """Return a direction so far from the planes of the axes that each axis's numbers can be read."""
    return unit(np.where(seen < 0, -1.0, 1.0) * np.maximum(np.abs(seen), ASIDE))


def _bulge(geodesic: np.ndarray) -> np.ndarray:
    """Return where the geodesic's middle lies beside its chord, in quarters of the chord."""
    chord = np.linalg.norm(geodesic[-1] - geodesic[0])
    if not np.isfinite(geodesic).all() or chord == 0:
        return np.zeros(3)
    return 4 * (geodesic[len(geodesic) // 2] - (geodesic[0] + geodesic[-1]) / 2) / chord


def unit(vector: np.ndarray) -> np.ndarray:
    """Return the vector with length 1; 0 stays 0."""
    size = float(np.linalg.norm(vector))
    return vector / size if size > 0 else vector
