"""Step sizes of the steps clock, one rule for each value of `clock.step_rule`.

* fixed: eta as set, or 1 over the largest rate at the start.
* stable: SAFETY times the largest stable eta, 2 / r_max (times a method's `stretch`), with r_max from the
  largest eigenvalue of S = G^{1/2} K G^{1/2}, followed by a few power iterations as S moves: every EVERY
  steps, and in each step where the loss's curvature G changes with the predictions.
* line-search: backtracking on the loss along the direction until its fall is at least ARMIJO times the slope
  times eta (Armijo 1966); a step starts from the last one's eta, doubled where the loss fell nearly in
  proportion and halved where it hardly fell.

Nothing here waits for the device: whether a trial step is good is decided by masks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.dynamics.host import settled
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, weighted_residual
from gnviz.dynamics.linearized.modes import weighted
from gnviz.dynamics.linearized.system import System, predict
from gnviz.dynamics.steps.directions import Direction
from gnviz.methods import Method

SAFETY = 0.9
"""Share of the largest stable step that is taken: the kernel moves between two looks at it."""

EVERY, POWER_ITERATIONS = 10, 4
"""Steps between two looks at lambda_max, and products with S per look: the eigenvector is a good guess."""

ARMIJO, TRIALS = 1e-4, 6
"""Share of the predicted fall that is enough, and step sizes tried, each half of the one before."""

LITTLE, NEARLY_ALL = 0.25, 0.75
"""Shares of the predicted fall under which the next step starts from half the size, and over which from
twice; at a quadratic's minimum along the direction the share is 1/2."""

ROUNDING = 4.0
"""Rounding of the predictions that a line search allows for, in units of eps (||u|| + ||y||)."""


class Outcome(NamedTuple):
    """What one step did to R runs.

    Attributes:
        w: New weights, shape (R, p).
        step_size: eta, shape (R,).
        gain: Actual over predicted fall of the loss, shape (R,); None where nothing was predicted.
        taken: Whether the step was taken, bool, shape (R,); None for always.
        failed: Runs to be done again by the spectrum, bool, shape (R,); None for none.
        rest: Why a run has come to rest, as a number of `rest.Rest`, 0 for those that go on,
            shape (R,); None for a rule that never says so.
        rested: After how many steps it has, shape (R,).
    """

    w: Tensor
    step_size: Tensor
    gain: Tensor | None = None
    taken: Tensor | None = None
    failed: Tensor | None = None
    rest: Tensor | None = None
    rested: Tensor | None = None


class StepSize(Protocol):
    """Decides how far R runs go along their directions."""

    @property
    def state(self) -> State:
        """What must be kept to go on, each array of shape (R, ...)."""
        ...

    def move(self, system: System, w: Tensor, here: Direction, d: Tensor, index: int) -> Outcome:
        """Step from w (R, p) along -d (R, p) / alpha; `index` is the step's number from 0.

        Args:
            system: What is trained.
            w: Weights, shape (R, p).
            here: What is known there.
            d: The directions, shape (R, p).
            index: The step's number, from 0.
        """
        ...


def first_sizes(
    size: float | None, methods: Sequence[Method], alpha: Tensor, first: LinearizedDynamics
) -> Tensor:
    """Return eta of each run, shape (R,): as set, as the method says, or 1 over the largest rate at first.

    Args:
        size: `clock.step_size`, in units of time; None: not set.
        methods: One a run.
        alpha: Output scaling, shape (R,).
        first: The dynamics at the start.
    """
    if size is not None:
        return torch.full_like(first.rho, size)
    largest = first.rate.amax(1)
    eta = torch.where(largest > 0, 1 / largest, 1.0)
    for run, method in enumerate(methods):
        if (own := method.first_step(alpha[run])) is not None:
            eta[run] = own
    return eta


def stretches(methods: Sequence[Method], like: Tensor) -> Tensor:
    """Return the largest stable step size in units of 2 / r_max, shape (R,)."""
    return torch.tensor([m.stretch for m in methods], dtype=like.dtype, device=like.device)


def advice(rule: str, method: Method, eta: float, largest: float) -> str:
    """Say, as the end of a sentence, what to do about a run that diverged.

    Args:
        rule: The step rule.
        method: The run's.
        eta: Its first step size.
        largest: Its largest rate at the start.
    """
    if rule != "fixed" or method.own_steps:
        return ""
    limit = 2 * method.stretch / largest if largest > 0 else math.inf
    if eta < limit:
        return f" with clock.step_size = {eta:.3g}; try a smaller one"
    name = "2/r_max = " if method.stretch == 1 else ""
    return f", since clock.step_size = {eta:.3g} is above the stability limit {name}{limit:.3g}"


