"""phi functions, and polynomials through past moments, as `flow.phi` and `flow.interpolation` have them."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.machine.jit import exact
from gnviz.dynamics.flow.phi import TERMS
from gnviz.dynamics.flow.scheme import PAST

PHIS = PAST + 4
"""phi_0, ..., phi_{PAST + 3}."""

FACTORIALS = np.array([float(math.factorial(k)) for k in range(25)])


@exact
def phi_1(z):
    """Return (e^z - 1) / z for z <= 0."""
    if z > -1e-300:
        return 1.0
    return math.expm1(z) / z


@exact
def phis(tau, rate, out):
    """Set out to phi_k(-tau rate_i).

    Args:
        tau: Flow time from a segment's start, at least 0.
        rate: Rates r_i of the modes, at least 0, shape (n,).
        out: Set to phi_0, ..., phi_{PAST + 3} as rows, shape (PHIS, n).
    """
    last = PHIS - 1
    for i in range(len(rate)):
        z = -tau * rate[i]
        if z > -1.0:
            total = 0.0
            for j in range(TERMS - 1, -1, -1):
                total = total * z + 1.0 / FACTORIALS[j + last]
            out[last, i] = total
            for k in range(last - 1, -1, -1):  # stable for |z| < 1
                out[k, i] = 1.0 / FACTORIALS[k] + z * out[k + 1, i]
        else:
            out[0, i], out[1, i] = math.exp(z), math.expm1(z) / z
            for k in range(1, last):
                out[k + 1, i] = (out[k, i] - 1.0 / FACTORIALS[k]) / z


@exact
def derivatives(s, known, D):
    """Set D to what takes values at the first `known` nodes to the derivatives at 0.

    By Gauss-Jordan elimination; nodes are distinct and of order 1, so without pivots.

    Args:
        s: Times of past moments from the present, latest first, shape (PAST,).
        known: How many of them there are.
        D: Its first `known` rows and columns are set, row m - 1 to what gives c_m; shape (PAST, PAST).
    """
    work = np.empty((PAST, 2 * PAST))
    for i in range(known):
        for j in range(known):
            work[i, j] = s[i] ** (j + 1) / FACTORIALS[j + 1]
            work[i, known + j] = 1.0 if i == j else 0.0
    for p in range(known):
        for i in range(known):
            if i != p:
                share = work[i, p] / work[p, p]
                for j in range(2 * known):
                    work[i, j] -= share * work[p, j]
    for i in range(known):
        for j in range(known):
            D[i, j] = work[i, known + j] / work[i, i]


@exact
def new_node(s, known, at, c, out):
    """Set out to the derivatives at 0 of what is 1 at `at` and 0 at 0 and the known nodes.

    Args:
        s: Times of past moments from the present, latest first, shape (PAST,).
        known: How many of them there are.
        at: The new node, a time > 0 in the same unit.
        c: Scratch where coefficients are multiplied out, shape (PAST + 2,).
        out: Set to c_1, ..., c_{PAST + 1}, shape (PAST + 1,).
    """
    for m in range(PAST + 2):
        c[m] = 0.0
    c[1] = 1.0 / at
    for k in range(known):
        for m in range(PAST + 1, 0, -1):
            c[m] = (c[m - 1] - s[k] * c[m]) / (at - s[k])
        c[0] = -s[k] * c[0] / (at - s[k])
    for m in range(PAST + 1):
        out[m] = c[m + 1] * FACTORIALS[m + 1]
