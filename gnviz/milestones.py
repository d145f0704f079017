"""Milestones: when a recorded loss first fell to a level."""

from __future__ import annotations

import math

import numpy as np

LEVELS = (1e-2, 1e-6, 1e-10)
"""Losses whose times are reported: coarse, good, and as good as it gets."""


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
