"""How a run stands: one status word and one plain sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gnviz.dynamics.clocks import Clock
from gnviz.dynamics.host import to_host
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, weighted_residual
from gnviz.dynamics.linearized.modes import JacobianModes
from gnviz.dynamics.linearized.rounding import fitted, in_metric, prediction_rounding
from gnviz.dynamics.linearized.system import System
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

LIFTED = "; the loss's curvature at some sample was less than rounding: a larger one stood for it"
CLIPPED = "; its formula left (0, 1]"
MISSED = "; the accuracy clock.tol may not have been kept"
"""Beginnings of notes, by which it is known that they have been made."""


class Seen(NamedTuple):
    """What the verdict on one run rests on: see `LinearizedDynamics`, and `look`.

    Attributes:
        loss, rho, requested_rho, size: As there.
        left: What the weights can still change of the weighted residual to first order.
        blur: Size of the rounding errors of the weighted residual, ||G^{1/2} delta||.
        largest: The largest |weight|.
        rounding: ||delta||, size of the rounding errors of the predictions.
        smallest: The smallest singular value of B = G^{1/2} J.
        fitted: Whether every sample is fitted to rounding.
        finite: Whether the kernel is.
        lifted: Whether a curvature stood for a smaller one so far.
        missed: When the estimated error was first more than is promised, NaN if never.
    """

    loss: float
    rho: float
    requested_rho: float
    size: float
    left: float
    blur: float
    largest: float
    rounding: float
    smallest: float
    fitted: bool
    finite: bool
    lifted: bool
    missed: float


class Mover(Protocol):
    """What moves the runs, as far as the verdicts ask it."""

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        ...

    def advice(self, run: int) -> str:
        """Say, as the end of a sentence, what keeps a run like this from diverging; empty if nothing does."""
        ...


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
        loss, system, w0 = self.first.loss, self.system, self.first.w
        self.status = [Status.RUNNING] * len(loss)
        self.text, self.notes = [""] * len(loss), [""] * len(loss)
        self.until, self.end_loss = torch.zeros_like(loss).double(), torch.full_like(loss, torch.nan)
        usual = loss.maximum(system.loss.value(torch.zeros_like(system.y), system.y))
        self._eps = torch.finfo(w0.dtype).eps
        self._far = (self._eps**-FAR * w0.abs().amax(1).clamp(min=1.0)).tolist()
        known = prediction_rounding(system, self.first.modes.linear, w0).norm(dim=1)
        rounding = system.loss.steepest / 2 * known.square()  # of targets that are met at the start
        self._most = (DIVERGED * usual.maximum(rounding)).tolist()
        self._lost = (torch.where(known > 0, known, torch.inf) / self._eps).tolist()

    def times(self, moment: float) -> Tensor:
        """Return the time at which to observe each run, shape (R,): `moment`, or when it ended."""
        return torch.where(self.running, moment, self.until).to(self.first.loss)

    @property
    def running(self) -> Tensor:
        """Which runs go on, bool, shape (R,)."""
        return self._are(Status.RUNNING)

    @property
    def under_way(self) -> bool:
        """Whether any run goes on."""
        return Status.RUNNING in self.status

    @property
    def end_time(self) -> Tensor:
        """Where each run has ended, NaN for those that go on, shape (R,)."""
        return torch.where(self.running, torch.nan, self.until)

    def absent(self, moment: float) -> Tensor:
        """Return which runs have nothing to record at a moment, bool, shape (R,).

        They ended before it, or have diverged: their numbers mean nothing any more.
        """
        return (self.until < moment) | self._are(Status.DIVERGED)

    def judge(self, moment: float, seen: Sequence[Seen], mover: Mover, *, last: bool) -> None:
        """Update status and text of the runs that were running.

        Args:
            moment: A recorded moment.
            seen: What each run is like there, or where it has come to; ended ones are not looked at.
            mover: What moved the runs.
            last: Whether there is no later moment.
        """
        for run, one in enumerate(seen):
            if self.status[run] is not Status.RUNNING:
                continue
            self._judge(run, moment, one, mover, last=last)
            if self.status[run] not in (Status.RUNNING, Status.DIVERGED):
                self.end_loss = self.end_loss.clone()  # snapshots may hold the one before
                self.end_loss[run] = one.loss

    def _judge(self, run: int, moment: float, seen: Seen, mover: Mover, *, last: bool) -> None:
        stop, loss = mover.stopped(run), seen.loss
        time = moment if stop is None else stop.time
        self.until[run] = time
        at = self._at(time)
        self._note(run, at, seen)
        if self._gone(run, seen) or not math.isfinite(loss) or loss > self._most[run]:
            self._end(run, Status.DIVERGED, self._diverged(run, moment, seen, mover))
        elif math.isnan(seen.requested_rho):
            self._end(run, Status.UNDEFINED, f"stopped at {at}: the formula for rho has no value there")
        elif stop and stop.status is Status.CONVERGED:
            self._end(run, Status.CONVERGED, f"converged at {at}: {stop.why}; loss {loss:.3g}")
        elif seen.fitted:
            self._end(run, Status.CONVERGED, f"converged by {at}: loss {loss:.1e} is rounding")
        elif seen.left <= max(seen.blur, self.gtol * seen.size):
            self._end(run, Status.CONVERGED, f"converged by {at}: {self._at_rest(seen)}; loss {loss:.3g}")
        elif stop:
            self._end(run, stop.status, self._stopped(run, at, stop, seen))
        elif last:
            reached = f"the last step, {moment:.0f}," if self.unit == "step" else at
            self._end(run, Status.FINISHED, f"reached {reached} with loss {loss:.3g}")
        else:
            self.text[run] = f"at {at}, loss {loss:.3g}{self.notes[run]}"

    def _gone(self, run: int, seen: Seen) -> bool:
        """Return whether nothing of the start is left beside the weights, or of the predictions."""
        return seen.largest > self._far[run] or seen.rounding > self._lost[run] or not seen.finite

    def _note(self, run: int, at: str, seen: Seen) -> None:
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

    def _at_rest(self, seen: Seen) -> str:
        """Say why nothing is left to do."""
        if seen.left <= seen.blur:
            return "what the weights can still change of the residual is rounding"
        share = seen.left / seen.size
        return f"the weights can still change {share:.1e} of the residual, at most clock.gtol = {self.gtol:g}"

    def _diverged(self, run: int, moment: float, seen: Seen, mover: Mover) -> str:
        """Say how a run has left all bounds."""
        if moment == 0:
            kind = str(self.first.w.dtype).removeprefix("torch.")
            return (
                f"the loss or its derivatives overflow {kind} at the start: no step was taken; "
                "start elsewhere, or measure the data in other units"
            )
        gone = self._gone(run, seen)
        why = f"a weight grew to {seen.largest:.1e}" if gone else f"the loss grew to {seen.loss:.1e}"
        if not math.isfinite(seen.loss):
            why = "the loss is no longer finite"
        return f"diverged by {self._at(moment)}: {why}{mover.advice(run)}"

    def _stopped(self, run: int, at: str, stop: Stop, seen: Seen) -> str:
        """Say where a run has come to that its clock could not bring further."""
        if not self.first.underparameterized:
            return f"stopped at {at}: {stop.why}"
        what = "σ_min(J)" if self.first.modes.root is None else "σ_min(G^½ J)"
        was, now = self.first.eigenvalues[run, -1].sqrt().item(), seen.smallest
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


def look(system: System, here: LinearizedDynamics, clock: Clock) -> list[Seen]:
    """Return what the verdict on each run rests on.

    Args:
        system: The runs.
        here: The dynamics at a moment, or where a run has come to.
        clock: What moved the runs.
    """
    delta = prediction_rounding(system, here.modes.linear, here.w)
    columns = (
        here.loss, here.rho, here.requested_rho, here.size, changeable(system, here),
        in_metric(delta, here.modes.root), here.w.abs().amax(1), delta.norm(dim=1),
        here.eigenvalues[:, -1].sqrt(), fitted(system, here.prediction, delta),
        here.kernel().isfinite().flatten(1).all(1), here.lifted | clock.lifted, clock.missed,
    )  # fmt: skip
    return [Seen(*row) for row in zip(*to_host(*columns), strict=True)]


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
