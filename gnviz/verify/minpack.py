"""Moré's Levenberg-Marquardt in MINPACK, by SciPy, to compare with."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import jacrev

TIGHT = 1e-15
"""Tolerance of MINPACK's three stopping tests: it goes on until rounding stops it."""


@dataclass(frozen=True)
class Minpack:
    """Where MINPACK ended.

    Attributes:
        weights: There, shape (p,); NaN where it met a residual that is not finite.
        sum_of_squares: Of the residuals there; then infinite.
        evaluations: Of the residuals.
        stopped: Whether one of its tests was met.
    """

    weights: np.ndarray
    sum_of_squares: float
    evaluations: int
    stopped: bool


def minpack(residuals: Callable[[Tensor], Tensor], start: Sequence[float], most: int) -> Minpack:
    """Minimize a sum of squares with MINPACK's own scaling and the exact Jacobian.

    Args:
        residuals: A torch function of p parameters, shape (p,) to (n,), n >= p.
        start: p numbers.
        most: Evaluations of the residuals.
    """
    from scipy.optimize import least_squares

    slopes, count = jacrev(residuals), 0

    def value(w: np.ndarray) -> np.ndarray:
        nonlocal count
        count += 1
        return residuals(torch.from_numpy(w)).numpy()

    def slope(w: np.ndarray) -> np.ndarray:
        return slopes(torch.from_numpy(w)).numpy()

    w0 = np.array(start, dtype=float)
    options: dict[str, Any] = {"method": "lm", "x_scale": "jac", "max_nfev": most, "jac": slope}
    options |= {"xtol": TIGHT, "ftol": TIGHT, "gtol": TIGHT}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # overflow on the way
            end = least_squares(value, w0, **options)
    except ValueError:  # it met a residual that is not finite
        return Minpack(np.full_like(w0, np.nan), np.inf, count, False)
    return Minpack(end.x, 2 * float(end.cost), end.nfev, end.status > 0)
