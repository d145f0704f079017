"""The conditioning dial: how close the circle's pairs must be for a wanted kappa(K_0)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable

from gnviz.knobs import KnobError

SMALLEST_SEPARATION = 1e-7
"""Below this angle, partners are closer than float64 can tell in the kernel (kappa past 1e15)."""

LARGEST = 1e12
"""Largest condition number that can be asked for (the bound of `data.condition`)."""

BEYOND = 1e18
"""Stands for an infinite kappa while searching: past everything float64 can resolve."""


def find_separation(
    kappa_at: Callable[[float], float],
    target: float,
    widest: float,
    fewer: Callable[[], int | None] = lambda: None,
) -> tuple[float, tuple[float, float]]:
    """Return the separation of the pairs at which kappa(K_0) is `target`, and the range that it could have.

    Args:
        kappa_at: kappa(K_0) as a function of the separation (radians); falls as pairs move apart.
        target: Wanted condition number.
        widest: Largest separation: half the distance of neighbouring base points.
        fewer: Called if K_0 is singular even at `widest`: a smaller n that can reach the target, or None.

    Raises:
        KnobError: The target cannot be reached; the message gives the reachable range, the remedy what is
            nearest.
    """
    from scipy.optimize import brentq

    def excess(log_separation: float) -> float:
        return math.log(min(kappa_at(math.exp(log_separation)), BEYOND) / target)

    low, high = math.log(SMALLEST_SEPARATION), math.log(widest)
    smallest, largest = kappa_at(widest), kappa_at(SMALLEST_SEPARATION)
    if math.isinf(smallest):
        samples = fewer()
        raise KnobError(
            f"data.condition = {target:g} cannot be reached: even with evenly spread samples K_0 is singular "
            "in float64; lower data.n or raise network.width",
            {"data.n": samples} if samples else {},
        )
    lowest, highest = inward(smallest, math.ceil), inward(min(largest, LARGEST), math.floor)
    if not smallest <= target <= largest:
        raise KnobError(
            f"data.condition = {target:g} cannot be reached with this network and data.n: reachable is "
            f"{lowest:g} to {highest:g}; choose within it, or lower data.n",
            {"data.condition": min(max(target, lowest), highest)},
        )
    found = math.exp(float(brentq(excess, low, high, xtol=1e-12)))  # type: ignore[arg-type]
    return found, (lowest, highest)


def inward(value: float, to: Callable[[float], int]) -> float:
    """Return a positive value to three digits: rounded up with math.ceil, down with math.floor."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{to(value / unit) * unit:.3g}")


def most_samples(kappa_of: Callable[[int], float], target: float, below: int) -> int | None:
    """Return the largest even number of samples for which kappa(K_0) can be `target`.

    Args:
        kappa_of: kappa(K_0) of so many samples, evenly spread; grows with their number.
        target: Wanted condition number.
        below: A number of samples that is too large.

    Returns:
        The number; None if there is none.
    """
    pairs = bisect_left(range(1, below // 2), True, key=lambda pairs: kappa_of(2 * pairs) > target)
    return 2 * pairs or None
