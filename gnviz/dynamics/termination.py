"""How a run stands: one status word and one plain sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.clocks import Clock
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.host import told
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, weighted_residual
from gnviz.dynamics.linearized.modes import JacobianModes
from gnviz.dynamics.linearized.rounding import fitted, in_metric, prediction_rounding
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.clock import StepClock
from gnviz.dynamics.stop import Stop
from gnviz.results import Status

DIVERGED = 1e6
"""A loss this many times that of its start, or of the prediction 0 if that is larger, or one that is not
finite, ends a run."""

FAR = 1.75
"""So does a weight of more than eps^-FAR (2e27 in float64, 1e12 in float32) times what it was at the start,
also where bounded outputs or a loss that grows slowly hide it: nothing of the start is left beside it.
Kernels multiply weights, those of all layers: one that is not finite ends a run as well, and so does a
rounding of the predictions that has grown by 1/eps."""

FELL = 1e-3
"""A smallest singular value below this share of its start is said to have fallen, where a run stops."""

LIFTED = "; some sample lay so far out that its curvature is rounding: a larger one stood for it"
CLIPPED = "; its formula left (0, 1]"
MISSED = "; the accuracy clock.tol may not have been kept"
"""Beginnings of notes, by which it is known that they have been made."""


@dataclass
class Verdicts:
    """Judges R runs after each moment.

    Attributes:
        system: The runs.
        first: The dynamics at time 0.
        gtol: Share of the residual that the weights can still change under which a run has converged.
        unit: "t" or "step".
        status, text, notes: Per run; a note is added to every later text.
        until: Where each run is, or has ended: the last time that it reached, shape (R,), float64.
        end_loss: The loss there, of runs that have ended and not diverged, else NaN; shape (R,).
    """

    system: System
    first: LinearizedDynamics
    gtol: float
    unit: str
    status: list[Status] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    until: Tensor = field(init=False)
    end_loss: Tensor = field(init=False)

    def __post_init__(self) -> None:
        loss, system = self.first.loss, self.system
        self.status = [Status.RUNNING] * len(loss)
        self.text, self.notes = [""] * len(loss), [""] * len(loss)
        self.until, self.end_loss = torch.zeros_like(loss).double(), torch.full_like(loss, torch.nan)
        self._usual = loss.maximum(system.loss.value(torch.zeros_like(system.y), system.y))
        self._largest = self.first.w.abs().amax(1)
        known = prediction_rounding(system, self.first.modes.linear, self.first.w).norm(dim=1)
        self._known = torch.where(known > 0, known, torch.inf)

    def times(self, moment: float) -> Tensor:
        """Return the time at which to observe each run, shape (R,): `moment`, or when it ended."""
        return torch.where(self.running, moment, self.until).to(self.first.loss)

    @property
    def running(self) -> Tensor:
        """Which runs go on, bool, shape (R,)."""
        return self._are(Status.RUNNING)

    @property
    def end_time(self) -> Tensor:
        """Where each run has ended, NaN for those that go on, shape (R,)."""
        return torch.where(self.running, torch.nan, self.until)

    def absent(self, moment: float) -> Tensor:
        """Return which runs have nothing to record at a moment, bool, shape (R,).

        They ended before it, or have diverged: their numbers mean nothing any more.
        """
        return (self.until < moment) | self._are(Status.DIVERGED)

    def judge(self, moment: float, here: LinearizedDynamics, clock: Clock, *, last: bool) -> None:
        """Update status and text of the runs that were running.

        Args:
            moment: A recorded moment.
            here: The dynamics there, or where a run has come to.
            clock: What moved the runs.
            last: Whether there is no later moment.
        """
        was = self.running
        for run, seen in enumerate(self._look(here, clock)):
            if self.status[run] is Status.RUNNING:
                self._judge(run, moment, seen, here, clock.stopped(run), clock, last=last)
        over = was & ~self.running & ~self._are(Status.DIVERGED)
        self.end_loss = torch.where(over, here.loss, self.end_loss)

    def _judge(
        self,
        run: int,
        moment: float,
        seen: _Seen,
        here: LinearizedDynamics,
        stop: Stop | None,
        clock: Clock,
        *,
        last: bool,
    ) -> None:
        self.until[run] = moment if stop is None else stop.time
        at, loss = self._at(self.until[run].item()), seen.loss
        self._note(run, at, seen)
        if seen.gone or not math.isfinite(loss) or loss > DIVERGED * self._usual[run]:
            self._end(run, Status.DIVERGED, self._diverged(run, moment, seen, clock))
        elif math.isnan(seen.requested_rho):
            self._end(run, Status.UNDEFINED, f"stopped at {at}: the formula for rho has no value there")
        elif stop and stop.status is Status.CONVERGED:
            self._end(run, Status.CONVERGED, f"converged at {at}: {stop.why}; loss {loss:.3g}")
        elif seen.fitted:
            self._end(run, Status.CONVERGED, f"converged by {at}: loss {loss:.1e} is rounding")
        elif seen.left <= max(seen.blur, self.gtol * seen.size):
            self._end(run, Status.CONVERGED, f"converged by {at}: {self._at_rest(seen)}; loss {loss:.3g}")
        elif stop:
            self._end(run, stop.status, self._stopped(run, at, stop, here))
        elif last:
            reached = f"the last step, {moment:.0f}," if self.unit == "step" else at
            self._end(run, Status.FINISHED, f"reached {reached} with loss {loss:.3g}")
        else:
            self.text[run] = f"at {at}, loss {loss:.3g}{self.notes[run]}"

    def _note(self, run: int, at: str, seen: _Seen) -> None:
        """Add what a run's reader should know of its numbers, each once."""
        clipped = (
            math.isfinite(seen.loss) and seen.rho != seen.requested_rho and not math.isnan(seen.requested_rho)
        )
        notes = {
            LIFTED: "" if seen.lifted else None,
            MISSED: None if math.isnan(seen.missed) else f" after t = {seen.missed:.3g}; lower it to know",
            CLIPPED: f" first at {at} ({seen.requested_rho:.3g}) and was clipped" if clipped else None,
        }
        for note, rest in notes.items():
            if rest is not None and note not in self.notes[run]:
                self.notes[run] += note + rest

    def _look(self, here: LinearizedDynamics, clock: Clock) -> list[_Seen]:
        """Return what the verdict on each run rests on."""
        largest, known = here.w.abs().amax(1), here.kernel().isfinite().flatten(1).all(1)
        far = torch.finfo(here.w.dtype).eps ** -FAR * self._largest.clamp(min=1.0)
        delta = prediction_rounding(self.system, here.modes.linear, here.w)
        blur = in_metric(delta, here.modes.root)
        lost = delta.norm(dim=1) > self._known / torch.finfo(here.w.dtype).eps
        done, gone = fitted(self.system, here.prediction, delta), (largest > far) | lost | ~known
        left = changeable(self.system, here)
        lifted, missed = here.lifted, torch.full_like(here.loss, torch.nan)
        if isinstance(clock, FlowClock):
            lifted, missed = lifted | clock.lifted, clock.missed
        sizes = (here.loss, here.rho, here.requested_rho, here.size, left, blur, largest)
        columns = (*sizes, done, gone, lifted, missed)
        return [_Seen(*row) for row in zip(*told(*columns), strict=True)]

    def _at_rest(self, seen: _Seen) -> str:
        """Say why nothing is left to do."""
        if seen.left <= seen.blur:
            return "what the weights can still change of the residual is rounding"
        share = seen.left / seen.size
        return f"the weights can still change {share:.1e} of the residual, at most clock.gtol = {self.gtol:g}"

    def _diverged(self, run: int, moment: float, seen: _Seen, clock: Clock) -> str:
        """Say how a run has left all bounds."""
        if moment == 0:
            kind = str(self.first.w.dtype).removeprefix("torch.")
            return (
                f"the loss or its derivatives overflow {kind} at the start: no step was taken; "
                "start elsewhere, or measure the data in other units"
            )
        why = f"a weight grew to {seen.largest:.1e}" if seen.gone else f"the loss grew to {seen.loss:.1e}"
        if not math.isfinite(seen.loss):
            why = "the loss is no longer finite"
        return f"diverged by {self._at(moment)}: {why}{_advice(clock, run)}"

    def _stopped(self, run: int, at: str, stop: Stop, here: LinearizedDynamics) -> str:
        """Say where a run has come to that its clock could not bring further."""
        if not here.underparameterized:
            return f"stopped at {at}: {stop.why}"
        what = "sigma_min(J)" if here.modes.root is None else "sigma_min(G^1/2 J)"
        was, now = (t.eigenvalues[run, -1].sqrt().item() for t in (self.first, here))
        if not stop.collapsed and not now < FELL * was:
            return f"stopped at {at}: {stop.why}"
        left = "left the region where the predictors form a manifold"
        return f"{left}: {what} fell from {was:.1e} to {now:.1e}; stopped at {at}: {stop.why}"

    def _at(self, time: float) -> str:
        return f"step {time:.0f}" if self.unit == "step" else f"t = {time:.4g}"

    def _are(self, status: Status) -> Tensor:
        return torch.tensor([s is status for s in self.status], device=self.first.loss.device)

    def _end(self, run: int, status: Status, text: str) -> None:
        self.status[run], self.text[run] = status, text + self.notes[run]