def along(w: Tensor, d: Tensor, eta: Tensor, alpha: Tensor) -> Tensor:
    """Return w - (eta/alpha) d, shape (R, p).

    Args:
        w: Weights, shape (R, p).
        d: Directions, shape (R, p).
        eta: Step sizes, shape (R,).
        alpha: Output scaling, shape (R,).
    """
    return torch.addcmul(w, d, (-eta / alpha)[:, None])


class Fixed:
    """The same eta in every step."""

    def __init__(self, eta: Tensor) -> None:
        self.state: State = {"eta": eta}

    def move(self, system: System, w: Tensor, here: Direction, d: Tensor, index: int) -> Outcome:
        """Step by eta."""
        eta = self.state["eta"]
        return Outcome(along(w, d, eta, system.alpha), eta, failed=here.failed)


class Stable:
    """SAFETY 2 / r_max, re-evaluated as S moves.

    The Rayleigh quotient of a power iteration is never above lambda_max and errs by the square of its
    vector's error; SAFETY covers that and ten steps of motion. It is the limit at the present curvature:
    where samples are so far off that the loss is all but straight, longer steps than that curvature would
    allow on the way can still overshoot.
    """

    def __init__(self, eta: Tensor, top: Tensor, stretch: Tensor) -> None:
        self.state: State = {"eta": eta, "top": top, "stretch": stretch}

    def move(self, system: System, w: Tensor, here: Direction, d: Tensor, index: int) -> Outcome:
        """Step by the largest safe eta."""
        if index % EVERY == 0 or not math.isinf(system.loss.scale):
            self._look(system, here)
        eta = self.state["eta"]
        return Outcome(along(w, d, eta, system.alpha), eta, failed=here.failed)

    def _look(self, system: System, here: Direction) -> None:
        root, _ = weighted_residual(system, here.prediction)
        kernel, top = weighted(here.linear.kernel(), root), self.state["top"][:, :, None]
        for _ in range(POWER_ITERATIONS):
            image = kernel @ top
            top = image / image.norm(dim=1, keepdim=True).clamp(min=torch.finfo(image.dtype).tiny)
        largest = (top * (kernel @ top)).sum((1, 2))
        rate = largest / (here.rho + (1 - here.rho) * largest)
        eta = SAFETY * self.state["stretch"] * 2 / rate
        good = eta.isfinite() & (eta > 0)
        self.state["eta"] = torch.where(good, eta, self.state["eta"])
        self.state["top"] = torch.where(good[:, None], top[:, :, 0], self.state["top"])


class LineSearch:
    """Backtracking from half, once or twice the last step size; a run for which no trial is good stays."""

    def __init__(self, eta: Tensor) -> None:
        self.state: State = {"eta": eta}

    def move(self, system: System, w: Tensor, here: Direction, d: Tensor, index: int) -> Outcome:
        """Step by the first of TRIALS sizes under which the loss falls enough.

        u = alpha f, so a step of eta along -d / alpha changes u by -eta J d, and the loss by -eta e . J d to
        first order.
        """
        slope = (here.gradient * here.linear.jvp(d)).sum(1)
        loss = system.loss.value(here.prediction, system.y)
        slack = _rounding(here.prediction, system.y) * here.gradient.norm(dim=1)
        eta = self.state["eta"]
        new, size, gain = w, eta, torch.full_like(eta, torch.nan)
        taken = torch.zeros_like(eta, dtype=torch.bool)
        for _ in range(TRIALS):
            there = along(w, d, eta, system.alpha)
            u = predict(system, system.model.outputs(there, system.x))
            fall = loss - system.loss.value(u, system.y)
            good = ~taken & (fall >= ARMIJO * eta * slope - slack)
            new = torch.where(good[:, None], there, new)
            size, gain = torch.where(good, eta, size), torch.where(taken, gain, fall / (eta * slope))
            taken, eta = taken | good, torch.where(taken | good, eta, eta / 2)
            if settled(taken):
                break
        after = torch.where(gain >= NEARLY_ALL, 2 * size, torch.where(gain < LITTLE, size / 2, size))
        self.state["eta"] = torch.where(taken, after, eta)
        return Outcome(new, size, gain, taken, here.failed)


def _rounding(u: Tensor, y: Tensor) -> Tensor:
    """Return by how much rounding may change the predictions, in norm, shape (R,)."""
    return ROUNDING * torch.finfo(u.dtype).eps * (u.norm(dim=1) + y.norm())
