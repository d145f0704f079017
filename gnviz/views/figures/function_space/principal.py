"""Principal components of paths to a target, with signs that stay while the paths grow."""

from __future__ import annotations

import numpy as np

from gnviz.views.values import picked, thinned

MOST = 400
"""Most rows of the matrix of which components are sought where it has as many columns: 0.1 s at n = 4000."""

RESOLVED = 1e-7
"""Least singular value, as a share of the largest: the squares that eigenvalues hold have 16 digits."""

STRIDE = 1.15
"""Each moment looked at for signs is at least so many times later than the one before, counted in moments."""

FOLLOWED = 4
"""Most runs looked at for signs."""


def components(paths: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Return the leading eigenvectors of sum r_t r_t^T as columns: three, or fewer if there are fewer.

    They are not centred. Those of longer paths turn less and less, since a residual is largest at first.

    Args:
        paths: r_t, shape (run, time, n).
        use: Which moments the sum is over, shape (run, time).
    """
    if not use.any():
        return np.empty((paths.shape[2], 0))
    signed = _orientation(paths, use)
    if min(use.sum(), paths.shape[2]) > MOST:
        times = thinned(use.shape[1], max(MOST // len(use), 2))
        paths, use = paths[:, times], use[:, times]
    return _turned(_leading(paths[use]), signed)


def _orientation(paths: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Return roughly the components, with the signs to use.

    A component that appears has the start of the first run on its positive side. From then on its sign is
    handed down, from the first moments to those up to a later one and so on, in steps in which it turns
    little. Any rule for the components as they are would flip the sign of one that turns far enough; this
    one gives each recording the signs that it had when it was shorter.
    """
    moments = _later_and_later(use.shape[1])
    gaps = np.diff(moments, prepend=-1)  # each moment stands for those before it, too
    runs = picked(len(use), FOLLOWED)
    rows = np.where(use[..., None], paths, 0.0)[np.ix_(runs, moments)] * np.sqrt(gaps)[:, None]
    rows = rows.swapaxes(0, 1)
    space, within = np.linalg.qr(rows.reshape(-1, rows.shape[2]).T)
    rows = within.T.reshape(*rows.shape[:2], -1)
    start = next((row for row in rows.reshape(-1, rows.shape[2]) if row.any()), np.zeros(rows.shape[2]))
    found = start[:, None]
    for count in range(1, len(moments) + 1):
        new = _leading(rows[:count].reshape(-1, rows.shape[2]))
        appeared = np.tile(start[:, None], max(new.shape[1] - found.shape[1], 0))
        found = _turned(new, np.hstack([found, appeared]))
    return space @ found


def _later_and_later(count: int) -> np.ndarray:
    """Return moments 0, 1, 2, ... with ever longer steps, below `count`: the same ones as `count` grows."""
    moments, moment = [], 0
    while moment < count:
        moments.append(moment)
        moment = max(moment + 1, int(STRIDE * moment))
    return np.array(moments, dtype=int)


def _leading(rows: np.ndarray) -> np.ndarray:
    """Return at most three leading right singular vectors, by the smaller of a matrix's two Gram matrices."""
    size = np.abs(rows).max(initial=0.0)
    if not size:
        return np.empty((rows.shape[1], 0))
    rows = rows / size
    wide = rows.shape[0] < rows.shape[1]
    gram = rows @ rows.T if wide else rows.T @ rows
    last = len(gram) - 1
    from scipy.linalg import eigh

    values, vectors = eigh(gram, subset_by_index=[max(last - 2, 0), last])
    vectors = vectors[:, values > RESOLVED**2 * values[-1]][:, ::-1]
    return np.linalg.qr(rows.T @ vectors)[0] if wide else vectors


def _turned(vectors: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return the columns, each turned to the side of the same column of `like`, as far as there are such.

    One at right angles to it has its largest entry up.
    """
    count = vectors.shape[1]
    along, sizes = np.zeros(count), np.zeros(count)
    known = min(count, like.shape[1])
    along[:known] = (vectors[:, :known] * like[:, :known]).sum(axis=0)
    sizes[:known] = np.linalg.norm(like[:, :known], axis=0)
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(count)] if count else along
    return vectors * np.where(np.where(np.abs(along) <= RESOLVED * sizes, largest, along) < 0, -1.0, 1.0)
