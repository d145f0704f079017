"""Losses g(u) of one sample, with gradient and curvature; what they mean is in `gnviz.losses`.

A quadratic loss is 1/2 omega (u - y)^2, with a weight omega for each sample.
"""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.codes import LOG_COSH, LOGISTIC, PSEUDO_HUBER, QUADRATIC
from gnviz.dynamics.compiled.code.model.activations import logistic, softplus
from gnviz.dynamics.compiled.machine.jit import exact


@exact
def term(code, delta, omega, u, y):
    """Return a sample's part of g.

    Args:
        code: Which loss, as in `codes.LOSSES`.
        delta: The pseudo-Huber loss's length; others ignore it.
        omega: The sample's weight in a quadratic loss; others ignore it.
        u: Its prediction.
        y: Its target.
    """
    r = u - y
    if code == QUADRATIC:
        return 0.5 * omega * (r * r)
    if code == LOG_COSH:
        r = abs(r)
        if r < 1.0:
            return 0.5 * math.log1p(math.sinh(r) ** 2)
        return r + math.log1p(math.exp(-2.0 * r)) - math.log(2.0)
    if code == PSEUDO_HUBER:
        return r * (r / (1.0 + math.hypot(1.0, r / delta)))
    if code == LOGISTIC:
        return softplus(-y * u)
    return math.nan  # a code without a formula


@exact
def gradient(code, delta, omega, u, y):
    """Return a sample's dg/du.

    Args:
        code: Which loss, as in `codes.LOSSES`.
        delta: The pseudo-Huber loss's length; others ignore it.
        omega: The sample's weight in a quadratic loss; others ignore it.
        u: Its prediction.
        y: Its target.
    """
    r = u - y
    if code == QUADRATIC:
        return omega * r
    if code == LOG_COSH:
        return math.tanh(r)
    if code == PSEUDO_HUBER:
        return r / math.hypot(1.0, r / delta)
    if code == LOGISTIC:
        return -y * logistic(-y * u)
    return math.nan  # a code without a formula


@exact
def curvature(code, delta, omega, u, y):
    """Return a sample's d^2g/du^2.

    Args:
        code: Which loss, as in `codes.LOSSES`.
        delta: The pseudo-Huber loss's length; others ignore it.
        omega: The sample's weight in a quadratic loss; others ignore it.
        u: Its prediction.
        y: Its target.
    """
    r = u - y
    if code == QUADRATIC:
        return omega
    if code == LOG_COSH:
        q = math.exp(-2.0 * abs(r))
        return 4.0 * q / (1.0 + q) ** 2
    if code == PSEUDO_HUBER:
        return (1.0 / math.hypot(1.0, r / delta)) ** 3
    if code == LOGISTIC:
        return logistic(u) * logistic(-u)
    return math.nan  # a code without a formula