class _Seen(NamedTuple):
    """What is looked at in one run: see `LinearizedDynamics`, and `Verdicts._look`."""

    loss: float
    rho: float
    requested_rho: float
    size: float
    left: float
    blur: float
    largest: float
    fitted: bool
    gone: bool
    lifted: bool
    missed: float


def changeable(system: System, here: LinearizedDynamics) -> Tensor:
    """Return ||P z||, what the weights can change of the weighted residual to first order, shape (R,).

    P is the projector onto range B; 1/2 ||P z||^2 is what is left to gain. For p < n the rank is decided with
    columns of equal norm, so that it does not depend on the parameters' units.
    """
    frame = here.modes
    if not isinstance(frame, JacobianModes):
        return torch.where(here.resolved, here.coefficients, 0.0).norm(dim=1)
    frame = JacobianModes.of(frame.linear, frame.root, torch.ones_like(here.loss, dtype=torch.bool))
    z = weighted_residual(system, here.prediction)[1]
    along = (frame.vectors.mT @ z[:, :, None])[:, :, 0]
    return torch.where(frame.eigenvalues > frame.floor[:, None], along, 0.0).norm(dim=1)


def _advice(clock: Clock, run: int) -> str:
    return clock.advice(run) if isinstance(clock, StepClock) else ""
