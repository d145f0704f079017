"""Multi-start: whether the optimum that the runs are heading for is the best that their class has to offer.

Searches start from elsewhere in the class: near w0, at w0 + s |w0| z, as lazy runs stay there, and at fresh
draws s |w0| z about 0, with z standard normal. All start together; after some iterations those with the
least losses go on, each loss once. Every loss that they report was evaluated, whether or not its search has
come to rest; so the least of them bounds the class's least loss from above. It proves nothing from below:
what no start found may still be there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.optimum import alone, classes, search, wanted
from gnviz.dynamics.measure.searches import Descent, Searches
from gnviz.problem.models.base import Model
from gnviz.problem.models.mlp import MLP

NEAR = (0.01, 0.1, 1.0)
"""How far from w0 starts are, over the size of w0; lazy runs stay that close."""

FRESH = (0.3, 1.0, 3.0)
"""Sizes of fresh draws, over the size of w0: of the random problems' least losses, each finds some alone."""

ROUNDS = ((1.0, 50), (0.25, 150), (0.0625, 200))
"""Part of the starts that goes on, and for how many iterations: a hundred for each start."""

WORK = 2.2e7
"""Of all searches, in n p (1 + p / 500) + 64 an iteration, each 0.09 microseconds of one core: 2 s."""

OWN, FEWER = 20, 3
"""Another model's iteration counts as so many of a perceptron's, and so much fewer are taken: its Jacobian
comes from autograd, and some 5 ms are spent on the call alone."""

MOST_STARTS = 1000
"""In a class: of random problems with ten parameters, some need as many to come near what 200 searches by
MINPACK find, which go on for ten times as long each."""

EVALUATIONS = 200
"""Of the outputs, in the last search, MINPACK's, from where the best in each class ended."""

SEED = 0
"""Of the directions z. They are the same in every class; w0 is the experiment's, and drawn from its seed."""


@dataclass(frozen=True)
class Starts:
    """What S searches from elsewhere found in the class of each of R runs.

    Attributes:
        loss: The loss reached, shape (R, S); NaN where the outputs are not finite, and in a class without
            optimum.
        left: What is left to gain there to first order, 1/2 ||P e||^2, shape (R, S).
        distance: How far from w0 each started, or of what size it was drawn, over the size of w0, shape (S,).
        fresh: Whether it was drawn about 0 rather than about w0, bool, shape (S,).
    """

    loss: np.ndarray
    left: np.ndarray
    distance: np.ndarray
    fresh: np.ndarray


def rounds(model: Model) -> list[tuple[float, int]]:
    """Return the part of the starts and the iterations of each round."""
    return [(part, many if isinstance(model, MLP) else many // FEWER) for part, many in ROUNDS]


def affordable(system: System) -> int:
    """Return how many starts in each class `WORK` pays for; at most `MOST_STARTS`."""
    n, p = len(system.y), system.model.parameters
    iteration = (n * p * (1 + p / 500) + 64) * (1 if isinstance(system.model, MLP) else OWN)
    each = iteration * sum(part * iterations for part, iterations in rounds(system.model))
    return min(int(WORK / (each * len(classes(system)))), MOST_STARTS)


def multi_start_wanted(system: System) -> bool:
    """Return whether other starts are to be tried: an optimum is wanted, and some are affordable."""
    return wanted(system) and affordable(system) >= len(NEAR) + len(FRESH)


def other_starts(system: System, w0: Tensor, optimum: np.ndarray, tick: Tick, descent: Descent) -> Starts:
    """Search from other starts in each class; the best of each goes on by itself.

    Args:
        system: R runs with squared loss.
        w0: Their initial weights, shape (R, p).
        optimum: What each run is heading for, shape (R,).
        tick: Called every few iterations; it may raise.
        descent: What moves the searches.
    """
    count = affordable(system)
    distance, fresh = _kinds(count)
    nothing = np.full((len(w0), count), np.nan)
    out = Starts(nothing, nothing.copy(), distance, fresh)
    known = [runs for runs in classes(system) if np.isfinite(optimum[runs[0]])]
    if not known:
        return out
    firsts = torch.tensor([runs[0] for runs in known], device=w0.device)
    starts = torch.cat([_starts(w, system.model, distance, fresh) for w in w0[firsts]])
    searches = _rounds(
        Searches.at(system.select(firsts.repeat_interleave(count)), starts), count, tick, descent
    )
    loss, left = _ends(searches, count)
    for i, runs in enumerate(known):
        best = int(loss[i].argmin())
        if np.isfinite(loss[i, best]):
            w = searches.w[i * count + best]
            found = search(alone(system, runs[0]), w, EVALUATIONS, tick, descent)
            if found.loss < loss[i, best]:
                loss[i, best], left[i, best] = found.loss, found.left
        out.loss[runs], out.left[runs] = np.where(
            np.isfinite([loss[i], left[i]]), [loss[i], left[i]], np.nan
        )[:, None]
    return out


def _kinds(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distance and whether it is of a fresh draw for each start, in turn, each shape (count,)."""
    kinds = [(s, False) for s in NEAR] + [(s, True) for s in FRESH]
    distance, fresh = zip(*(kinds[i % len(kinds)] for i in range(count)), strict=True)
    return np.array(distance), np.array(fresh)


def _starts(w0: Tensor, model: Model, distance: np.ndarray, fresh: np.ndarray) -> Tensor:
    """Return the weights to start from in a class, shape (S, p).

    Weights that share their units are drawn alike, and have one size; others have each its own: the size of
    a parameter that is 0 is 1.
    """
    size = w0.square().mean().sqrt() if model.shared_units else w0.abs()
    size = torch.where(size > 0, size, 1.0)
    generator = torch.Generator().manual_seed(SEED)
    z = torch.randn(len(distance), len(w0), generator=generator, dtype=torch.float64).to(w0)
    centre = torch.where(torch.tensor(fresh, device=w0.device)[:, None], 0.0, w0)
    return centre + torch.tensor(distance).to(w0)[:, None] * size * z


def _rounds(searches: Searches, count: int, tick: Tick, descent: Descent) -> Searches:
    """Return all searches after all rounds, those that did not go on where they stood; `count` a class."""
    for part, iterations in rounds(searches.system.model):
        chosen = [
            start + k
            for start in range(0, len(searches.w), count)
            for k in _best(searches.loss[start : start + count].tolist(), max(1, round(part * count)))
        ]
        which = torch.tensor(chosen, device=searches.w.device)
        searches = searches.put(which, descent.advance(searches.select(which), iterations, tick))
    return searches


SAME = 1e-4
"""Relative difference up to which two searches of a round are taken to head for the same loss."""


def _best(losses: list[float], most: int) -> list[int]:
    """Return the positions of the least losses, of those that are the same the first; at most `most`."""
    order, chosen = sorted(range(len(losses)), key=losses.__getitem__), []
    if most >= len(losses):
        return order
    for k in order:
        if not chosen or losses[k] > losses[chosen[-1]] * (1 + SAME):
            chosen.append(k)
    return chosen[:most]


def _ends(searches: Searches, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss of every search, and what is left to gain there, each (classes, count)."""
    finite = searches.loss.isfinite()
    left = torch.full_like(searches.loss, torch.nan)
    if finite.any():
        which = finite.nonzero()[:, 0]
        there = linearize_dynamics(
            searches.system.select(which), searches.w[which], torch.zeros_like(searches.loss[which])
        )
        left[which] = 0.5 * there.coefficients.square().sum(1)
    return searches.loss.view(-1, count).cpu().numpy().copy(), left.view(-1, count).cpu().numpy().copy()
