"""Certificates with lights: what theory says of a run, and whether the conditions that it rests on hold.

A light is green as long as its condition holds at every recorded moment, and grey from the first one at which
it fails, also if it would hold again later: an integral over time does not forget. When a run has ended, it
stays as it was.

| light | condition | it speaks of |
|---|---|---|
| running certificate | g(t) <= g(0) exp(-2 kappa int r_min) | the flow, p >= n; true whatever happens |
| resolved spectrum | lambda_min(S_t) > n eps lambda_1(S_t) | where it fails, that certificate stops falling |
| a-priori bound | norm(S_t - S_0) <= lambda_0 / 2 | `apriori` is a bound only as long as it holds |
| exp(-2t) reference | norm(P e)^2 >= 2 (g - g*) | the flow, p < n; pure Gauss-Newton is as fast as that |
| resolved Jacobian | sigma_min(J) > n eps sigma_1(J) | the predictors are a manifold, p < n |

All is read off a Dataset. Nothing is said of discrete steps, nor where a run has recorded no bound.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.ends import past
from gnviz.analysis.excess import pl_ratio, settled

if TYPE_CHECKING:
    import xarray as xr

RUNNING, SPECTRUM, APRIORI = "running certificate", "resolved spectrum", "a-priori bound"
REFERENCE, JACOBIAN = "e⁻²ᵗ reference", "resolved Jacobian"

USUAL_TOL = 1e-3
"""The default of `clock.tol`, for files that do not say."""

LEAST_SLACK = {"float64": 1e-6, "float32": 1e-2}
"""Loss over bound minus 1 that is rounding: the bound is a sum over some hundred steps in this precision."""

PL_SLACK = 0.01
"""Shortfall of the Polyak-Lojasiewicz ratio from 1 that is allowed: it is 1 in the lazy limit."""


@dataclass(frozen=True)
class Condition:
    """One condition along one run.

    Attributes:
        name: What rests on it.
        words: The condition in words.
        symbols: The condition in symbols.
        value, limit: Both sides of it at every recorded moment, shape (time,).
        holds: Whether it holds there, bool, shape (time,). What is not known (NaN) does not hold; after the
            end of the run nothing is asked, and it holds.
    """

    name: str
    words: str
    symbols: str
    value: np.ndarray
    limit: np.ndarray
    holds: np.ndarray

    @property
    def since(self) -> int | None:
        """The first moment at which the condition fails, an index; None if it never does."""
        failed = np.flatnonzero(~self.holds)
        return int(failed[0]) if len(failed) else None

    @property
    def green(self) -> np.ndarray:
        """Where the light is green, bool, shape (time,): at all moments before the first that fails."""
        return np.logical_and.accumulate(self.holds)


def lights(ds: xr.Dataset, *names: str) -> dict[str, list[Condition]]:
    """Return the lights of every run by its label; no light where nothing is claimed.

    Args:
        ds: A Dataset of schema 1, also of a run under way.
        names: Of the lights that are wanted; none: all.
    """
    labels = [str(label) for label in ds["run"].values]
    if ds.attrs.get("clock") != "flow" or not ds.sizes["time"]:
        return {label: [] for label in labels}
    few = ds.sizes["mode"] < ds.sizes["sample"]
    made = [make(ds) for name, make in (FEW if few else ENOUGH).items() if not names or name in names]
    over = past(ds)
    return {
        label: [replace(x, holds=x.holds | over[i]) for row in made if (x := row[i]) is not None]
        for i, label in enumerate(labels)
    }


def light(ds: xr.Dataset, run: str, name: str) -> Condition | None:
    """Return the light of one run by its name; None if there is none.

    Args:
        ds: The results.
        run: The run's label, as `ds.run` has it.
        name: The light's name, such as `APRIORI`.
    """
    return next(iter(lights(ds, name)[run]), None)


def resolution(ds: xr.Dataset) -> np.ndarray:
    """Return the eigenvalue up to which each run's spectrum is rounding, shape (run, time).

    It is proportional to the largest eigenvalue; the Dataset says what it is for the first run at the start.
    """
    largest = ds["eigenvalues"].values[:, :, 0]
    return ds.attrs["resolution"] * largest / largest[:1, :1]


def slack(ds: xr.Dataset) -> float:
    """Return by which share a loss may exceed a bound that it meets exactly in theory.

    `clock.tol` is the accuracy of the residual, in which the loss is quadratic.
    """
    tol = json.loads(ds.attrs.get("experiment", "{}")).get("clock", {}).get("tol", USUAL_TOL)
    return max(2 * tol, LEAST_SLACK[ds.attrs.get("dtype", "float64")])


Row = list[Condition | None]
"""A light for each run."""


def _running(ds: xr.Dataset) -> Row:
    words = "the loss stays under what the smallest rate so far allows"
    symbols = "g(t) ≤ g(0)·exp(−2κ∫r_min ds)"
    loss, bound = ds["loss"].values, ds["bound"].values
    return _row(RUNNING, words, symbols, loss, bound * (1 + slack(ds)), loss <= bound * (1 + slack(ds)))


def _spectrum(ds: xr.Dataset) -> Row:
    words = "the smallest eigenvalue is more than rounding; else the running certificate falls no further"
    smallest, floor = ds["eigenvalues"].values[:, :, -1], resolution(ds)
    return _row(SPECTRUM, words, "λ_min(K_t) > n·ε·λ₁(K_t)", smallest, floor, smallest > floor)


def _apriori(ds: xr.Dataset) -> Row:
    if "apriori" not in ds or "kernel_change" not in ds:  # files of older versions
        return [None] * ds.sizes["run"]
    words = "the kernel has moved by no more than half its first smallest eigenvalue"
    change = ds["kernel_change"].values
    half = np.broadcast_to(ds["eigenvalues"].values[:, :1, -1] / 2, change.shape)
    holds = change <= half
    if "apriori_until" in ds:  # the engine looks at every step, also between two recorded moments
        holds = holds & ~(ds["time"].values > ds["apriori_until"].values[:, None])  # NaN: it does not say
    row = _row(APRIORI, words, "‖Kₜ − K₀‖₂ ≤ λ₀/2", change, half, holds)
    return [one if np.isfinite(ds["apriori"].values[i, 0]) else None for i, one in enumerate(row)]


def _reference(ds: xr.Dataset) -> Row:
    words = (
        "the excess loss is at most half the squared slope along the manifold (geodesic Polyak-Łojasiewicz); "
        "pure Gauss-Newton's then falls at least like exp(−2t)"
    )
    ratio = pl_ratio(ds)
    limit = np.full_like(ratio, 1 - PL_SLACK)
    row = _row(
        REFERENCE, words, "‖Pe‖² / 2(g − g*) ≥ 1", ratio, limit, np.logical_or(ratio >= limit, settled(ds))
    )
    return [one if np.isfinite(ratio[i]).any() else None for i, one in enumerate(row)]


def _jacobian(ds: xr.Dataset) -> Row:
    words = "the smallest singular value is more than rounding: the predictors form a manifold"
    smallest, floor = np.sqrt(ds["eigenvalues"].values[:, :, -1]), np.sqrt(resolution(ds))
    return _row(JACOBIAN, words, "σ_min(J) > n·ε·σ₁(J)", smallest, floor, smallest > floor)


def _row(name: str, words: str, symbols: str, value: np.ndarray, limit: np.ndarray, holds: np.ndarray) -> Row:
    """Return a light for each run from arrays (run, time)."""
    sides = (value, limit, np.asarray(holds))
    return [Condition(name, words, symbols, *(side[i] for side in sides)) for i in range(len(value))]


ENOUGH = {RUNNING: _running, SPECTRUM: _spectrum, APRIORI: _apriori}
"""Makers of the lights of runs with p >= n, by name."""

FEW = {REFERENCE: _reference, JACOBIAN: _jacobian}
"""Those of runs with p < n."""
