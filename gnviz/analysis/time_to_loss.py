"""Milestones: when a recorded loss first fell to a level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import end_loss, end_time

if TYPE_CHECKING:
    import xarray as xr

LEVELS = (1e-2, 1e-6, 1e-10)
"""Losses whose times are reported: coarse, good, and as good as it gets."""


def time_to_loss(ds: xr.Dataset, level: float) -> np.ndarray:
    """Return the time at which each run's loss first falls to `level`, shape (run,); NaN if it never does.

    A run's end counts, also where it lies between two recorded moments; see `crossing` for the rest.

    Args:
        ds: A Dataset of schema 1.
        level: The loss to reach, positive.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton", "gradient-flow"])
        >>> ds = gnviz.run(experiment.replace({"network.width": 32, "clock.horizon": 5}))
        >>> gnviz.time_to_loss(ds, 1e-3).round(1)
        array([3.5, 2.5])
    """
    return np.array([crossing(time, loss, level) for time, loss in with_ends(ds)])


def with_ends(ds: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return times and losses of each run, its end among them; NaN after it.

    Where a run ended between two moments, its end stands in the place of the later one.
    """
    time, rows = ds["time"].values, zip(ds["loss"].values, end_time(ds), end_loss(ds), strict=True)
    return [_with_end(np.array(time, float), np.array(loss, float), *ends) for loss, *ends in rows]


def _with_end(time: np.ndarray, loss: np.ndarray, end: float, there: float) -> tuple[np.ndarray, np.ndarray]:
    place = int(np.searchsorted(time, end))
    if math.isfinite(there) and place < len(time) and time[place] != end:
        time[place], loss[place] = end, there
    return time, loss


def crossing(time: np.ndarray, loss: np.ndarray, level: float) -> float:
    """Return the time at which the loss first falls to `level`, NaN if it never does.

    Between two recorded moments the loss is taken to be a power law: log loss is linear in
    log time (in time itself before the first positive moment).

    Args:
        time: Recorded moments, increasing, shape (T,).
        loss: The loss there, shape (T,); NaN where nothing was recorded.
        level: The loss to reach, positive.
    """
    recorded = ~np.isnan(loss)
    time, loss = np.asarray(time, float)[recorded], np.asarray(loss, float)[recorded]
    below = np.flatnonzero(loss <= level)
    if not len(below):
        return math.nan
    k = int(below[0])
    if k == 0 or loss[k] == 0 or not math.isfinite(loss[k - 1]):
        return float(time[k])  # nothing to interpolate with: the moment at which it was seen
    share = math.log(loss[k - 1] / level) / math.log(loss[k - 1] / loss[k])
    before, after = float(time[k - 1]), float(time[k])
    if before <= 0:
        return before + share * (after - before)
    return before * (after / before) ** share
