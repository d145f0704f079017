"""When each part of the residual is learned: has fallen to a share of what it was at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

LEFT = 0.01
"""Share of a mode's first size at which it counts as learned."""


def learning_times(ds: xr.Dataset, left: float = LEFT) -> np.ndarray:
    """Return the time at which each part of each run's residual has first fallen to a share of its start.

    Between two recorded moments a part is taken to decay exponentially: then the time is exact where the
    kernel stays as it is, (1/r_i) log(1/left) with r_i the mode's rate.

    Args:
        ds: A Dataset of schema 1.
        left: The share that is left, between 0 and 1.

    Returns:
        Shape (run, mode); NaN for a part that never falls so far.
    """
    sizes = np.abs(ds["residual_modes"].values)  # (run, time, mode)
    return _first_below(ds["time"].values, sizes, left)


def frozen_learning_times(ds: xr.Dataset, left: float = LEFT) -> np.ndarray | None:
    """Return what `learning_times` would be if the kernel stayed as it is at the start; None if unknown.

    Args:
        ds: A Dataset of schema 1.
        left: The share that is left, between 0 and 1.

    Returns:
        Shape (run, mode); NaN for a part that does not fall so far before the last moment of the grid.
    """
    if "frozen_modes" not in ds:
        return None
    return _first_below(ds["moment"].values, np.abs(ds["frozen_modes"].values), left)


def _first_below(time: np.ndarray, sizes: np.ndarray, left: float) -> np.ndarray:
    """Return when sizes (run, time, mode) first fall to `left` of the first one, shape (run, mode)."""
    runs, moments, modes = sizes.shape
    if moments < 2:
        return np.full((runs, modes), np.nan)
    with np.errstate(all="ignore"):
        logs = np.log(sizes / (left * sizes[:, :1]))  # above 0: not learned yet
        below = logs <= 0
        after = np.argmax(below, axis=1)  # 0 where there is none: the first moment is at log(1 / left)
        before = np.maximum(after - 1, 0)
        high, low = (np.take_along_axis(logs, k[:, None], axis=1)[:, 0] for k in (before, after))
        share = np.where(np.isfinite(low), high / (high - low), 1.0)  # an exact 0: the moment it is seen
        found = time[before] + share * (time[after] - time[before])
    return np.where((after > 0) & np.isfinite(high), found, np.nan)
