"""Sums over rows, in loops that vectorize."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.machine.jit import jit

EPS = float(np.finfo(float).eps)
TINY = float(np.finfo(float).tiny)


@jit
def dot(a, b):
    """Return a^T b for rows of equal length."""
    total = 0.0
    for j in range(len(a)):
        total += a[j] * b[j]
    return total


@jit
def axpy(c, a, out):
    """Add c a to a row.

    Args:
        c: A number.
        a: A row, shape (k,).
        out: c a is added to it, shape (k,).
    """
    for j in range(len(a)):
        out[j] += c * a[j]


@jit
def copy(a, out):
    """Copy a row."""
    for j in range(len(a)):
        out[j] = a[j]


@jit
def fill(value, out):
    """Set all entries of a row."""
    for j in range(len(out)):
        out[j] = value


@jit
def norm(a):
    """Return ||a|| of a row."""
    return math.sqrt(dot(a, a))


@jit
def distance(a, b):
    """Return ||a - b|| of rows."""
    total = 0.0
    for j in range(len(a)):
        total += (a[j] - b[j]) ** 2
    return math.sqrt(total)


@jit
def largest(a):
    """Return max |a_j|, NaN if there is one."""
    most = 0.0
    for j in range(len(a)):
        if not abs(a[j]) <= most:  # also for NaN, which then stays
            most = abs(a[j])
            if most != most:
                return most
    return most


@jit
def length(a, b):
    """Return ||a - b||: its squares neither overflow nor vanish; as `linearized.norms.length`."""
    most = TINY
    for j in range(len(a)):
        if not abs(a[j] - b[j]) <= most:
            most = abs(a[j] - b[j])
            if not most < math.inf:
                return most
    total = 0.0
    for j in range(len(a)):
        total += ((a[j] - b[j]) / most) ** 2
    return math.sqrt(total) * most


@jit
def larger(a, b):
    """Return max(a, b), NaN if either is."""
    return a if (a > b or a != a) else b


@jit
def smaller(a, b):
    """Return min(a, b), NaN if either is."""
    return a if (a < b or a != a) else b


@jit
def clip(value, low, high):
    """Return value within [low, high]; NaN stays.

    Args:
        value: A number.
        low: The least that is returned.
        high: The most.
    """
    if value < low:
        return low
    return high if value > high else value


@jit
def size(a):
    """Return ||a||, as `length` does."""
    most = largest(a)
    if not TINY < most < math.inf:
        return most
    total = 0.0
    for j in range(len(a)):
        total += (a[j] / most) ** 2
    return math.sqrt(total) * most
