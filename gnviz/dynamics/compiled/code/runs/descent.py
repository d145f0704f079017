"""Searches for a small squared loss, one by one. The mathematics is in `measure.searches`, step by step."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.numerics.arrays import EPS, TINY, axpy, clip, copy, dot, norm
from gnviz.dynamics.compiled.code.numerics.cholesky import factorize, solve
from gnviz.dynamics.compiled.code.runs.layout import ALPHA, HERE, OFFSET, V0, F, Y, rows_at
from gnviz.dynamics.compiled.code.runs.model import jacobian, outputs, tangent
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.measure.searches import (
    EASIER,
    GOOD,
    HARDER,
    LEAST_DAMPING,
    MOST_CURVED,
    MOST_DAMPING,
    POOR,
    PROBE,
    REST,
)

FIRST, LOSS, DAMPING, MOVES, NUMBERS = range(5)
"""Of a search: the loss that it began with, that reached, mu, and whether it has not come to rest."""


@jit
def advance(run, alpha, offset, w, residual, scale, numbers, iterations):
    """Advance searches by some iterations each; return how many have not come to rest.

    Args:
        run: A run of the same model on the same samples, of which ALPHA, OFFSET and scratch change.
        alpha: Of each search's class, shape (R,).
        offset: f(w_0) where it is subtracted, else 0, shape (R, n).
        w: Weights, changed in place, shape (R, p).
        residual: u - y, changed, shape (R, n).
        scale: D, changed, shape (R, p).
        numbers: What FIRST to MOVES name, changed, shape (R, NUMBERS).
        iterations: Of each, at most.
    """
    moving = 0
    for i in range(len(w)):
        mine = numbers[i]
        run.num[ALPHA] = alpha[i]
        copy(offset[i], run.mode[OFFSET])
        for _ in range(iterations):
            if mine[MOVES] == 1.0:
                step(run, w[i], residual[i], scale[i], mine)
        moving += 1 if mine[MOVES] == 1.0 else 0
    return moving


@jit
def step(run, w, residual, scale, numbers):
    """Take one step, where it lowers the loss.

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, changed in place, shape (p,).
        residual: u - y, changed, shape (n,).
        scale: D, changed, shape (p,).
        numbers: LOSS, DAMPING and MOVES are changed, shape (NUMBERS,).
    """
    n, p, mu, loss = len(residual), len(w), numbers[DAMPING], numbers[LOSS]
    columns, normal, there = np.empty((p, n)), np.empty((p, p)), np.empty(n)
    scaled_slopes(run, w, scale, columns)
    for a in range(p):
        for b in range(a + 1):
            normal[a, b] = dot(columns[a], columns[b])
        normal[a, a] += mu
    if not factorize(normal):
        numbers[DAMPING] = clip(mu * HARDER, LEAST_DAMPING, MOST_DAMPING)
        return
    v, slope, moved = np.empty(p), np.zeros(n), np.empty(p)
    newton(normal, columns, residual, v)
    for a in range(p):
        axpy(v[a], columns[a], slope)
    predicted = 0.5 * dot(slope, slope) + mu * dot(v, v)
    add_acceleration(run, w, scale, normal, columns, residual, slope, v)
    for a in range(p):
        moved[a] = w[a] + v[a] / scale[a]
    new = residual_at(run, moved, there)
    gain = (loss - new) / predicted
    if new < loss:
        copy(moved, w)
        copy(there, residual)
        numbers[LOSS] = new
    if not new < loss or gain < POOR:
        mu *= HARDER
    elif gain > GOOD:
        mu /= EASIER
    numbers[DAMPING] = clip(mu, LEAST_DAMPING, MOST_DAMPING)
    little = predicted <= REST * loss and loss - new <= REST * loss
    if little or numbers[LOSS] <= EPS * EPS * numbers[FIRST]:
        numbers[MOVES] = 0.0


@jit
def newton(normal, columns, r, v):
    """Set v to -(L L^T)^{-1} J^T r.

    Args:
        normal: L, as `factorize` leaves it, shape (p, p).
        columns: J^T, shape (p, n).
        r: A residual, or a second derivative of one, shape (n,).
        v: Set, shape (p,).
    """
    for a in range(len(v)):
        v[a] = -dot(columns[a], r)
    solve(normal, v)


@jit
def add_acceleration(run, w, scale, normal, columns, residual, slope, v):
    """Add to a step v half of its geodesic acceleration, where that is short beside it.

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, shape (p,).
        scale: D, shape (p,).
        normal: L, as `factorize` leaves it, shape (p, p).
        columns: J^T in units of D, shape (p, n).
        residual: u - y, shape (n,).
        slope: J v, shape (n,).
        v: The step in units of D, shape (p,); added to.
    """
    n, p = len(residual), len(v)
    probed, curved, a = np.empty(p), np.empty(n), np.empty(p)
    for j in range(p):
        probed[j] = w[j] + PROBE * v[j] / scale[j]
    residual_at(run, probed, curved)
    for i in range(n):
        curved[i] = 2.0 / PROBE * ((curved[i] - residual[i]) / PROBE - slope[i])
    newton(normal, columns, curved, a)
    if 2.0 * norm(a) <= MOST_CURVED * norm(v):
        axpy(0.5, a, v)


@jit
def scaled_slopes(run, w, scale, columns):
    """Set J^T in units of D, and D to at least the lengths of its rows.

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, shape (p,).
        scale: D, changed in place, shape (p,).
        columns: Set to J^T / D, shape (p, n).
    """
    p, n = columns.shape
    J = np.empty((n, p))
    slopes(run, w, J)
    for a in range(p):
        for i in range(n):
            columns[a, i] = J[i, a]
        length = norm(columns[a])
        if not length <= scale[a]:
            scale[a] = length
        scale[a] = max(scale[a], TINY)
        for i in range(n):
            columns[a, i] /= scale[a]


@jit
def slopes(run, w, J):
    """Set J to du/dw.

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, shape (p,).
        J: Set, shape (n, p).
    """
    layers = run.layers[HERE]
    tangent(run, w, layers, run.mode[rows_at(HERE) + F])
    jacobian(run, layers, J)
    for i in range(len(J)):
        for a in range(len(w)):
            J[i, a] *= run.num[ALPHA]


@jit
def residual_at(run, w, r):
    """Set r to u - y; return the loss, infinite where it is not finite.

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, shape (p,).
        r: Set, shape (n,).
    """
    f, total = run.mode[V0], 0.0
    outputs(run, w, run.x, f)
    for i in range(len(r)):
        r[i] = run.num[ALPHA] * (f[i] - run.mode[OFFSET, i]) - run.mode[Y, i]
        total += r[i] * r[i]
    return 0.5 * total if total < math.inf else math.inf


@jit
def look(run, w, J):
    """Set J to du/dw, or leave one of no rows; return u - y, shape (n,).

    Args:
        run: The class, with scratch; see `layout.Run`.
        w: Weights, shape (p,).
        J: Set, shape (n, p), or (0, p).
    """
    r = np.empty(len(run.x))
    residual_at(run, w, r)
    if len(J) > 0:
        slopes(run, w, J)
    return r
