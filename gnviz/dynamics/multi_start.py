"""Multi-start: whether the optimum that the runs are heading for is the best that their class has to offer.

The same search (Levenberg-Marquardt) is started from elsewhere in the class: from w0 + s |w0| z, with z
standard normal, |w0| the root mean square of the initial weights and s in half decades, from close by to as
far away as a fresh draw. A loss that was reached is in reach, whether or not its search has come to rest; so
what they find bounds the class's least loss from above, and their spread says how sure one can be of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.optimum import MOST_EVALUATIONS, Found, alone, classes, search, wanted
from gnviz.dynamics.tangent import System

DISTANCES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""How far from w0 each start is, over the size of w0: what lazy runs can reach lies close."""

EVALUATIONS = 250
"""Of the outputs, in the search from each start; 0.07 s for the network of the paper's third figure."""

MOST_STARTED_CLASSES = 8
"""Classes beyond which no other starts are tried: each takes up to a second."""

MOST_STARTED_WORK = 4e5
"""n p^2 times the classes beyond which none are tried: what a step costs beside its calls."""

SEED = 0
"""Of the directions z. They are the same in every class; w0 is the experiment's, and drawn from its seed."""


def multi_start_wanted(system: System) -> bool:
    """Return whether other starts are to be tried: an optimum is wanted, and they are not too much work."""
    if not wanted(system):
        return False
    several = len(classes(system))
    work = several * len(system.y) * system.model.parameters**2
    return several <= MOST_STARTED_CLASSES and work <= MOST_STARTED_WORK


def other_starts(
    system: System, w0: Tensor, optimum: np.ndarray, checkpoint: Callable[[], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Search from other starts in each class; the one that found most below the optimum goes on.

    Args:
        system: R runs with squared loss.
        w0: Their initial weights, shape (R, p).
        optimum: What each run is heading for, shape (R,).
        checkpoint: Called before every evaluation; it may raise.

    Returns:
        The loss that the search from each start reached and what is left to gain there to first order,
        1/2 ||P e||^2, each (R, S); NaN where the outputs are not finite, and in a class without optimum.
    """
    shape = len(w0), len(DISTANCES)
    loss, left = np.full(shape, np.nan), np.full(shape, np.nan)
    for runs in classes(system):
        if np.isfinite(optimum[runs[0]]):
            found = _from_all(alone(system, runs[0]), w0[runs[0]], float(optimum[runs[0]]), checkpoint)
            loss[runs], left[runs] = [f.loss for f in found], [f.left for f in found]
    return loss, left


def _from_all(one: System, w0: Tensor, optimum: float, checkpoint: Callable[[], None]) -> list[Found]:
    """Return what is found from every start of a class."""
    found = [_from(one, start, EVALUATIONS, checkpoint) for start in _starts(w0)]
    best = min(range(len(found)), key=lambda i: found[i].loss if np.isfinite(found[i].loss) else np.inf)
    if found[best].loss < optimum:  # how much less there is, is worth a longer search
        longer = _from(one, found[best].w, MOST_EVALUATIONS, checkpoint)
        found[best] = longer if longer.loss <= found[best].loss else found[best]
    return found


def _starts(w0: Tensor) -> list[Tensor]:
    """Return weights at all distances from w0, each (p,)."""
    generator = torch.Generator().manual_seed(SEED)
    size = w0.square().mean().sqrt().item() or 1.0  # all weights 0: distances are absolute
    directions = torch.randn(len(DISTANCES), len(w0), generator=generator, dtype=torch.float64).to(w0)
    return [w0 + distance * size * z for distance, z in zip(DISTANCES, directions, strict=True)]


def _from(one: System, start: Tensor, most: int, checkpoint: Callable[[], None]) -> Found:
    """Return what is found from a start; NaN where the outputs are not finite, there or at the end."""
    nothing = Found(start, np.nan, np.nan)
    if not one.model.outputs(start[None], one.x).isfinite().all():
        return nothing
    found = search(one, start, most, checkpoint)
    return found if np.isfinite([found.loss, found.left]).all() else replace(nothing, w=found.w)
