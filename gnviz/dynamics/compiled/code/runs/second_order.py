"""The linear part of the dynamics: the modes themselves, or for p < n with second derivatives in it.

The mathematics is in `flow.second_order`; this follows it operation by operation.
"""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.model.network import as_rows
from gnviz.dynamics.compiled.code.model.second_derivatives import bends
from gnviz.dynamics.compiled.code.numerics.arrays import EPS, TINY, copy, dot, fill, largest
from gnviz.dynamics.compiled.code.runs.layout import (
    ALPHA,
    BASIS,
    COEF,
    DUAL,
    GAIN,
    LIN_GAIN,
    LIN_RATE,
    MODEL,
    RATE,
    RIGHT,
    ROOT,
    SECOND_ORDER,
    SINGULAR,
    E,
    V,
    few,
    rows_at,
    scalars_at,
)
from gnviz.dynamics.compiled.code.runs.model import on_surface, pull, tangent
from gnviz.dynamics.compiled.code.runs.parameter_space import size_of, units_of
from gnviz.dynamics.compiled.machine.jit import exact, jit
from gnviz.dynamics.flow.second_order import MOST

THIRD = EPS ** (1 / 3)


@jit
def linear_part(run, w, k):
    """Set LIN_GAIN, LIN_RATE and SECOND_ORDER of the k-th point.

    Args:
        run: The run, changed in place; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
    """
    p = rows_at(k)
    copy(run.mode[p + GAIN], run.mode[p + LIN_GAIN])
    copy(run.mode[p + RATE], run.mode[p + LIN_RATE])
    run.num[scalars_at(k) + SECOND_ORDER] = 0.0
    if few(run) and len(w) <= MOST:
        add_second_derivatives(run, w, k)


@jit
def add_second_derivatives(run, w, k):
    """Set the linear part that has second derivatives, unless a mode has sunk into rounding.

    Args:
        run: The run, changed in place; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
    """
    m, p, root = len(w), rows_at(k), np.empty(len(w))
    for q in range(m):
        if not run.mode[p + GAIN, q] > 0.0:
            return
        root[q] = math.sqrt(run.mode[p + GAIN, q])
    C, right, units = np.empty((m, m)), run.tall[k, RIGHT], units_of(run, k)
    second_derivatives(run, w, k, C)
    for r in range(m):
        for q in range(m):
            C[r, q] = root[r] * C[r, q] * root[q] / run.num[ALPHA]
        C[r, r] += run.mode[p + RATE, r]
        if not largest(C[r]) < math.inf:
            return
    mu, Q = eigen(C)
    basis, dual = run.tall[k, BASIS], run.tall[k, DUAL]
    for q in range(m):
        for j in range(m):
            there = back = 0.0
            for r in range(m):
                there += right[r, j] * (root[r] * Q[r, q])
                back += (Q[r, q] / root[r]) * right[r, j]
            basis[j, q] = there / units[j]
            dual[q, j] = back * units[j]
        run.mode[p + LIN_GAIN, q] = run.mode[p + LIN_RATE, q] = max(mu[q], TINY)
    run.num[scalars_at(k) + SECOND_ORDER] = 1.0


@jit
def second_derivatives(run, w, k, H):
    """Set H to W (sum_k e'_k Hess f_k) W^T in the units of the k-th point.

    Args:
        run: The run; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
        H: Set, for the modes' directions, shape (p, p).
    """
    m, right = len(w), run.tall[k, RIGHT]
    e, along = np.empty(run.mode.shape[1]), np.zeros((m, m))
    normal_residual(run, k, e)
    if run.layers.shape[2] == 1 and not on_surface(run):
        bends_of_neurons(run, w, k, e, along)
    else:
        differences(run, w, k, e, along)
    for r in range(m):
        for q in range(m):
            H[r, q] = dot(right[r], along[q])


