"""The excess loss over the in-class optimum, beside the law e^{-2t} that pure Gauss-Newton follows.

With fewer parameters than samples and alpha large enough, the predictor flows down its manifold as
du/dt = -P e, whose excess loss falls as e^{-2t} whatever the kernel's condition (derived).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import past

if TYPE_CHECKING:
    import xarray as xr

MOMENTS = 5
"""Columns of the table, evenly spaced up to the last recorded moment."""


def excess_loss(ds: xr.Dataset) -> np.ndarray:
    """Return loss - optimum, shape (run, time); NaN where the optimum is unknown."""
    with np.errstate(invalid="ignore"):
        return ds["loss"].values - ds["optimum"].values[:, None]


def law_ratio(ds: xr.Dataset) -> np.ndarray:
    """Return the excess loss over excess(0) e^{-2t}, shape (run, time): 1 where the law holds.

    It is normalised at t = 0 and has no fitted constant.
    """
    excess = excess_loss(ds)
    with np.errstate(over="ignore", invalid="ignore"):
        return excess / excess[:, :1] * np.exp(2 * ds["time"].values)


UNCERTAIN = 10.0
"""Excess losses of up to this many times the optimum's uncertainty are not told from it: 10% in a ratio."""


def settled(ds: xr.Dataset) -> np.ndarray:
    """Return where the loss cannot be told from the optimum any more, bool, shape (run, time).

    That is within `UNCERTAIN` times what the optimum is known to.
    """
    with np.errstate(invalid="ignore"):
        return excess_loss(ds) <= UNCERTAIN * optimum_uncertainty(ds)[:, None]


def optimum_uncertainty(ds: xr.Dataset) -> np.ndarray:
    """Return what the optimum is known to, shape (run,).

    It is local: how far the minimum that the runs head for is from stationary, nothing about smaller ones
    elsewhere. That is its recorded error, and the rounding of a loss that is a sum of n squares of numbers of
    the targets' size.
    """
    eps = np.finfo(ds.attrs.get("dtype", "float64")).eps
    return ds["optimum_error"].values + eps * float((ds["y"].values ** 2).sum())


def pl_ratio(ds: xr.Dataset) -> np.ndarray:
    """Return the geodesic Polyak-Lojasiewicz ratio ||P e||^2 / (2 (g - g*)), shape (run, time).

    P is the projector onto range J, so ||P e||^2 is the sum of the squared residual modes. Under pure
    Gauss-Newton d(g - g*)/dt = -||P e||^2: where the ratio is at least 1, the excess falls like e^{-2t} or
    faster (derived). NaN where the optimum is unknown, or the loss has settled at it.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        slope = (ds["residual_modes"].values ** 2).sum(-1)
        return np.where(settled(ds), np.nan, slope / (2 * excess_loss(ds)))


def table(ds: xr.Dataset) -> list[list[str]]:
    """Return rows of text: a run each, its optimum, and excess loss (ratio to the law) at some moments.

    The optimum is the local minimum that the run heads for, and so is its error.

    Args:
        ds: A Dataset with a variable `optimum`; empty rows if it is not known for any run.
    """
    if ds.attrs.get("clock") != "flow" or "optimum" not in ds or not np.isfinite(ds["optimum"].values).any():
        return []
    time, excess, ratio, over = ds["time"].values, excess_loss(ds), law_ratio(ds), past(ds)
    wanted = np.linspace(0, time[-1], MOMENTS + 1)[1:]
    moments = [int(np.abs(time - t).argmin()) for t in wanted]
    header = ["excess loss (ratio to e^-2t)", "optimum", *(f"t = {time[k]:.3g}" for k in moments)]
    rows = [header]
    for i, label in enumerate(ds["run"].values):
        optimum = f"{ds['optimum'].values[i]:.3e} ± {ds['optimum_error'].values[i]:.0e} (local)"
        cells = ("ended" if over[i, k] else _cell(excess[i, k], ratio[i, k]) for k in moments)
        rows.append([str(label), optimum, *cells])
    return rows


def _cell(excess: float, ratio: float) -> str:
    if not np.isfinite(excess):
        return "-"
    return f"{excess:.3e} ({ratio:.4f})" if ratio < 100 else f"{excess:.3e} ({ratio:.1e})"
