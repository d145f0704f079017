"""A perceptron's outputs, kernel, J v and J^T v in compiled loops; what they mean is in `problem.models.mlp`.

Weights are `theta`, shape (rows, m), for m neurons a layer: every hidden layer is its k weight rows, one for
each of its inputs, and a row of biases; the last row is the output layer. So every inner loop runs over
neurons. `act` and `sens`, each (depth, n, m), hold sigma(z_l) and D_l = df/dz_l.
"""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.model.activations import activate
from gnviz.dynamics.compiled.code.numerics.arrays import axpy, copy, dot, fill
from gnviz.dynamics.compiled.machine.jit import jit


def rows(inputs: int, width: int, depth: int) -> int:
    """Return the number of rows of theta.

    Args:
        inputs: Input dimension d.
        width: Neurons m per hidden layer.
        depth: Number of hidden layers.
    """
    return inputs + 2 + (depth - 1) * (width + 1)


def to_rows(w: np.ndarray, inputs: int, width: int, depth: int) -> np.ndarray:
    """Return flat parameters as theta, shape (..., rows, m).

    Args:
        w: Flat parameters, shape (..., p).
        inputs: Input dimension d.
        width: Neurons m per hidden layer.
        depth: Number of hidden layers.
    """
    lead, parts, start = w.shape[:-1], [], 0
    for k in (inputs, *[width] * (depth - 1)):
        stop = start + k * width
        parts.append(w[..., start:stop].reshape(*lead, width, k).swapaxes(-1, -2))
        parts.append(w[..., None, stop : stop + width])
        start = stop + width
    return np.ascontiguousarray(np.concatenate([*parts, w[..., None, start:]], axis=-2))


def from_rows(theta: np.ndarray, inputs: int, width: int, depth: int) -> np.ndarray:
    """Return theta as flat parameters, shape (..., p).

    Args:
        theta: Weights as rows, shape (..., rows, m).
        inputs: Input dimension d.
        width: Neurons m per hidden layer.
        depth: Number of hidden layers.
    """
    lead, parts, start = theta.shape[:-2], [], 0
    for k in (inputs, *[width] * (depth - 1)):
        parts.append(theta[..., start : start + k, :].swapaxes(-1, -2).reshape(*lead, k * width))
        parts.append(theta[..., start + k, :])
        start += k + 1
    return np.concatenate([*parts, theta[..., -1, :]], axis=-1)


