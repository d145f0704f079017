"""Directions that paths in function space are seen along, and how much of the paths they hold.

The paths are r_t = u_t - y, so that the target is the origin. They are not centred for the principal
components either: the target stays where it is, and the share is one of the distance to the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gnviz.views.figures.function_space.principal import RESOLVED, components

if TYPE_CHECKING:
    import xarray as xr

Axes = Literal["kernel eigenvectors", "principal components"]
AXES: tuple[Axes, ...] = ("kernel eigenvectors", "principal components")

NAMES = {"kernel eigenvectors": "mode", "principal components": "PC"}
"""What an axis is called, before its number."""

FAR = 2.0
"""Moments further from the target than this many times the furthest start have left the figure.

A run that diverges would otherwise be all that is explained, in its last moments alone.
"""


@dataclass(frozen=True)
class Directions:
    """Three directions in function space.

    Attributes:
        vectors: Orthonormal columns, shape (n, 3); columns of zeros where there are fewer than three.
        shares: For each, its share of the sum over runs and moments of ||u_t - y||^2, shape (3,); NaN
            where nothing is recorded or all is 0.
        counted: Which moments that sum is over, shape (run, time): see `counted`.
        names: Words on the axes.
    """

    vectors: np.ndarray
    shares: np.ndarray
    counted: np.ndarray
    names: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the three hold of the paths, in plain words; empty if there is nothing to hold."""
        total = float(self.shares.sum())
        known = not np.isnan(total)
        return f"The axes hold {percent(total)} of all squared distance to the target" if known else ""


def directions(ds: xr.Dataset, axes: Axes) -> Directions:
    """Return the first three eigenvectors of the first kernel, or principal components of all paths.

    The components are those of what is recorded so far: the leading eigenvectors of sum r r^T over runs
    and moments. They turn while moments arrive, but less and less, since a residual is largest at first;
    their signs stay as they were when the recording was shorter.

    Args:
        ds: A Dataset of schema 1.
        axes: Which of the two.

    Raises:
        ValueError: There are no such axes.
    """
    if axes not in AXES:
        raise ValueError(f"axes is {axes!r}; it may be {', '.join(AXES)}")
    with np.errstate(over="ignore", invalid="ignore"):
        paths = np.asarray(ds["prediction"].values, dtype=float) - ds["y"].values
        squares = np.einsum("rtn,rtn->rt", paths, paths)
    use = counted(squares)
    vectors = ds["basis"].values[:, :3] if axes == AXES[0] else components(paths, use)
    vectors = np.pad(vectors, ((0, 0), (0, 3 - vectors.shape[1])))
    held, whole = ((paths[use] @ vectors) ** 2).sum(axis=0), squares[use].sum()
    shares = held / whole if whole > 0 else np.full(3, np.nan)
    return Directions(vectors, shares, use, _names(NAMES[axes], vectors, shares))


def counted(squares: np.ndarray) -> np.ndarray:
    """Return the moments that are finite and not `FAR` off, given ||u_t - y||^2, shape (run, time)."""
    starts = squares[:, :1][np.isfinite(squares[:, :1])]
    furthest = starts.max(initial=0.0) or np.inf
    return np.isfinite(squares) & (squares <= FAR**2 * furthest)


def _names(word: str, vectors: np.ndarray, shares: np.ndarray) -> tuple[str, ...]:
    """Return the words on the axes: those that there are say their share, if it is known."""
    known = vectors.any(axis=0) & np.isfinite(shares)
    said = (
        f" ({percent(float(share), 2)})" if is_known else ""
        for share, is_known in zip(shares, known, strict=True)
    )
    return tuple(f"{word} {k}{share}" for k, share in enumerate(said, 1))


def percent(share: float, digits: int = 3) -> str:
    """Return a share in percent, of so many digits: never as all or nothing where it is not."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    rounded = float(f"{100 * share:.{digits}g}")
    if rounded == 100 and share < 1 - RESOLVED:
        return f"> {100 - 10.0 ** (2 - digits):g} %"
    return f"{rounded:g} %"
