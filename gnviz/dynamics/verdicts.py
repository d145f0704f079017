"""How a run stands: one status word and one plain sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gnviz.dynamics.clocks import Clock
from gnviz.dynamics.flow_clock import FlowClock
from gnviz.dynamics.step_clock import StepClock
from gnviz.dynamics.tangent import Tangent
from gnviz.results import Status

CONVERGED = 5e3
"""A loss below (CONVERGED * eps)^2 times its start is rounding: 1e-24 of it in float64."""

DIVERGED = 1e6
"""A loss this many times its start, or not finite, ends a run."""

FAR = 1.75
"""So does a weight of more than eps^-FAR (2e27 in float64, 1e12 in float32), also where bounded outputs or a
loss that grows slowly hide it: nothing of the start is left beside it. Kernels multiply weights, those of all
layers: one that is not finite ends a run as well."""

LIFTED = "; some sample lay so far out that its curvature is rounding: a larger one stood for it"
CLIPPED = "; its formula left (0, 1]"
MISSED = "; the accuracy clock.tol may not have been kept"
"""Beginnings of notes, by which it is known that they have been made."""


@dataclass
class Verdicts:
    """Judges R runs after each moment.

    Attributes:
        start: Loss at time 0, shape (R,).
        least: Loss that rounding of the outputs alone gives, shape (R,).
        dtype: Precision, which sets what rounding is.
        status, text, notes: Per run; a note is added to every later text.
        until: The last moment at which a run was under way, shape (R,).
    """

    start: Tensor
    least: Tensor
    dtype: torch.dtype
    unit: str
    status: list[Status] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    until: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.status = [Status.RUNNING] * len(self.start)
        self.text, self.notes = [""] * len(self.start), [""] * len(self.start)
        self.until = torch.zeros_like(self.start)

    def times(self, moment: float) -> Tensor:
        """Return the time at which to observe each run, shape (R,): `moment`, or when it ended."""
        return torch.where(self.running, moment, self.until)

    @property
    def running(self) -> Tensor:
        """Which runs go on, bool, shape (R,)."""
        return torch.tensor([s is Status.RUNNING for s in self.status], device=self.start.device)

    @property
    def void(self) -> Tensor:
        """Which runs have left the region where their numbers mean anything, bool, shape (R,)."""
        bad = (Status.DIVERGED, Status.SINGULAR)
        return torch.tensor([s in bad for s in self.status], device=self.start.device)

    @property
    def rounding(self) -> Tensor:
        """Loss below which a run has converged, shape (R,)."""
        return torch.maximum((CONVERGED * torch.finfo(self.dtype).eps) ** 2 * self.start, self.least)

    def judge(self, moment: float, here: Tangent, clock: Clock, *, last: bool) -> None:
        """Update status and text of the runs that were running."""
        largest, known = here.w.abs().amax(1), here.kernel().isfinite().flatten(1).all(1)
        gone = (largest > torch.finfo(self.dtype).eps ** -FAR) | ~known
        weight = torch.where(gone, largest, torch.nan)
        lifted, missed = here.lifted, torch.full_like(here.loss, torch.nan)
        if isinstance(clock, FlowClock):
            lifted, missed = lifted | clock.lifted, clock.missed
        columns = (here.loss, self.start, self.rounding, here.rho, here.asked, weight, lifted, missed)
        for run, (loss, start, floor, rho, asked, weight, straight, since) in enumerate(_rows(*columns)):
            if self.status[run] is not Status.RUNNING:
                continue
            if straight and LIFTED not in self.notes[run]:
                self.notes[run] += LIFTED
            if since == since and MISSED not in self.notes[run]:
                self.notes[run] += f"{MISSED} after t = {since:.3g}; lower it to know"
            self.until[run] = moment
            at = f"{self.unit} {moment:.4g}" if self.unit == "step" else f"t = {moment:.4g}"
            stopped = clock.why_stopped(run)
            clipped = math.isfinite(loss) and rho != asked and not math.isnan(asked)
            if clipped and CLIPPED not in self.notes[run]:
                self.notes[run] += f"{CLIPPED} first at {at} ({asked:.3g}) and was clipped"
            if not math.isnan(weight) or not math.isfinite(loss) or loss > DIVERGED * max(start, floor):
                why = _blown_up(loss, weight)
                self._end(run, Status.DIVERGED, f"diverged by {at}: {why}{_advice(clock, run)}")
            elif math.isnan(asked):
                self._end(run, Status.UNDEFINED, f"stopped at {at}: the formula for rho has no value there")
            elif loss <= floor:
                self._end(run, Status.CONVERGED, f"converged by {at}: loss {loss:.1e} is rounding")
            elif stopped:
                self._stop(run, stopped, here)
            elif last:
                self._end(run, Status.FINISHED, f"reached {at} with loss {loss:.3g}")
            else:
                self.text[run] = f"at {at}, loss {loss:.3g}{self.notes[run]}"

    def _stop(self, run: int, why: str, here: Tangent) -> None:
        """End a run that its clock could not bring further."""
        if "breaks down" not in why:
            self._end(run, Status.STEP_LIMIT, why)
        elif here.few:
            what = "sigma_min(J)" if here.frame.root is None else "sigma_min(G^1/2 J)"
            smallest = here.eigenvalues[run, -1].sqrt().item()
            left = "left the region where the predictors form a manifold"
            self._end(run, Status.SINGULAR, f"{left}: {what} fell to {smallest:.1e}; {why}")
        else:
            self._end(run, Status.SINGULAR, why)

    def _end(self, run: int, status: Status, text: str) -> None:
        self.status[run], self.text[run] = status, text + self.notes[run]


def _rows(*columns: Tensor) -> Sequence[tuple[float, ...]]:
    return list(zip(*(c.tolist() for c in columns), strict=True))


def _blown_up(loss: float, weight: float) -> str:
    if not math.isfinite(loss):
        return "the loss is no longer finite"
    return f"the loss grew to {loss:.1e}" if math.isnan(weight) else f"a weight grew to {weight:.1e}"


def _advice(clock: Clock, run: int) -> str:
    return clock.advice(run) if isinstance(clock, StepClock) else ""
