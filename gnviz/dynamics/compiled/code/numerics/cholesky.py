"""Cholesky's factorization of small matrices, in place."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.numerics.arrays import dot
from gnviz.dynamics.compiled.machine.jit import jit


@jit
def factor(A):
    """Turn the lower half of A into L with A = L L^T; NaN where A is not positive definite.

    Args:
        A: A symmetric matrix, of which the lower half is read and changed, shape (p, p).
    """
    for i in range(len(A)):
        for j in range(i):
            A[i, j] = (A[i, j] - dot(A[i, :j], A[j, :j])) / A[j, j]
        left = A[i, i] - dot(A[i, :i], A[i, :i])
        A[i, i] = math.sqrt(left) if left > 0.0 else math.nan


@jit
def solve(L, b):
    """Turn b into (L L^T)^{-1} b.

    Args:
        L: Shape (p, p); its lower half is read.
        b: Changed in place, shape (p,).
    """
    p = len(b)
    for i in range(p):
        b[i] = (b[i] - dot(L[i, :i], b[:i])) / L[i, i]
    for i in range(p - 1, -1, -1):
        b[i] /= L[i, i]
        for j in range(i):
            b[j] -= L[i, j] * b[i]
