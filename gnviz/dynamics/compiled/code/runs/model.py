"""What the model of a run does, a network or a surface: outputs, K, J, J dw and J^T v.

At each point where the dynamics are linearized a run keeps two stacks of layers: act and sens of a network
(`model.network`); of a surface J, as the only layer of act.
"""

from __future__ import annotations

from gnviz.dynamics.compiled.code.model import network
from gnviz.dynamics.compiled.code.model.network import as_rows
from gnviz.dynamics.compiled.code.model.surface import surface_outputs, surface_slopes
from gnviz.dynamics.compiled.code.numerics.arrays import copy, dot
from gnviz.dynamics.compiled.code.runs.layout import MODEL
from gnviz.dynamics.compiled.machine.jit import jit


@jit
def on_surface(run):
    """Return whether the run's model is a surface, rather than a network."""
    return len(run.program) > 0


@jit
def tangent(run, w, layers, f):
    """Set the layers and the outputs at weights w.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        w: Weights, shape (p,).
        layers: Set, shape (2, depth, n, m).
        f: Set to the outputs, shape (n,).
    """
    code = int(run.num[MODEL])
    if on_surface(run):
        surface_slopes(code, run.program, w, run.x, run.rowed, layers[0, 0], f)
        return
    theta = as_rows(w, layers.shape[3])
    network.forward(code, theta, run.x, layers[0], layers[1], f)
    network.sensitivities(theta, run.x.shape[1], layers[1])


@jit
def outputs(run, w, x, f):
    """Set f to the outputs at weights w (p,) on inputs x.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        w: Weights, shape (p,).
        x: Inputs, shape (k, d).
        f: Set, shape (k,).
    """
    code = int(run.num[MODEL])
    if on_surface(run):
        surface_outputs(code, run.program, w, x, run.rowed, f)
    else:
        theta = as_rows(w, run.layers.shape[4])
        network.outputs(code, theta, x, run.layers.shape[2], run.rowed, f)


@jit
def kernel(run, layers, K):
    """Set K = J J^T.

    Args:
        run: The run; see `layout.Run`.
        layers: Those where J is, shape (2, depth, n, m).
        K: Set, shape (n, n).
    """
    if on_surface(run):
        J = layers[0, 0]
        for i in range(len(J)):
            for j in range(i + 1):
                K[i, j] = K[j, i] = dot(J[i], J[j])
    else:
        network.kernel(run.x, layers[0], layers[1], K)


@jit
def jacobian(run, layers, J):
    """Set J.

    Args:
        run: The run; see `layout.Run`.
        layers: Those where J is, shape (2, depth, n, m).
        J: Set, shape (n, p).
    """
    if on_surface(run):
        for i in range(len(J)):
            copy(layers[0, 0, i], J[i])
    else:
        network.jacobian(run.x, layers[0], layers[1], J)


@jit
def push(run, layers, dw, f):
    """Set f = J dw.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        layers: Those where J is, shape (2, depth, n, m).
        dw: Displacement of the weights, shape (p,).
        f: Set, shape (n,).
    """
    if on_surface(run):
        for i in range(len(f)):
            f[i] = dot(layers[0, 0, i], dw)
    else:
        m = layers.shape[3]
        network.push(run.x, layers[0], layers[1], as_rows(dw, m), run.rowed[0, :m], f)


@jit
def absolute_push(run, layers, w, f):
    """Set f = |J| |w|.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        layers: Those where J is, shape (2, depth, n, m).
        w: Weights there, shape (p,).
        f: Set, shape (n,).
    """
    if on_surface(run):
        J = layers[0, 0]
        for i in range(len(f)):
            f[i] = abs(J[i, 0] * w[0]) + abs(J[i, 1] * w[1])
    else:
        m = layers.shape[3]
        network.absolute_push(run.x, layers[0], layers[1], as_rows(w, m), run.rowed[0, :m], f)


@jit
def pull(run, layers, v, c, out):
    """Add J^T v to out.

    Args:
        run: The run; see `layout.Run`.
        layers: Those where J is, shape (2, depth, n, m).
        v: A number for each sample, shape (n,).
        c: Scratch, shape (n,); shares no memory with v.
        out: Added to, shape (p,).
    """
    if on_surface(run):
        J = layers[0, 0]
        for i in range(len(v)):
            for j in range(len(out)):
                out[j] += v[i] * J[i, j]
    else:
        network.pull(run.x, layers[0], layers[1], v, c, as_rows(out, layers.shape[3]))