@jit
def as_rows(w, m):
    """Return weights (p,) as theta (rows, m)."""
    return w.reshape((len(w) // m, m))


@jit
def start_of(layer, d, m):
    """Return the row where a hidden layer starts.

    Args:
        layer: Number of the layer, from 0.
        d: Input dimension.
        m: Neurons per layer.
    """
    return 0 if layer == 0 else d + 1 + (layer - 1) * (m + 1)


@jit
def affine(theta, first, count, scale, inputs, z):
    """Set z = scale W a + b of one layer.

    Args:
        theta: Weights, or their displacement, shape (rows, m).
        first: Row where the layer starts.
        count: Inputs of the layer: d for the first, else m.
        scale: Factor s_l of W.
        inputs: a, shape (count,).
        z: Set, shape (m,).
    """
    bias, q = theta[first + count], 0
    if count >= 2:  # in one pass: most first layers have two inputs
        a0, a1, w0, w1 = scale * inputs[0], scale * inputs[1], theta[first], theta[first + 1]
        for j in range(len(z)):
            z[j] = bias[j] + (a0 * w0[j] + a1 * w1[j])
        q = 2
    else:
        copy(bias, z)
    while q + 4 <= count:
        a0, a1 = scale * inputs[q], scale * inputs[q + 1]
        a2, a3 = scale * inputs[q + 2], scale * inputs[q + 3]
        w0, w1, w2, w3 = theta[first + q], theta[first + q + 1], theta[first + q + 2], theta[first + q + 3]
        for j in range(len(z)):
            z[j] += a0 * w0[j] + a1 * w1[j] + a2 * w2[j] + a3 * w3[j]
        q += 4
    for k in range(q, count):
        axpy(scale * inputs[k], theta[first + k], z)


@jit
def forward(code, theta, x, act, slope, f):
    """Compute sigma(z) and sigma'(z) in all layers, and the outputs.

    Args:
        code: Which activation, as in `codes.ACTIVATIONS`.
        theta: Weights, shape (rows, m).
        x: Inputs, shape (n, d).
        act: Set to sigma(z_l), shape (depth, n, m).
        slope: Set to sigma'(z_l), shape (depth, n, m).
        f: Set to the outputs, shape (n,).
    """
    depth, n, m = act.shape
    d, root = x.shape[1], 1.0 / math.sqrt(m)
    for layer in range(depth):
        first = start_of(layer, d, m)
        for i in range(n):
            if layer == 0:
                affine(theta, first, d, 1.0, x[i], act[layer, i])
            else:
                affine(theta, first, m, root, act[layer - 1, i], act[layer, i])
        activate(code, act[layer].reshape(n * m), slope[layer].reshape(n * m))
    for i in range(n):
        f[i] = root * dot(act[depth - 1, i], theta[-1])


@jit
def outputs(code, theta, x, depth, rowed, f):
    """Set f to the outputs at inputs x.

    Args:
        code: Which activation, as in `codes.ACTIVATIONS`.
        theta: Weights, shape (rows, m).
        x: Inputs, those trained on or others, shape (k, d).
        depth: Number of hidden layers.
        rowed: Scratch, shape (2, at least m): so many samples are evaluated together as have room there.
        f: Set to the outputs, shape (k,).
    """
    m, no_slopes = theta.shape[1], rowed[0][:0]
    d, root, room = x.shape[1], 1.0 / math.sqrt(m), rowed.shape[1] // m
    for start in range(0, len(f), room):
        count = min(room, len(f) - start)
        for layer in range(depth):
            first, here, there = start_of(layer, d, m), rowed[layer % 2], rowed[(layer + 1) % 2]
            for i in range(count):
                z = there[i * m : (i + 1) * m]
                if layer == 0:
                    affine(theta, first, d, 1.0, x[start + i], z)
                else:
                    affine(theta, first, m, root, here[i * m : (i + 1) * m], z)
            activate(code, there[: count * m], no_slopes)
        last = rowed[depth % 2]
        for i in range(count):
            f[start + i] = root * dot(last[i * m : (i + 1) * m], theta[-1])


@jit
def sensitivities(theta, d, sens):
    """Turn slopes into D_l in place.

    Args:
        theta: Weights, shape (rows, m).
        d: Input dimension.
        sens: sigma'(z_l), set to D_l = df/dz_l, shape (depth, n, m).
    """
    depth, n, m = sens.shape
    root = 1.0 / math.sqrt(m)
    for i in range(n):
        for j in range(m):
            sens[depth - 1, i, j] *= root * theta[-1, j]
        for layer in range(depth - 1, 0, -1):
            first = start_of(layer, d, m)
            for q in range(m):
                sens[layer - 1, i, q] *= root * dot(sens[layer, i], theta[first + q])


@jit
def kernel(x, act, sens, K):
    """Set K = J J^T.

    Args:
        x: Inputs, shape (n, d).
        act: sigma(z_l) of the layers, shape (depth, n, m).
        sens: D_l of the layers, shape (depth, n, m).
        K: Set, shape (n, n).
    """
    depth, n, m = act.shape
    for i in range(n):
        for j in range(i + 1):
            inner = dot(x[i], x[j]) + 1.0
            total = 0.0
            for layer in range(depth):
                total += dot(sens[layer, i], sens[layer, j]) * inner
                inner = dot(act[layer, i], act[layer, j]) / m + 1.0
            K[i, j] = K[j, i] = total + (inner - 1.0)


@jit
def jacobian(x, act, sens, J):
    """Set J, the weights in the order of theta.

    Args:
        x: Inputs, shape (n, d).
        act: sigma(z_l) of the layers, shape (depth, n, m).
        sens: D_l of the layers, shape (depth, n, m).
        J: Set, shape (n, p).
    """
    depth, n, m = act.shape
    d, root = x.shape[1], 1.0 / math.sqrt(m)
    for i in range(n):
        row = as_rows(J[i], m)
        fill(0.0, J[i])
        for layer in range(depth):
            first, count = start_of(layer, d, m), d if layer == 0 else m
            for q in range(count):
                axpy(x[i, q] if layer == 0 else root * act[layer - 1, i, q], sens[layer, i], row[first + q])
            copy(sens[layer, i], row[first + count])
        axpy(root, act[depth - 1, i], row[-1])


@jit
def gather(c, matrix, out):
    """Add sum_i c_i (row i) to out, four rows at a time: memory traffic is what J^T v costs.

    Args:
        c: A factor for each row, shape (n,).
        matrix: The rows, shape (n, m).
        out: Added to, shape (m,).
    """
    i = 0
    while i + 4 <= len(c):
        a0, a1, a2, a3 = c[i], c[i + 1], c[i + 2], c[i + 3]
        r0, r1, r2, r3 = matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3]
        for j in range(len(out)):
            out[j] += a0 * r0[j] + a1 * r1[j] + a2 * r2[j] + a3 * r3[j]
        i += 4
    for k in range(i, len(c)):
        axpy(c[k], matrix[k], out)


@jit
def pull(x, act, sens, v, c, out):
    """Add J^T v to out.

    Args:
        x: Inputs, shape (n, d).
        act: sigma(z_l) of the layers, shape (depth, n, m).
        sens: D_l of the layers, shape (depth, n, m).
        v: A number for each sample, shape (n,).
        c: Scratch, shape (n,); shares no memory with v.
        out: Added to, the weights as in theta, shape (rows, m).
    """
    depth, n, m = act.shape
    d, root = x.shape[1], 1.0 / math.sqrt(m)
    for layer in range(depth):
        first, count = start_of(layer, d, m), d if layer == 0 else m
        for q in range(count):
            for i in range(n):
                c[i] = v[i] * (x[i, q] if layer == 0 else root * act[layer - 1, i, q])
            gather(c, sens[layer], out[first + q])
        gather(v, sens[layer], out[first + count])
    for i in range(n):
        c[i] = v[i] * root
    gather(c, act[depth - 1], out[-1])


@jit
def push(x, act, sens, dw, z, f):
    """Set f = J dw.

    Args:
        x: Inputs, shape (n, d).
        act: sigma(z_l) of the layers, shape (depth, n, m).
        sens: D_l of the layers, shape (depth, n, m).
        dw: Displacement of theta, shape (rows, m).
        z: Scratch, shape (m,).
        f: Set, shape (n,).
    """
    depth, n, m = act.shape
    d, root = x.shape[1], 1.0 / math.sqrt(m)
    for i in range(n):
        total = root * dot(act[depth - 1, i], dw[-1])
        for layer in range(depth):
            first = start_of(layer, d, m)
            if layer == 0:
                affine(dw, first, d, 1.0, x[i], z)
            else:
                affine(dw, first, m, root, act[layer - 1, i], z)
            total += dot(sens[layer, i], z)
        f[i] = total


@jit
def absolute_push(x, act, sens, theta, z, f):
    """Set f = |J| |w|, for w = theta.

    Every entry of J is one product, so it is J w with the absolute value of every factor.

    Args:
        x: Inputs, shape (n, d).
        act: sigma(z_l) of the layers, shape (depth, n, m).
        sens: D_l of the layers, shape (depth, n, m).
        theta: Weights, shape (rows, m).
        z: Scratch, shape (m,).
        f: Set, shape (n,).
    """
    depth, n, m = act.shape
    d, root = x.shape[1], 1.0 / math.sqrt(m)
    for i in range(n):
        total = 0.0
        for j in range(m):
            total += abs(act[depth - 1, i, j] * theta[-1, j])
        total *= root
        for layer in range(depth):
            first, count = start_of(layer, d, m), d if layer == 0 else m
            fill(0.0, z)
            for q in range(count):
                a, w = abs(x[i, q]) if layer == 0 else root * abs(act[layer - 1, i, q]), theta[first + q]
                for j in range(m):
                    z[j] += a * abs(w[j])
            for j in range(m):
                total += abs(sens[layer, i, j]) * (z[j] + abs(theta[first + count, j]))
        f[i] = total
