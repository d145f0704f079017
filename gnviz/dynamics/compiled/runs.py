"""The runs of a system as the compiled engine wants them: their arrays, and what is in them at first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from gnviz.dynamics.compiled.code.codes import LOSSES, coded, length_of, weights_of
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.compiled.models import CompiledModel
from gnviz.dynamics.linearized.system import System


def states(count: int, n: int, model: CompiledModel) -> dict[str, np.ndarray]:
    """Return what changes in so many runs, all zero, by the names of `STATE`.

    Args:
        count: How many runs, R.
        n: Samples.
        model: What the runs train.

    Returns:
        Arrays of the shapes in `layout.Run`, with R before each.
    """
    few = model.parameters if model.parameters < n else 0
    depth, m = model.layers
    shapes = {
        "num": (at.NUM,),
        "vec": (at.VEC, model.parameters),
        "mode": (at.MODE, n),
        "layers": (at.POINTS, 2, depth, n, m),
        "square": (at.POINTS, at.SQUARES, n, n),
        "tall": (at.POINTS, at.TALL, few, few),
    }
    return {name: np.zeros((count, *shapes[name])) for name in at.STATE}


def runs_of(
    system: System,
    model: CompiledModel,
    w0: Tensor,
    tol: float,
    settings: np.ndarray,
    state: dict[str, np.ndarray],
) -> Iterator[at.Run]:
    """Yield each run of a system, with its part of the state, from weights w0 (R, p).

    Args:
        system: The runs.
        model: What they train.
        w0: Where they start, shape (R, p).
        tol: Accuracy of the flow.
        settings: What their clock sets, shape (R, 8).
        state: What changes in them, from `states`.
    """
    loss, x = system.loss, system.x.numpy().copy()
    rules = [
        model.code, LOSSES[type(loss)], length_of(loss), loss.steepest, loss.scale,
        loss.flat, loss.decay_constant, tol,
    ]  # fmt: skip
    start = model.inward(w0.numpy())
    for r, method in enumerate(system.methods):
        num, vec, mode, layers, square, tall = (state[name][r] for name in at.STATE)
        schedule = coded(method)
        assert schedule is not None
        damping = *schedule, method.schedule.undamped
        num[: at.SETTINGS] = [*rules, system.alpha[r].item(), *damping, *settings[r]]
        vec[at.W] = start[r]
        mode[at.Y], mode[at.OMEGA], mode[at.OFFSET] = system.y, weights_of(loss, system.y), system.offset[r]
        yield at.Run(num, vec, mode, layers, square, tall, x, np.zeros(model.scratch), model.program)
