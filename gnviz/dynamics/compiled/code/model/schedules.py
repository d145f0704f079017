"""The schedules' rho, by code; what they mean is in `methods.schedules`."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.codes import (
    ADAPTIVE,
    BY_LOSS,
    BY_TIME,
    CONSTANT,
    EXPONENTIAL,
    GAUSS_NEWTON,
    GRADIENT_FLOW,
    POLYNOMIAL,
)
from gnviz.dynamics.compiled.machine.jit import exact


@exact
def requested(code, a, b, c, time, loss, smallest):
    """Return what the schedule asks for, before it is clipped to [0, 1].

    Args:
        code: Which schedule, as in `codes.SCHEDULES`.
        a: Its first setting, as `codes.coded` puts them.
        b: Its second one.
        c: Its third one.
        time: Flow time or step number.
        loss: The loss g.
        smallest: Least eigenvalue of S above its resolution.
    """
    if code == GRADIENT_FLOW:
        return 1.0
    if code == CONSTANT:
        return a
    if code == ADAPTIVE:
        return a * smallest / (1.0 + a * smallest)
    if code == GAUSS_NEWTON:
        return 0.0
    if code == EXPONENTIAL:  # start, floor, rate
        return b + (a - b) * math.exp(-c * time)
    if code == POLYNOMIAL:  # start, floor, power
        return b + (a - b) * (1.0 + time) ** -c
    if code == BY_TIME:  # switch, floor, order
        done = time / (time + a)
    elif code == BY_LOSS:
        done = a / (a + loss)
    else:
        return math.nan  # a code without a formula
    return b ** (done if c == 0.0 else 1.0 - done)


@exact
def worst(code, a, rho, smallest):
    """Return the blend whose rate is the least there can be while lambda_min is at least `smallest`.

    Args:
        code: Which schedule, as in `codes.SCHEDULES`.
        a: Its first setting, as `codes.coded` puts them.
        rho: The blend now.
        smallest: The bound on lambda_min: lambda_0 / 2.
    """
    return a * smallest / (1.0 + a * smallest) if code == ADAPTIVE else rho
