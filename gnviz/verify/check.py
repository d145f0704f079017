"""One thing that is verified: what was expected, what was found, and in how many digits they agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

MOST = 16.0
"""Digits of a float64."""


@dataclass(frozen=True)
class Finding:
    """A number that was computed beside the number that it should be.

    Attributes:
        what: In words.
        expected: Closed form, published value or bound.
        found: What this machine computed.
        digits: Decimal digits in which they agree, 0 to 16; NaN for a bound, which holds or does not.
        ok: Whether that is enough.
    """

    what: str
    expected: str
    found: str
    digits: float
    ok: bool


Check = Callable[[], Iterator[Finding]]
"""Computes some numbers on this machine."""


def equal(what: str, expected: float, found: float, digits: float) -> Finding:
    """Compare two numbers.

    Args:
        what: In words.
        expected: The right value, not 0.
        found: The computed value.
        digits: Digits that are enough: -log10 of the relative error.
    """
    reached = agreement(abs(found - expected) / abs(expected))
    return Finding(what, f"{expected:.10g}", f"{found:.10g}", reached, reached >= digits)


def small(what: str, error: float, digits: float) -> Finding:
    """Judge an error whose scale is 1: -log10(error) digits are reached.

    Args:
        what: In words.
        error: The error found.
        digits: Digits that are enough.
    """
    reached = agreement(error)
    return Finding(what, f"error < {10**-digits:.0e}", f"error {error:.1e}", reached, reached >= digits)


def between(what: str, low: float, found: float, high: float) -> Finding:
    """Check that a number lies between two others.

    Args:
        what: In words.
        low: The least that is right.
        found: The computed value.
        high: The most that is right.
    """
    return Finding(what, f"{low:g} to {high:g}", f"{found:.6g}", math.nan, low <= found <= high)


def largest(ds: xr.Dataset, error: np.ndarray) -> float:
    """Return the largest error that was recorded, NaN if a run ended otherwise than it should.

    Args:
        ds: The runs: each must have converged, or reached the last moment.
        error: At their moments, any shape; NaN after the end of a run.
    """
    well = set(map(str, ds["status"].values)) <= {"converged", "finished"}
    return float(np.nanmax(error)) if well and not np.isnan(error).all() else math.nan


def agreement(error: float) -> float:
    """Return -log10(error), from 0 to 16; 0 for NaN."""
    if not error >= 0:
        return 0.0
    return MOST if error == 0 else min(max(-math.log10(error), 0.0), MOST)
