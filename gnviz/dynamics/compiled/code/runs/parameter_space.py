"""Fewer parameters than samples: modes from the Jacobian, as `linearized.modes.JacobianModes` has them."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.numerics.arrays import EPS, dot, largest, length
from gnviz.dynamics.compiled.code.runs.layout import (
    LAMBDA,
    RIGHT,
    ROOT,
    SEEN,
    SINGULAR,
    UNDAMPED,
    UNITS,
    E,
    V,
    few,
    rows_at,
)
from gnviz.dynamics.compiled.code.runs.model import jacobian
from gnviz.dynamics.compiled.machine.jit import exact, jit


@jit
def units_of(run, k):
    """Return the units (p,) of the weights at the k-th point."""
    return run.tall[k, UNITS, 0]


@jit
def diagonalize(run, k):
    """Set eigenvectors, eigenvalues, singular values, W and units of the k-th point.

    The units of undamped runs give columns of norm 1, but for what is recorded.
    """
    n, p, B = run.mode.shape[1], rows_at(k), np.empty((run.mode.shape[1], run.tall.shape[2]))
    scaled_jacobian(run, k, run.num[UNDAMPED] == 1.0 and k < SEEN, B, units_of(run, k))
    decompose(B, run.square[k, V], run.mode[p + SINGULAR], run.tall[k, RIGHT])
    for q in range(n):
        run.mode[p + LAMBDA, q] = run.mode[p + SINGULAR, q] ** 2


@jit
def scaled_jacobian(run, k, equal, B, units):
    """Set B to G^{1/2} J of the k-th point with its columns divided by units, and those.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        equal: Whether its columns get norm 1, rather than none being scaled.
        B: Set, shape (n, p).
        units: Set, shape (p,).
    """
    n, m, p = run.mode.shape[1], len(units), rows_at(k)
    jacobian(run, run.layers[k], B)
    for i in range(n):
        for j in range(m):
            B[i, j] *= run.mode[p + ROOT, i]
    zero, column = np.zeros(n), np.empty(n)
    for j in range(m):
        units[j] = 1.0
        if equal:
            for i in range(n):
                column[i] = B[i, j]
            norm = length(column, zero)
            units[j] = norm if 0.0 < norm < math.inf else 1.0
        for i in range(n):
            B[i, j] /= units[j]


@jit
def changeable(run):
    """Return ||P z|| at the point SEEN: `termination.changeable`, for p < n."""
    n, m, p, total = run.mode.shape[1], run.tall.shape[2], rows_at(SEEN), 0.0
    B, units, right, singular, vectors = (
        np.empty((n, m)), np.empty(m), np.empty((m, m)), np.empty(n), np.empty((n, n)),
    )  # fmt: skip
    scaled_jacobian(run, SEEN, True, B, units)
    decompose(B, vectors, singular, right)
    for q in range(m):
        if singular[q] > n * EPS * singular[0]:
            along = 0.0
            for i in range(n):
                along += vectors[q, i] * (run.mode[p + E, i] / run.mode[p + ROOT, i])
            total += along * along
    return math.sqrt(total)


@exact
def decompose(B, vectors, singular, right):
    """Decompose B = V diag(s) W, for p < n.

    Zeros for the singular values where B is not finite.

    Args:
        B: G^{1/2} J, its columns in the weights' units, shape (n, p).
        vectors: Set to V's columns as rows, shape (n, n); 0 beyond p.
        singular: Set to s, descending, shape (n,); 0 beyond p.
        right: Set to W, rows in the same order, shape (p, p).
    """
    n, m, finite = B.shape[0], B.shape[1], True
    for i in range(n):
        if not largest(B[i]) < math.inf:
            finite = False
    for q in range(n):
        singular[q] = 0.0
        for i in range(n):
            vectors[q, i] = 1.0 if i == q < m else 0.0
    if not finite:
        for q in range(m):
            for j in range(m):
                right[q, j] = 1.0 if j == q else 0.0
        return
    left, found, rows = np.linalg.svd(B, full_matrices=False)
    for q in range(m):
        singular[q] = found[q]
        for j in range(m):
            right[q, j] = rows[q, j]
        for i in range(n):
            vectors[q, i] = left[i, q]


@jit
def back(run, k, c, out):
    """Add B^T V c = W^T diag(s) c, in the weights' own units.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        c: Coefficients of the modes, shape (n,); the first p count.
        out: Added to, shape (p,).
    """
    right, singular, units = run.tall[k, RIGHT], run.mode[rows_at(k) + SINGULAR], units_of(run, k)
    for j in range(len(out)):
        total = 0.0
        for q in range(len(out)):
            total += right[q, j] * (singular[q] * c[q])
        out[j] += total / units[j]


@jit
def forth(run, k, dw, out):
    """Set out to V^T B dw = diag(s) W dw.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        dw: Displacement of the weights, shape (p,).
        out: Set, shape (n,); 0 beyond p.
    """
    right, singular, units = run.tall[k, RIGHT], run.mode[rows_at(k) + SINGULAR], units_of(run, k)
    for q in range(len(out)):
        out[q] = 0.0
    for q in range(len(dw)):
        total = 0.0
        for j in range(len(dw)):
            total += right[q, j] * (units[j] * dw[j])
        out[q] = singular[q] * total


@jit
def size_of(run, k, dw):
    """Return ||d dw||, the length of a displacement in the units of the k-th point.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        dw: Displacement of the weights, shape (p,).
    """
    if not few(run):
        return math.sqrt(dot(dw, dw))
    units, total = units_of(run, k), 0.0
    for j in range(len(dw)):
        total += (units[j] * dw[j]) ** 2
    return math.sqrt(total)


@jit
def way_between(run, k, a, b):
    """Return ||d (a - b)|| of two weights, in the units of the k-th point.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        a: Weights, shape (p,).
        b: Others, shape (p,).
    """
    total, known = 0.0, few(run)
    units = units_of(run, k) if known else a
    for j in range(len(a)):
        total += ((a[j] - b[j]) * (units[j] if known else 1.0)) ** 2
    return math.sqrt(total)