@jit
def bends_of_neurons(run, w, k, e, along):
    """Set `along` to the second derivatives along each mode, of a network with one hidden layer.

    Args:
        run: The run; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
        e: e', shape (n,).
        along: Zeros; set for each direction, in the units of the weights, shape (p, p).
    """
    right, units, neurons = run.tall[k, RIGHT], units_of(run, k), run.layers.shape[4]
    theta = as_rows(w, neurons)
    rows = len(theta)
    blocks = np.empty((rows, rows, neurons))
    bends(int(run.num[MODEL]), theta, run.x, e, blocks)
    for a in range(rows):
        for b in range(rows):
            for j in range(neurons):
                there, here = a * neurons + j, b * neurons + j
                share = blocks[a, b, j] / (units[there] * units[here])
                for q in range(len(w)):
                    along[q, there] += share * right[q, here]


@jit
def differences(run, w, k, e, along):
    """Set `along` to the second derivatives along each mode, by central differences of J^T e'.

    Args:
        run: The run; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
        e: e', shape (n,).
        along: Set for each direction, in the units of the weights, shape (p, p).
    """
    m, right, units = len(w), run.tall[k, RIGHT], units_of(run, k)
    sides, layers = np.empty((2, m)), np.empty(run.layers.shape[1:])
    moved, scratch, f = np.empty(m), np.empty(len(e)), np.empty(len(e))
    step = THIRD * reach(run, w, k)
    for q in range(m):
        for side in range(2):
            sign = step if side == 0 else -step
            for j in range(m):
                moved[j] = w[j] + sign * right[q, j] / units[j]
            tangent(run, moved, layers, f)
            fill(0.0, sides[side])
            pull(run, layers, e, scratch, sides[side])
        for j in range(m):
            along[q, j] = (sides[0, j] - sides[1, j]) / (2.0 * step) / units[j]


@jit
def normal_residual(run, k, e):
    """Set e to e', the part of the gradient that is normal to the range of J.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        e: Set to G^{1/2} (I - V V^T) z, shape (n,).
    """
    p, vectors = rows_at(k), run.square[k, V]
    for i in range(len(e)):
        reached = 0.0
        for q in range(len(e)):
            reached += vectors[q, i] * run.mode[p + COEF, q]
        e[i] = run.mode[p + E, i] - run.mode[p + ROOT, i] * reached


@jit
def reach(run, w, k):
    """Return the length beside which steps are small: the weights', or what moves u by the residual.

    Args:
        run: The run; see `layout.Run`.
        w: The point's weights, shape (p,).
        k: Number of the point, below POINTS.
    """
    p, total = rows_at(k), 0.0
    for i in range(run.mode.shape[1]):
        total += (run.mode[p + E, i] / run.mode[p + ROOT, i]) ** 2
    return max(size_of(run, k, w), math.sqrt(total) / (run.num[ALPHA] * run.mode[p + SINGULAR, 0]))


@exact
def eigen(C):
    """Return eigenvalues, ascending, and eigenvectors as columns of a finite C's symmetric part."""
    half = np.empty(C.shape)
    for r in range(len(C)):
        for q in range(len(C)):
            half[r, q] = (C[r, q] + C[q, r]) / 2.0
    return np.linalg.eigh(half)


@jit
def slope_along(run, k, out):
    """Set out to X^T J^T e at a point whose linear part is bent.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        out: Set, shape (n,); 0 beyond p.
    """
    p, right, basis, units = rows_at(k), run.tall[k, RIGHT], run.tall[k, BASIS], units_of(run, k)
    fill(0.0, out)
    for j in range(len(units)):
        slope = 0.0
        for q in range(len(units)):
            slope += right[q, j] * (run.mode[p + SINGULAR, q] * run.mode[p + COEF, q])
        for q in range(len(units)):
            out[q] += basis[j, q] * (slope * units[j])


@jit
def second_order_back(run, k, c, out):
    """Add X c to out.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        c: Coefficients, shape (n,); the first p count.
        out: Added to, shape (p,).
    """
    basis = run.tall[k, BASIS]
    for j in range(len(out)):
        for q in range(len(out)):
            out[j] += basis[j, q] * c[q]


@jit
def second_order_forth(run, k, dw, out):
    """Set out to X^T H dw.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        dw: Displacement of the weights, shape (p,).
        out: Set, shape (n,); 0 beyond p.
    """
    dual = run.tall[k, DUAL]
    fill(0.0, out)
    for q in range(len(dw)):
        out[q] = dot(dual[q], dw)
