"""Second derivatives of a perceptron with one hidden layer; the mathematics is in `problem.models.mlp`."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.model.activations import activate_twice
from gnviz.dynamics.compiled.code.model.network import affine
from gnviz.dynamics.compiled.code.numerics.arrays import fill
from gnviz.dynamics.compiled.machine.jit import jit


@jit
def bends(code, theta, x, v, blocks):
    """Set blocks to those of sum_k v_k Hess f_k, one for each neuron.

    Args:
        code: Which activation, as in `codes.ACTIVATIONS`.
        theta: Weights, shape (d + 2, m).
        x: Inputs, shape (n, d).
        v: A number for each sample, shape (n,).
        blocks: Set, row and column as in theta, shape (d + 2, d + 2, m).
    """
    rows, m = theta.shape
    d, root, z, slope, bent = rows - 2, 1.0 / math.sqrt(m), np.empty(m), np.empty(m), np.empty(m)
    for a in range(rows):
        for b in range(rows):
            fill(0.0, blocks[a, b])
    for i in range(len(x)):
        affine(theta, 0, d, 1.0, x[i], z)
        activate_twice(code, z, slope, bent)
        for j in range(m):
            bent[j] *= root * theta[rows - 1, j] * v[i]
            slope[j] *= root * v[i]
        for a in range(rows - 1):
            of_a = x[i, a] if a < d else 1.0
            for b in range(a + 1):
                both = of_a * (x[i, b] if b < d else 1.0)
                for j in range(m):
                    blocks[a, b, j] += both * bent[j]
            for j in range(m):
                blocks[rows - 1, a, j] += of_a * slope[j]
    for a in range(rows):
        for b in range(a):
            for j in range(m):
                blocks[b, a, j] = blocks[a, b, j]
