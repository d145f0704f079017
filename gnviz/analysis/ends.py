"""Where runs ended, and the last that is known of each.

Every variable over time is NaN from where a run has ended on, which may lie between two recorded moments.
Files of older versions do not say where: there, no run has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

VERBS = {
    "converged": "converged",
    "diverged": "diverged",
    "singular": "broke down",
    "undefined": "stopped",
    "step-limit": "gave up",
}
"""What a run did that ended before the last moment, by its status."""


def end_time(ds: xr.Dataset) -> np.ndarray:
    """Return where each run ended, shape (run,); NaN while it goes on, or where that is not known."""
    return _of_runs(ds, "end_time")


def end_loss(ds: xr.Dataset) -> np.ndarray:
    """Return each run's loss where it ended, shape (run,); NaN while it goes on, and if it diverged."""
    return _of_runs(ds, "end_loss")


def _of_runs(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].values if name in ds else np.full(ds.sizes["run"], np.nan)


def past(ds: xr.Dataset) -> np.ndarray:
    """Return which moments come after a run's end, bool, shape (run, time)."""
    return ds["time"].values > end_time(ds)[:, None]


def loss_now(ds: xr.Dataset) -> np.ndarray:
    """Return the loss of each run at its end or, while it goes on, at the last moment, shape (run,).

    NaN for a run that has diverged.
    """
    if not ds.sizes["time"]:
        return end_loss(ds)
    there = end_loss(ds)
    return np.where(np.isnan(there), ds["loss"].values[:, -1], there)


def as_of(ds: xr.Dataset, moment: int) -> xr.Dataset:
    """Return what was known of a result at one of its moments: runs that ended later go on.

    Args:
        ds: A result.
        moment: A position on its time axis.
    """
    then = ds.isel(time=slice(0, moment + 1))
    later = ~(end_time(ds) <= float(ds["time"].values[moment]))
    unknown = {name: ("run", np.where(later, np.nan, ds[name].values)) for name in _ENDS if name in ds}
    words = {"status": "running", "status_text": ""}
    return then.assign(
        {name: ("run", np.where(later, word, ds[name].values)) for name, word in words.items()} | unknown
    )


_ENDS = ("end_time", "end_loss")


def last_known(there: np.ndarray, moment: int = -1) -> np.ndarray:
    """Return for each run the last moment up to `moment` at which there is something, shape (run,).

    Args:
        there: Whether there is, bool, shape (run, time).
        moment: A position on the time axis; -1 is the latest.

    Returns:
        Positions from 0; -1 for a run of which nothing is known by then.
    """
    count = there.shape[1]
    if not count:
        return np.full(len(there), -1)
    until = there[:, : moment % count + 1]
    back = until[:, ::-1].argmax(axis=1)
    return np.where(until.any(axis=1), until.shape[1] - 1 - back, -1)


def recorded(values: np.ndarray) -> np.ndarray:
    """Return where anything of an array (run, time, ...) is a number, bool, shape (run, time)."""
    return np.asarray(~np.isnan(values).all(axis=tuple(range(2, values.ndim))))


def weights(ds: xr.Dataset) -> np.ndarray:
    """Return the parameters that each run ended with, shape (run, parameter).

    Of an own module, `problem.trained(weights(ds)[i])` is a copy with those of run i.

    Args:
        ds: A result whose runs have ended.

    Raises:
        ValueError: They were not kept: there were too many, or `observe.weights` said so.
    """
    for name in ("end_weights", "weights"):
        if name in ds:
            found = ds[name]
            return (found if name == "end_weights" else last(found)).values
    raise ValueError("the weights were not kept: set observe.weights to ends, or to all for every moment")


def last(variable: xr.DataArray) -> xr.DataArray:
    """Return the last recorded value of each run, such as its weights where it came to rest.

    Args:
        variable: Of a result, over `run`, `time` and perhaps more.

    Returns:
        The variable without the dimension `time`, which becomes a coordinate of the runs: when that was. A
        run that ended between two recorded moments is seen at the one before its end.

    Raises:
        ValueError: Nothing is recorded yet.
    """
    if not variable.sizes["time"]:
        raise ValueError("nothing is recorded yet: there is no last value")
    index = last_known(recorded(variable.transpose("run", "time", ...).values))
    runs = np.arange(len(index))
    return variable.isel(run=("run", runs), time=("run", np.maximum(index, 0)))
