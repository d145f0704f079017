"""Numbers fit to be drawn: masked, thinned, of one moment, and the ranges that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import last_known, recorded
from gnviz.views.base import Scale, Table
from gnviz.views.plot import Range

if TYPE_CHECKING:
    import xarray as xr

DECADES = 33
"""Most decades shown on a logarithmic axis; below is rounding in any precision."""

_TINY, _HUGE = 1e-300, 1e300

GONE = 1e30
"""Coordinates beyond this have left the figure for good, and single precision soon."""


def positive(values: np.ndarray) -> np.ndarray:
    """Return values fit for a logarithmic axis: NaN where not positive or not finite."""
    values = np.asarray(values, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where((values > _TINY) & (values < _HUGE), values, np.nan)


def finite(values: np.ndarray) -> np.ndarray:
    """Return values with NaN where they are infinite."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def rounding(ds: xr.Dataset, sizes: np.ndarray) -> float:
    """Return the size below which a residual is rounding: machine precision times what it is made of."""
    eps = float(np.finfo("float32" if ds.attrs.get("dtype") == "float32" else "float64").eps)
    parts = [np.abs(finite(ds["y"].values)), *positive(sizes[:1])]
    return eps * max(float(np.nanmax(part, initial=0.0)) for part in parts) * np.sqrt(ds.sizes["mode"])


def known(values: np.ndarray) -> np.ndarray:
    """Return values with NaN where they are not finite, or past `GONE`."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values) < GONE, values, np.nan)


def single(values: np.ndarray) -> np.ndarray:
    """Return values in single precision, NaN where it would overflow."""
    return known(values).astype(np.float32)


def xyz(points: np.ndarray) -> Table:
    """Return points, shape (count, 3), as the columns x, y, z in single precision."""
    return {name: single(points[:, k]) for k, name in enumerate("xyz")}


def times(ds: xr.Dataset, scale: Scale) -> tuple[np.ndarray, slice]:
    """Return the moments that the time axis can show, and where they stand on the grid.

    A logarithmic axis has no place for 0.
    """
    time = np.asarray(ds["time"].values, dtype=float)
    keep = slice(int(np.searchsorted(time, 0.0, side="right")) if scale == "log" else 0, None)
    return time[keep], keep


def at(ds: xr.Dataset, name: str, moment: int) -> np.ndarray:
    """Return variable `name` of all runs at one moment, shape (run, ...); NaN before the first.

    A run that has ended stays where it was last recorded.

    Args:
        ds: The results.
        name: The variable, of dimensions run, time and more.
        moment: Position of the moment, from the end if negative.

    Raises:
        ValueError: That moment is not recorded.
    """
    values = ds[name].values
    if not -values.shape[1] <= moment < values.shape[1]:
        if values.shape[1]:
            raise ValueError(f"moment {moment} is not recorded; there are {values.shape[1]}")
        return np.full((values.shape[0], *values.shape[2:]), np.nan)
    return values[np.arange(len(values)), np.maximum(last_known(recorded(values), moment), 0)]


def standing(paths: np.ndarray, moment: int = -1) -> list[np.ndarray]:
    """Return each run's last known point up to a moment, shape (1, k), or (0, k) if there is none.

    Args:
        paths: Shape (run, time, k).
        moment: A position on the time axis; -1 is the latest.
    """
    last = last_known(np.all(np.isfinite(paths), axis=-1), moment)
    return [path[k : k + 1] if k >= 0 else path[:0] for path, k in zip(paths, last, strict=True)]


def thinned(count: int, most: int) -> np.ndarray:
    """Return at most about `most` positions that stay the same while `count` grows, and the last."""
    stride = 1
    while count > most * stride:
        stride *= 2
    return np.unique(np.append(np.arange(0, count, stride), max(count - 1, 0)))[:count]


def picked(count: int, most: int) -> np.ndarray:
    """Return at most `most` of the positions 0 .. count - 1, evenly, with both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def with_mode(modes: np.ndarray, ds: xr.Dataset, mode: int | None) -> np.ndarray:
    """Return mode positions (from 0) in order, with that of `mode` (from 1) among them.

    Args:
        modes: Mode positions, from 0.
        ds: The results, whose modes they are.
        mode: Number of the mode, from 1; None: no other.

    Raises:
        ValueError: There is no such mode.
    """
    if mode is None:
        return modes
    if not 1 <= mode <= ds.sizes["mode"]:
        raise ValueError(f"mode {mode} does not exist; the modes are 1 to {ds.sizes['mode']}")
    return np.union1d(modes, [mode - 1])


def log_limits(columns: list[np.ndarray], top: float = np.inf) -> Range:
    """Return whole decades around all values up to `top`, with some room; (0.1, 10) for none."""
    values = np.concatenate([np.empty(0), *columns])
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return 0.1, 10.0
    high = np.ceil(np.log10(min(values.max(), top)) + 0.2)
    low = np.floor(np.log10(values.min()) - 0.2)
    return 10.0 ** max(low, high - DECADES, -300.0), 10.0**high


def linear_limits(columns: list[np.ndarray], room: float = 0.25) -> Range:
    """Return the range of all values with a share of `room` on either side; (-1, 1) for none."""
    values = np.concatenate([np.empty(0), *columns])
    values = values[np.isfinite(values)]
    if not len(values):
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = room * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def time_limits(time: np.ndarray, known: Range | None, log: bool) -> Range:
    """Return the range of the time axis.

    Args:
        time: The moments recorded, shape (time,).
        known: The first and the last moment as known in advance, so that the axis does not move while the run
            goes on; the first may be 0. None: as recorded.
        log: Whether the axis is logarithmic.
    """
    first, last = map(float, known or (time[[0, -1]] if len(time) else (0, 1)))
    if not log:
        first = min([first, *time[:1].tolist()])
        return first, last if last > first else first + 1.0
    recorded = float(time[0]) if len(time) else last * 1e-6
    first = first if first > 0 else min(recorded, last / 10)
    return first / 1.3, max(last, first * 10) * 1.3
