"""Quantities read off a result: none of them needs more than its Dataset.

Each function takes a Dataset of schema 1 and returns a NumPy array whose dimensions it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import end_time, loss_now

if TYPE_CHECKING:
    import xarray as xr

LAZY = 0.1
"""Feature learning up to which training is lazy: the linearized network tells nine tenths of what happens."""

RICH = 0.5
"""Feature learning from which it is rich: half of kernel or predictor, or more, is due to the change."""


def feature_learning(ds: xr.Dataset) -> np.ndarray:
    """Return how far training is from lazy, shape (run, time): the larger of two relative distances.

    They are `lazy_gap`, of the predictor from the linearized network's, and `kernel_drift`, of the kernel
    from K_0: lazy training has neither, and either alone may be small by accident.
    """
    return np.fmax(ds["lazy_gap"].values, ds["kernel_drift"].values)


def regime(learned: float) -> str:
    """Return the word for an amount of feature learning: lazy, between or rich."""
    return "lazy" if learned <= LAZY else "rich" if learned >= RICH else "between"


def effective_rank(ds: xr.Dataset) -> np.ndarray:
    """Return exp(entropy) of the kernel's eigenvalues, normalised to sum 1, shape (run, time).

    Between 1 (one direction) and the number of modes (all alike). Roy and Vetterli, "The effective rank",
    EUSIPCO 2007, of the eigenvalues rather than of the singular values.
    """
    eigenvalues = ds["eigenvalues"].values
    total = eigenvalues.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = eigenvalues / total
        terms = np.where(share > 0, share * np.log(share), 0.0)
    return np.where(np.isfinite(total[..., 0]) & (total[..., 0] > 0), np.exp(-terms.sum(-1)), np.nan)


def kernel_limit_distance(ds: xr.Dataset) -> np.ndarray:
    """Return ||curve - kernel_limit|| / ||kernel_limit - curve(0)|| along the grid, shape (run, time).

    It tends to 0 in the lazy regime; what is left at the end of training is the implicit bias of feature
    learning. NaN for data without a grid, or where the limit is unknown.
    """
    curve, limit = ds["curve"].values, ds["kernel_limit"].values[:, None]
    if not curve.shape[-1]:
        return np.full(curve.shape[:2], np.nan)
    size = np.linalg.norm(limit - curve[:, :1], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.linalg.norm(curve - limit, axis=-1) / size


def straightness(ds: xr.Dataset) -> np.ndarray:
    """Return ||w_t - w_0|| over the length of the weights' path, shape (run, time): 1 for a straight line.

    NaN before the weights have moved.
    """
    drift, length = ds["weight_drift"].values, ds["path_length"].values
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(length > 0, drift / length, np.nan)


def mean_rate(ds: xr.Dataset) -> np.ndarray:
    """Return log(g(0) / g(end)) / (2 t_end), the mean rate at which the residual's size fell, shape (run,).

    In units of 1 / flow time, or per step. NaN for a run that diverged, or whose loss is 0 at an end.
    """
    loss, end = loss_now(ds), end_time(ds)
    time = np.where(np.isnan(end), ds["time"].values[-1], end)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = 0.5 * np.log(ds["loss"].values[:, 0] / loss) / time
    return np.where(np.isfinite(rate), rate, np.nan)


def slowest_rate(ds: xr.Dataset) -> np.ndarray:
    """Return the smallest rate r_i at the start, of the modes that are no rounding, shape (run,).

    In units of 1 / flow time. NaN where no mode moves.
    """
    first = {name: ds[name].values[:, 0] for name in ("eigenvalues", "rate")}
    there = (first["eigenvalues"] >= ds.attrs.get("resolution", 0.0)) & (first["rate"] > 0)
    least = np.where(there, first["rate"], np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), least, np.nan)


def split(basis: np.ndarray, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return P e and e - P e, with P = basis basis^T the projector onto the tangent plane.

    Args:
        basis: Orthonormal, as recorded in `tangent`, shape (..., n, p).
        residual: e, shape (..., n).
    """
    along = np.einsum("...ik,...jk,...j->...i", basis, basis, residual)
    return along, residual - along


def apart(a: xr.Dataset, b: xr.Dataset) -> dict[str, float]:
    """Return for each run how far two results are apart: the largest distance of their predictions u_t.

    max over t of ||u_a(t) - u_b(t)||, over the moments at which both have numbers: what a change of
    coordinates does to a path in function space. A result that ended early is compared as far as it goes.

    Args:
        a: A result.
        b: Another one, with the same runs, samples and time grid.

    Returns:
        The distance by the run's label; NaN where the two have no moment in common.

    Raises:
        ValueError: Runs, samples or time grids differ.
    """
    runs = [[str(label) for label in ds["run"].values] for ds in (a, b)]
    if runs[0] != runs[1]:
        raise ValueError(f"the results have different runs: {'; '.join(runs[0])} and {'; '.join(runs[1])}")
    if a.sizes["sample"] != b.sizes["sample"]:
        raise ValueError(
            f"the results have {a.sizes['sample']} and {b.sizes['sample']} samples: nothing to compare"
        )
    common = min(a.sizes["time"], b.sizes["time"])
    times = [ds["time"].values[:common] for ds in (a, b)]
    if not np.array_equal(times[0], times[1]):
        first = int(np.argmax(times[0] != times[1]))
        raise ValueError(
            f"the results have different time grids: moment {first} is {times[0][first]:g} in one and "
            f"{times[1][first]:g} in the other; set clock.horizon, snapshots and spacing alike in both"
        )
    gap = a["prediction"].values[:, :common] - b["prediction"].values[:, :common]
    distance = np.linalg.norm(gap, axis=-1)
    return {
        label: float(np.nanmax(d)) if np.isfinite(d).any() else np.nan
        for label, d in zip(runs[0], distance, strict=True)
    }
