"""Runs that differ in nothing but their seed, as one: the median of a quantity, and its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from gnviz.analysis.ends import last_known, recorded
from gnviz.views.base import Table
from gnviz.views.plot import Key, Mark
from gnviz.views.runs import run_labels
from gnviz.views.style import Look, looks_of
from gnviz.views.values import positive

if TYPE_CHECKING:
    import xarray as xr

Seeds = Literal["usual", "each", "median"]
"""How seeds are drawn: each by itself, or their median and range; as usual: those of more than `FEW`."""

FEW = 3
"""Seeds up to which a curve for each is no tangle."""

RANGE = " · range"
"""Ending of the label of a range; the median's label is the group's."""

OPACITY = 0.2
"""Of a range."""


def groups(ds: xr.Dataset) -> dict[str, list[int]]:
    """Return the positions of the runs that differ in their seed alone, by what their labels share."""
    found: dict[str, list[int]] = {}
    for k, (label, seed) in enumerate(zip(run_labels(ds), ds["seed"].values, strict=True)):
        found.setdefault(label.removesuffix(f", seed {int(seed)}"), []).append(k)
    return found


def together(ds: xr.Dataset, how: Seeds) -> bool:
    """Return whether the median and the range are drawn; where there is one seed they never are."""
    most = max(map(len, groups(ds).values()), default=0) if "seed" in ds.coords else 0
    return most > (1 if how == "median" else FEW) and how != "each"


def median_and_range(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the median over runs, the least and the largest value at every moment, each shape (time,).

    A run that has ended counts with its last value: those that go on would else be all that is seen. Of an
    even number of runs the median is the geometric mean of the two in the middle. NaN before any run has a
    value, and once all have ended.

    Args:
        values: Positive, NaN where nothing is known, shape (run, time).
    """
    moments = np.arange(values.shape[1])
    held = [last_known(recorded(values), int(moment)) for moment in moments]
    places = np.array(held, dtype=int).reshape(len(moments), len(values)).T
    known = np.where(places >= 0, np.take_along_axis(values, np.maximum(places, 0), axis=1), np.nan)
    logs = np.full((3, len(moments)), np.nan)
    some = np.isfinite(known).any(axis=0) & recorded(values).any(axis=0)
    with np.errstate(invalid="ignore"):
        kept = np.log(positive(known[:, some]))
    logs[:, some] = np.nanmedian(kept, axis=0), np.nanmin(kept, axis=0), np.nanmax(kept, axis=0)
    median, low, high = np.exp(logs)
    return median, low, high


def tables_of(ds: xr.Dataset, name: str, time: np.ndarray, keep: slice) -> dict[str, Table]:
    """Return each group's range, then its median, of a positive quantity.

    Args:
        ds: A Dataset of schema 1.
        name: The quantity, of dimensions run and time.
        time: The moments that are drawn.
        keep: Where they stand on the time grid.
    """
    out: dict[str, Table] = {}
    for label, runs in groups(ds).items():
        median, low, high = (column[keep] for column in median_and_range(ds[name].values[runs]))
        out[label + RANGE] = {"time": time, "low": low, "high": high}
        out[label] = {"time": time, name: median}
    return out


def looks(ds: xr.Dataset) -> dict[str, Look]:
    """Return the look of each group."""
    named = groups(ds)
    methods = [str(ds["method"].values[runs[0]]) for runs in named.values()]
    return dict(zip(named, looks_of(methods), strict=True))


def key(ds: xr.Dataset) -> Key:
    """Return what a legend says of the ranges."""
    count = max(map(len, groups(ds).values()))
    return Key(f"all {count} seeds, with their median", Mark("", "band", alpha=OPACITY))
