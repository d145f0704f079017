"""Eigenvalues of symmetric matrices, as `linearized.modes.spectrum` and `linearized.norms` have them."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.numerics.arrays import TINY, largest
from gnviz.dynamics.compiled.machine.jit import exact

MOST = 1022
"""2^MOST and 2^-MOST are normal numbers."""


@exact
def spectrum(S, V, values):
    """Set eigenvalues and eigenvectors of S.

    Zeros and the identity where S is not finite. Entries are brought to at most 1 by a power of 2 first,
    which rounds nothing: LAPACK loses tiny ones. Returns whether S is finite.

    Args:
        S: A symmetric matrix, shape (n, n).
        V: Set to its eigenvectors as rows, in the order of `values`, shape (n, n).
        values: Set to its eigenvalues, descending and at least 0, shape (n,).
    """
    n, most = len(S), 0.0
    for i in range(n):
        row = largest(S[i])
        most = row if not row <= most else most
    if not most < math.inf:
        for i in range(n):
            values[i] = 0.0
            for j in range(n):
                V[i, j] = 1.0 if i == j else 0.0
        return False
    scale = math.ldexp(1.0, max(min(math.frexp(most)[1], MOST), -MOST))
    unit = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            unit[i, j] = S[i, j] / scale
    found, vectors = np.linalg.eigh(unit)
    for i in range(n):
        values[i] = max(found[n - 1 - i], 0.0) * scale
        for j in range(n):
            V[i, j] = vectors[j, n - 1 - i]
    return True


@exact
def spectral_norm(A):
    """Return ||A||_2 of a symmetric matrix, NaN where it is not finite."""
    n, most = len(A), 0.0
    for i in range(n):
        row = largest(A[i])
        most = row if not row <= most else most
    if not most < math.inf:
        return math.nan
    scale = most if most > TINY else 1.0
    unit = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            unit[i, j] = A[i, j] / scale
    found = np.linalg.eigvalsh(unit)
    return max(abs(found[0]), abs(found[n - 1])) * scale
