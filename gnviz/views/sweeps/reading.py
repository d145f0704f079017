"""What figures of a sweep ask of it: its knobs, one measure, and an axis for a knob."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.knobs import unknown
from gnviz.views.plot import Axis, Range

if TYPE_CHECKING:
    import xarray as xr

DECADE = 10.0
"""Ratio of a knob's largest to its least value from which its axis is logarithmic, if all are positive."""


def numeric(ds: xr.Dataset) -> list[str]:
    """Return the knobs that have several values, all numbers: those that can be an axis."""
    knobs = [str(dim) for dim in ds["final_loss"].dims if dim != "run"]
    return [knob for knob in knobs if ds[knob].dtype.kind in "if" and ds.sizes[knob] > 1]


def axis_of(ds: xr.Dataset, wanted: str | None, taken: tuple[str, ...] = ()) -> str:
    """Return the knob that is to be an axis: the one that is named, or the first that is free.

    Args:
        ds: A sweep.
        wanted: A knob's name; None: choose.
        taken: Knobs that are an axis already.

    Raises:
        ValueError: There is no such knob, or none is left.
    """
    free = [knob for knob in numeric(ds) if knob not in taken]
    if wanted is not None and wanted not in free:
        raise ValueError(unknown("knob with several numbers", wanted, free))
    if not free:
        raise ValueError(f"the sweep has no further knob with several numbers beside {list(taken)}")
    return wanted or free[0]


def measured(ds: xr.Dataset, measure: str) -> xr.DataArray:
    """Return a measure of all runs.

    Raises:
        ValueError: The sweep has none of this name.
    """
    known = [str(name) for name, found in ds.data_vars.items() if "scale" in found.attrs]
    if measure not in known:
        raise ValueError(unknown("measure", measure, known))
    return ds[measure]


def run_of(ds: xr.Dataset, wanted: str | None) -> str:
    """Return the run that is named, or the first.

    Raises:
        ValueError: There is no such run.
    """
    runs = [str(run) for run in ds["run"].values]
    if wanted is not None and wanted not in runs:
        raise ValueError(unknown("run", wanted, runs))
    return wanted or runs[0]


def axis(values: np.ndarray, label: str) -> Axis:
    """Return an axis for a knob's values, shape (k,)."""
    return Axis(label, log=bool(values.min() > 0 and values.max() >= DECADE * values.min()))


def edges(values: np.ndarray, log: bool) -> np.ndarray:
    """Return where cells around ascending values, shape (k,), meet: shape (k + 1,)."""
    at = np.log(values) if log else values.astype(float)
    middle = (at[1:] + at[:-1]) / 2
    ends = np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])
    return np.exp(ends) if log else ends


def span(values: np.ndarray) -> Range:
    """Return the least and the largest of some values that are known; 0 and 1 if none is."""
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def shades_span(values: np.ndarray, log: bool) -> Range:
    """Return the numbers that get the first and the last colour.

    They are never less than a decade apart where colours are spread by factors: what hardly varies has one
    colour.
    """
    low, high = span(values[values > 0] if log else values)
    if not log:
        return (low, high) if high > low else (low - 0.5, high + 0.5)
    if low <= 0:
        return 1.0, DECADE
    missing = max(DECADE * low / high, 1.0) ** 0.5
    return low / missing, high * missing


def number(value: float) -> str:
    """Return a number as it is said."""
    return f"{value:.4g}"
