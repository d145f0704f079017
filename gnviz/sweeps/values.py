"""Values of a knob from a lowest to a highest one."""

from __future__ import annotations

import numpy as np
import param

DECADE = 10.0
"""Ratio of the ends of a range from which it is spaced by factors."""


def spaced(knob: param.Number, low: float, high: float, count: int) -> list[float]:
    """Return values of a knob, evenly spaced.

    By factors, if the knob is always positive and one end is 10 times the other or more; else by differences.
    Of whole numbers there may be fewer.

    Args:
        knob: Its declaration.
        low: The first value.
        high: The last one.
        count: How many, at least 1.
    """
    least = (knob.bounds or (None,))[0]
    positive = least is not None and least > 0 and low > 0 and high > 0
    by_factors = positive and max(low / high, high / low) >= DECADE
    values = np.geomspace(low, high, count) if by_factors else np.linspace(low, high, count)
    if isinstance(knob, param.Integer):
        return list(dict.fromkeys(round(v) for v in values))
    return [float(f"{v:.12g}") for v in values]  # 1e5 rather than 99999.99999999991
