"""Where a function on a grid has a given value, by linear interpolation."""

from __future__ import annotations

import numpy as np


def zero_line(across: np.ndarray, up: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return where a function crosses 0: pieces of a line, each two points and a gap (NaN), shape (3 k, 2).

    Every cell of the grid is two triangles. In each, the function is as good as linear, and where a corner's
    sign (0 counts as positive) differs from the others', the line cuts the two edges that meet there.

    Args:
        across: The grid's columns, shape (A,).
        up: Its rows, shape (B,).
        height: The function, shape (B, A); cells with a corner that is not known (NaN) have no line.
    """
    place = np.stack(np.meshgrid(across, up), axis=-1)
    corners, values = _triangles(place), _triangles(height[..., None])[..., 0]
    above = values >= 0
    count = above.sum(axis=1)
    cut = (count > 0) & (count < 3) & np.isfinite(values).all(axis=1)
    corners, values, above, count = corners[cut], values[cut], above[cut], count[cut]
    odd = np.where(count == 1, above.argmax(axis=1), above.argmin(axis=1))
    every = np.arange(len(odd))
    start, height_there = corners[every, odd], values[every, odd]
    pieces = np.full((len(odd), 3, 2), np.nan)
    for k in (1, 2):
        end = (odd + k) % 3
        share = height_there / (height_there - values[every, end])
        pieces[:, k - 1] = start + share[:, None] * (corners[every, end] - start)
    return pieces.reshape(-1, 2)


def _triangles(grid: np.ndarray) -> np.ndarray:
    """Return the corners of two triangles for each cell of a grid (B, A, k), shape (triangles, 3, k)."""
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    both = [np.stack(corners, axis=2) for corners in ((a, b, c), (a, c, d))]
    return np.concatenate([x.reshape(-1, 3, grid.shape[-1]) for x in both])
