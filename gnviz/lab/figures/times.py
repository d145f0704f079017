"""How far the time axes reach: to where the slowest settings would end, so that curves move, not axes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from gnviz.lab.run.plans import read_once
from gnviz.results import Header
from gnviz.views.base import Scale
from gnviz.views.plot import Range

SLOWED = 0.1
"""A method whose slowest mode learns at less than this share of the fastest one's rate is slower, the worse
conditioned the kernel."""


def time_range(header: Header, ds: xr.Dataset, others: Iterable[xr.Dataset], scale: Scale) -> Range:
    """Return the first moment after the start and the last one that a run's time axes show.

    A horizon that no one has set goes with the conditioning. Where that can be dragged, a logarithmic axis
    reaches as far as it would at the dial's far end: else the axis would stretch with the slow method, which
    would seem to stay where it is.

    Args:
        header: Of the run, which may go on.
        ds: Of the same run, one moment at least.
        others: Results that are drawn beside.
        scale: Of the axes.
    """
    times = header.time, *(other["time"].values for other in others)
    first, last = zip(*map(_ends, times), strict=True)
    return min(first), max(*last, _far_end(header, ds) if scale == "log" else 0.0)


def _ends(time: np.ndarray) -> Range:
    """Return the first moment after the start and the last one."""
    return float(time[min(1, len(time) - 1)]), float(time[-1])


def _far_end(header: Header, ds: xr.Dataset) -> float:
    """Return when a run would end at the far end of the conditioning dial, 0 without one.

    That is to the nearest power of ten: an axis must not move with the last digits.
    """
    clock, rates = read_once(header.experiment).clock, ds["rate"].values[:, 0]
    slowed = bool((rates[:, -1] < SLOWED * rates[:, 0]).any())
    if slowed and clock.kind == "flow" and clock.horizon is None and "data.condition" in header.reach:
        longer = header.reach["data.condition"][1] / header.condition
        return 10.0 ** round(np.log10(header.time[-1] * longer))
    return 0.0
