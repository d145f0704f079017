"""The in-class optimum: the least squared loss in reach where there are fewer parameters than samples.

For p < n the loss falls to what the network cannot fit, g* > 0, and only the excess g - g* tells how fast.
From where the best run of each class of predictors (same alpha, same initial weights) stands,
Levenberg-Marquardt is continued to a stationary point. It is a local optimum, the one that this run is
heading for. What is left to gain there to first order, 1/2 ||P e||^2 with P the projector onto range J, is
recorded as its uncertainty (derived). That is local, too: it says how far this minimum is from stationary,
nothing about smaller ones elsewhere. Whether other starts find less is for `multi_start` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.searches import Descent

MOST_CLASSES = 32
"""Classes beyond which no optimum is looked for: each takes up to a second."""

MOST_WORK = 4e6
"""n p^2 beyond which no optimum is looked for: the cost of one step of the search."""

MOST_EVALUATIONS = 2000
"""Of the outputs, in each search; from a run that is nearly done some ten are enough."""


def wanted(system: System) -> bool:
    """Return whether an optimum is to be recorded: p < n, squared loss, float64, and not too much work."""
    n, p = len(system.y), system.model.parameters
    if p >= n or n * p**2 > MOST_WORK or system.x.dtype != torch.float64:
        return False
    return system.loss.flat and len(classes(system)) <= MOST_CLASSES


def in_class_optimum(
    system: System, w: Tensor, here: LinearizedDynamics, tick: Tick, descent: Descent
) -> tuple[np.ndarray, np.ndarray]:
    """Search for the least loss near where the runs of each class ended.

    Args:
        system: R runs with squared loss.
        w: Their last weights, shape (R, p).
        here: The dynamics there.
        tick: Called before every evaluation; it may raise.
        descent: What evaluates.

    Returns:
        The least loss that each run's class heads for and its uncertainty, local both, each shape (R,); NaN
        where a class has no run with a finite loss.
    """
    best = np.full((2, len(w)), np.nan)
    for runs in classes(system):
        losses = [loss if np.isfinite(loss) else np.inf for loss in here.loss[runs].tolist()]
        if min(losses) < np.inf:
            start = runs[int(np.argmin(losses))]
            found = search(alone(system, start), w[start], MOST_EVALUATIONS, tick, descent)
            best[:, runs] = np.array([found.loss, found.left])[:, None]
    return best[0], best[1]


def classes(system: System) -> list[list[int]]:
    """Return the runs of each class of predictors: same alpha, and same f(w0) where it is centred."""
    runs: dict[tuple[float, ...], list[int]] = {}
    for i, (a, offset) in enumerate(zip(system.alpha.tolist(), system.offset.tolist(), strict=True)):
        runs.setdefault((a, *offset), []).append(i)
    return list(runs.values())


def alone(system: System, run: int) -> System:
    """Return the system of one run."""
    return system.select(torch.tensor([run], device=system.alpha.device))


@dataclass(frozen=True)
class Found:
    """Where a search ended.

    Attributes:
        w: Weights, shape (p,).
        loss: The loss there.
        left: What is left to gain to first order, 1/2 ||P e||^2.
    """

    w: Tensor
    loss: float
    left: float


def search(one: System, start: Tensor, most: int, tick: Tick, descent: Descent) -> Found:
    """Lower the loss of one run's class by Levenberg-Marquardt.

    Args:
        one: The system of one run.
        start: Weights to start from, shape (p,).
        most: Evaluations of the outputs.
        tick: Called before each of them; it may raise.
        descent: What evaluates.

    Raises:
        ValueError: The outputs at the start are not finite.
    """
    from scipy.optimize import least_squares

    def residual(v: np.ndarray) -> np.ndarray:
        tick()
        return descent.residual(one, v)

    found = least_squares(
        residual,
        start.cpu().numpy().copy(),
        partial(descent.jacobian, one),  # type: ignore[arg-type]  # a function is allowed, beside schemes' names
        method="lm",
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=most,
    )
    w = torch.tensor(found.x).to(start)[None]
    there = linearize_dynamics(one, w, torch.zeros_like(one.alpha))
    return Found(w[0], there.loss.item(), 0.5 * there.coefficients.square().sum().item())
