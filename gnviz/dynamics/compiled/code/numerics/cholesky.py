"""Cholesky's factorization of small matrices, in place."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.machine.jit import jit


@jit
def factorize(A):
    """Turn the lower half of A (n, n) into L of A = L L^T, with reciprocals on the diagonal.

    Returns whether A is positive definite.
    """
    for i in range(len(A)):
        for j in range(i + 1):
            total = A[i, j]
            for k in range(j):
                total -= A[i, k] * A[j, k]
            if j < i:
                A[i, j] = total * A[j, j]
            elif total > 0.0 and total < math.inf:
                A[i, i] = 1.0 / math.sqrt(total)
            else:
                return False
    return True


@jit
def solve(L, v):
    """Turn v (n,) into (L L^T)^{-1} v, for L (n, n) as `factorize` leaves it."""
    n = len(v)
    for i in range(n):
        total = v[i]
        for k in range(i):
            total -= L[i, k] * v[k]
        v[i] = total * L[i, i]
    for i in range(n - 1, -1, -1):
        v[i] *= L[i, i]
        for k in range(i):
            v[k] -= L[i, k] * v[i]
