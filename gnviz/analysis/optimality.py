"""What other starts say of the in-class optimum, in numbers and in plain words.

`optimum` is where the runs are heading: the excess loss falls as e^{-2t} over that one, local or not.
Searches from other starts in the same class (`start_loss`) tell whether it is only local. They can miss: no
sentence here says more than what was searched and what was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.excess import optimum_uncertainty

if TYPE_CHECKING:
    import xarray as xr

SAME = 0.01
"""Relative difference up to which two losses are the same: searches end coarsely, a large alpha rounds so."""


@dataclass(frozen=True)
class Verdict:
    """What other starts found in one class of predictors: the same alpha and, where centred, the same seed.

    Attributes:
        name: The class, such as "α = 100".
        optimum: What its runs are heading for.
        least: The least loss known in the class, `optimum` included.
        tried: Starts whose outputs are finite.
        lower: Of them, those that found less than `optimum`, by more than `SAME` and rounding; also where
            the search for `optimum` has not converged.
        same: Those that ended closer to it than that.
        unfinished: Those that ended above, and had more than `SAME` of their loss left to gain.
        rest: Whether no more than `SAME` of the loss is left to gain at `optimum` itself.
    """

    name: str
    optimum: float
    least: float
    tried: int
    lower: int
    same: int
    unfinished: int
    rest: bool = True

    @property
    def where(self) -> str:
        """What is known of `optimum` where others found less."""
        if self.rest:
            return f"the runs head for {self.optimum:.3g}, a local minimum"
        return f"the search from the runs ended at {self.optimum:.3g}, short of rest"

    def __str__(self) -> str:
        if not self.tried:
            return f"{self.name}: at no other start are the outputs finite"
        if self.lower:
            return (
                f"{self.name}: {self.where}: {self.lower} of {_starts(self.tried)} found less, "
                f"down to {self.least:.3g}"
            )
        words = f"{self.name}: none of {_starts(self.tried)} found less than {self.optimum:.3g}, "
        words += f"{self.same or 'and none'} found the same to {SAME:.0%}"
        return words + (f", {self.unfinished} were given up on the way" if self.unfinished else "")


def best_known(ds: xr.Dataset) -> np.ndarray:
    """Return the least loss known in each run's class, by its own search or another start's, shape (run,).

    It bounds the class's least loss from above. NaN where no optimum is known.
    """
    if "start_loss" not in ds:
        return ds["optimum"].values
    found = np.column_stack([ds["optimum"].values, ds["start_loss"].values])
    return np.where(np.isfinite(found[:, 0]), np.fmin.reduce(found, axis=1), np.nan)


def verdicts(ds: xr.Dataset) -> list[Verdict]:
    """Return what other starts say of each class whose optimum is known, those where they found less first.

    It is empty if none were tried.
    """
    if "start_loss" not in ds:
        return []
    rows = (_verdict(ds, i) for i in range(ds.sizes["run"]) if np.isfinite(ds["optimum"].values[i]))
    own = dict.fromkeys(rows)  # the methods of a class share its optimum and its starts
    return sorted(own, key=lambda v: not v.lower)  # what the runs missed comes first


def _verdict(ds: xr.Dataset, run: int) -> Verdict:
    optimum, error = float(ds["optimum"].values[run]), float(ds["optimum_error"].values[run])
    loss, left = ds["start_loss"].values[run], ds["start_error"].values[run]
    finite = np.isfinite(loss)
    loss, left = loss[finite], left[finite]
    margin = SAME * optimum + float(optimum_uncertainty(ds)[run]) - error
    above = loss > optimum + margin
    kinds = loss < optimum - margin, np.abs(loss - optimum) <= margin, above & (left > SAME * loss)
    counts = (int(kind.sum()) for kind in kinds)
    least = float(best_known(ds)[run])
    return Verdict(_name(ds, run), optimum, least, len(loss), *counts, rest=error <= margin)


def _name(ds: xr.Dataset, run: int) -> str:
    """Return what tells the run's class from others with another optimum."""
    alpha = ds["alpha"].values
    siblings = ds["optimum"].values[alpha == alpha[run]]
    seed = f", seed {ds['seed'].values[run]}" if len(np.unique(siblings[np.isfinite(siblings)])) > 1 else ""
    return f"α = {alpha[run]:g}{seed}"


def missed(ds: xr.Dataset) -> bool:
    """Return whether in any class other starts found less than the runs head for."""
    return any(v.lower for v in verdicts(ds))


def remarks(ds: xr.Dataset) -> list[str]:
    """Return a plain sentence for each class whose optimum is known, and what was searched for it."""
    if "start_loss" not in ds:
        return ["whether the optimum is only local was not tried: no searches from other starts are recorded"]
    found = verdicts(ds)
    return [*map(str, found), f"searched in each class: {searched(ds)}; {CAVEAT}"] if found else []


CAVEAT = "no search proves that there is no smaller loss"


def searched(ds: xr.Dataset) -> str:
    """Return how many other starts there were, and how they were chosen."""
    count = _starts(ds.sizes["start"])
    if "start_distance" not in ds:
        return f"{count}, it is not recorded how far away"
    distance, fresh = ds["start_distance"].values, ds["start_fresh"].values.astype(bool)
    kinds = [(distance[~fresh], "near the runs' own start, {} times its size away")]
    kinds += [(distance[fresh], "drawn afresh, {} times as large as it")]
    return f"{count}, " + " and ".join(f"{len(d)} {words.format(_range(d))}" for d, words in kinds if len(d))


def _range(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{low:g} to {high:g}" if low < high else f"{low:g}"


def _starts(count: int) -> str:
    return f"{count} other start{'s' if count != 1 else ''}"


def in_short(ds: xr.Dataset) -> str:
    """Return one sentence on all classes; empty if no other starts were tried."""
    tried = [v for v in verdicts(ds) if v.tried]
    if not tried:
        return ""
    local = [v for v in tried if v.lower]
    if not local:
        most = _starts(max(v.tried for v in tried))
        return f"None of {most} found less than the runs' optimum; that does not prove it the least."
    v = min(local, key=lambda v: v.least / v.optimum)
    words = f"{v.lower} of {_starts(v.tried)} found less, {v.least:.3g} instead of {v.optimum:.3g}."
    if len(local) == 1:
        return f"At {v.name} the runs miss the best fit known: {words}"
    return f"In {len(local)} of {len(tried)} cases the runs miss the best fit known: at {v.name}, {words}"
