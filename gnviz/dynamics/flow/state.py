"""Where each run of the flow stands: the step it is about to take, and the path of the one before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gnviz.dynamics.flow.apriori import apriori_rate, half_smallest
from gnviz.dynamics.flow.interpolation import derivatives
from gnviz.dynamics.flow.local_solution import LocalSolution
from gnviz.dynamics.flow.scheme import PAST, Nodes, Trial
from gnviz.dynamics.flow.second_order import drive, linear_part
from gnviz.dynamics.flow.stacked import Place, stack_rows
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.modes import weighted
from gnviz.dynamics.linearized.norms import lengths, spectral_norm
from gnviz.dynamics.linearized.system import System

SAFETY, SHRINK, GROW = 0.8, 0.2, 2.0
"""Step-size controller: margin, and bounds of the change from one step to the next. Where steps
grow faster, past moments crowd together and their rounding is extrapolated (5 took as many kernels)."""

PATIENCE = 2
"""Refusals in a row after which the past is forgotten: a polynomial does not describe what happens here."""

FAR = 1e3
"""Past moments that are this many steps away say nothing of the next one."""

SMALLEST_STEP = 1e-13
"""Step, relative to the time reached, under which a run is declared stuck."""


class Shelf:
    """Segments of R runs, that can be taken and put one by one.

    Attributes:
        places: Where each run's tangent is.
        parts: The segments' arrays, R rows each.
    """

    def __init__(self, segment: LocalSolution, places: Sequence[Place]) -> None:
        self.places = list(places)
        self.parts = [p.clone() for p in _parts(segment)]

    def take(self, runs: Tensor) -> LocalSolution:
        """Return the segment of some runs, given by index."""
        return LocalSolution(
            stack_rows([self.places[i] for i in runs.tolist()]), *(p[runs] for p in self.parts)
        )

    def put(self, runs: Tensor, segment: LocalSolution, rows: Tensor, places: Sequence[Place]) -> None:
        """Set the segments of `runs` to the given rows of a batch."""
        for mine, new in zip(self.parts, _parts(segment), strict=True):
            mine[runs] = new[rows]
        for run, place in zip(runs.tolist(), places, strict=True):
            self.places[run] = place

    def forget(self, runs: Tensor) -> None:
        """Remove the force from the segments of some runs."""
        for part in self.parts[3:]:
            part[runs] = 0.0


def _parts(segment: LocalSolution) -> tuple[Tensor, ...]:
    return segment.w, segment.drive, segment.scale, segment.force, segment.force_modes


class FlowState:
    """Where each of R runs stands.

    Attributes:
        w: Weights at the end of the last step, shape (R, p).
        time: Flow time there, shape (R,); float64, since steps may be 1e-13 of it.
        loss: The least loss at an end of a step so far, shape (R,): rounding must not add up to a rise.
        step: Next step to try, shape (R,).
        decay: Certified decay int_0^t r_min ds and that promised by `apriori`, shape (R, 2).
        half: lambda_0 / 2, NaN where nothing is promised, shape (R,).
        slowest: The smaller of these rates at both ends of the last step, shape (R, 2).
        last: The last step's length, shape (R,).
        travelled: Length of the weights' path, shape (R,), in units of the frames that it was found in.
        debt: An estimate of the error of u, shape (R, n): see `_owe`.
        missed: When it was first more than was promised, NaN if never, shape (R,).
        lifted: Whether a curvature stood for a smaller one so far (`Tangent.lifted`), bool, shape (R,).
        attempts: Steps tried so far, shape (R,).
        refusal: Why the last step that was refused was, shape (R,); see `gnviz.dynamics.flow.scheme.Refusal`.
        kept: Time up to which the promise's condition ||S_t - S_0|| <= lambda_0/2 has held at the end of
            every step, shape (R,), float64; it stays where the condition first fails.
        evaluations: Kernel evaluations so far, shape (R,): linearizations with an eigendecomposition each.
        ahead, path: The predictor of the next step, and the path of the last one.
    """

    def __init__(self, system: System, w0: Tensor, first: LinearizedDynamics, first_step: float) -> None:
        zero = torch.zeros_like(system.alpha)
        self.half_smallest = half_smallest(first)
        rates = _rates(system, first, self.half_smallest)
        runs, p = w0.shape
        self.w, self.time, self.loss = w0.clone(), zero.double(), first.loss.clone()
        self.step, self.decay, self.slowest = zero + first_step, torch.zeros_like(rates), rates.clone()
        self.last, self.travelled, self.refusal = zero.clone(), zero.clone(), zero.clone()
        self.kept, self._broken = zero.double().clone(), torch.zeros_like(zero, dtype=torch.bool)
        self._first, self.lifted = (
            None if self.half_smallest.isnan().all() else first.modes,
            first.lifted.clone(),
        )
        self.attempts, self.evaluations = zero.long(), zero.long() + 1
        self.debt, self._slip = torch.zeros_like(first.prediction), torch.zeros_like(first.prediction)
        self.missed = torch.full_like(self.time, torch.nan)
        self._refused = zero.long()
        self._rate = rates.clone()
        self._times = w0.new_zeros(runs, PAST, dtype=torch.float64)
        self._weights, self._speeds = w0.new_zeros(runs, PAST, p), w0.new_zeros(runs, PAST, p)
        self._count = zero.long()
        linear = linear_part(system, first)
        push = drive(linear, system.alpha)
        force = w0.new_zeros(runs, PAST + 1, p)
        segment = LocalSolution(
            linear, w0, push, zero + 1, force, w0.new_zeros(runs, PAST + 1, push.shape[1])
        )
        everyone = torch.arange(runs, device=w0.device)
        places = [Place(linear, i, everyone) for i in range(runs)]
        self.ahead, self.path = Shelf(segment, places), Shelf(segment, places)

    @property
    def stuck(self) -> Tensor:
        """Whether the step has shrunk to nothing, shape (R,)."""
        return self.step < SMALLEST_STEP * self.time.clamp(min=1e-3)

    def nodes(self, runs: Tensor, scale: Tensor) -> Nodes:
        """Return the past moments of some runs, in units of `scale`."""
        s = ((self._times[runs] - self.time[runs, None]) / scale[:, None]).to(scale)
        known = (torch.arange(PAST, device=runs.device) < self._count[runs, None]) & (s > -FAR)
        return Nodes(torch.where(known, s, -1.0), known)

    def settle(self, system: System, runs: Tensor, trial: Trial, h: Tensor) -> None:
        """Take the outcome of a trial of some runs: go on where it is good, else try a smaller step.

        Args:
            system: These runs.
            runs: Their indices.
            trial: Its outcome.
            h: Steps tried, shape (len(runs),).
        """
        order = torch.minimum(self._count[runs], torch.tensor(PAST, device=runs.device)) + 2
        factor = (SAFETY * trial.error.clamp(min=1e-10) ** (-1 / order)).clamp(SHRINK, GROW)
        accept = trial.error <= 1
        calm = torch.where(self._refused[runs] > 0, factor.clamp(max=1.0), factor)
        self.step[runs] = h * torch.where(accept, calm, factor)
        self.refusal[runs] = torch.where(accept, self.refusal[runs], trial.refusal)
        self.attempts[runs] += 1
        self.evaluations[runs] += 1
        self._refused[runs] = torch.where(accept, 0, self._refused[runs] + 1)
        if accept.any():
            rates = _rates(system, trial.there, self.half_smallest[runs])
            self._go_on(runs, trial, rates, h, accept.nonzero()[:, 0])
        tired = runs[self._refused[runs] >= PATIENCE]
        self._count[tired] = 0
        self.ahead.forget(tired)

    def _go_on(self, runs: Tensor, trial: Trial, rates: Tensor, h: Tensor, rows: Tensor) -> None:
        """Move the runs whose rows of the trial are good."""
        moved = runs[rows]
        self.path.put(moved, trial.path, rows, [self.ahead.places[i] for i in moved.tolist()])
        self._owe(runs, trial, h, rows)
        self._remember(moved, self.ahead.take(moved))
        rate = rates[rows]
        self.slowest[moved] = torch.minimum(self._rate[moved], rate)
        self._rate[moved] = rate
        self.last[moved] = h[rows]
        self.lifted[moved] |= trial.there.lifted[rows]
        self.decay[moved] += h[rows, None] * self.slowest[moved]
        self.time[moved] += h[rows]
        units = trial.there.modes.units
        way = trial.w[rows] - self.w[moved]
        self.travelled[moved] += (way if units is None else units[rows] * way).norm(dim=1)
        self.w[moved] = trial.w[rows]
        self._check(moved, rows, trial.there)
        self.loss[moved] = torch.minimum(self.loss[moved], trial.loss[rows])
        segment = self._predictor(runs, trial, h)
        self.ahead.put(moved, segment, rows, [Place(trial.linear, i, runs) for i in rows.tolist()])

    def _owe(self, runs: Tensor, trial: Trial, h: Tensor, rows: Tensor) -> None:
        """Add the errors of a step to what is owed, and note when that was first more than is promised.

        Corrections are of order PAST + 2 in the step and what they leave is of the next one: the change of a
        correction from step to step, at equal steps (derived). Without a full past it is all of it.
        """
        before = (h / self.last[runs]) ** (PAST + 2)
        steady = (self._count[runs] == PAST)[:, None]
        left = trial.slip - torch.where(steady, before[:, None] * self._slip[runs], 0.0)
        moved, debt = runs[rows], (_forgotten(trial.there, self.debt[runs], h) + left)[rows]
        missed = (debt.norm(dim=1) > trial.promise[rows]) & self.missed[moved].isnan()
        self.missed[moved] = torch.where(missed, self.time[moved], self.missed[moved])
        self.debt[moved], self._slip[moved] = debt, trial.slip[rows]

    def _check(self, moved: Tensor, rows: Tensor, there: LinearizedDynamics) -> None:
        """Note how long the promise's condition holds, in runs that have moved to their rows of a trial."""
        if self._first is None:
            return
        first = weighted(self._first.kernel(), self._first.root)
        change = weighted(there.kernel(), there.modes.root)[rows] - first[moved]
        size = lengths(change.flatten(1), 1)  # the Frobenius norm is no smaller than the spectral one
        unsure = (
            ~(size <= self.half_smallest[moved]) & ~self._broken[moved] & ~self.half_smallest[moved].isnan()
        )
        if unsure.any():
            size[unsure] = spectral_norm(change[unsure])
        self._broken[moved] |= ~(size <= self.half_smallest[moved])
        self.kept[moved] = torch.where(self._broken[moved], self.kept[moved], self.time[moved])

    def _remember(self, moved: Tensor, start: LocalSolution) -> None:
        """Add the point that some runs start from to their past."""
        speed = -start.tangent.pull_back(start.drive)
        for past, latest in (
            (self._times, self.time[moved]),
            (self._weights, start.w),
            (self._speeds, speed),
        ):
            past[moved] = past[moved].roll(1, 1)
            past[moved, 0] = latest
        self._count[moved] = (self._count[moved] + 1).clamp(max=PAST)

    def _predictor(self, runs: Tensor, trial: Trial, h: Tensor) -> LocalSolution:
        """Return the segments ahead of a trial's ends, through the past moments."""
        linear, nodes = trial.linear, self.nodes(runs, h)
        past = self._remainders(runs, trial) * nodes.known[:, :, None]
        force = torch.zeros_like(trial.path.force)
        force[:, :PAST] = derivatives(nodes.s, nodes.known) @ past
        modes = torch.stack([linear.push_forward(force[:, m]) for m in range(PAST + 1)], 1)
        return LocalSolution(linear, trial.w, trial.drive, h, force, modes)

    def _remainders(self, runs: Tensor, trial: Trial) -> Tensor:
        """Return N = F - F_n - L_n (w - w_n) at the past moments, 0 where it is rounding, (R, PAST, p)."""
        linear, now, out = trial.linear, trial.linear.pull_back(trial.drive), []
        for speed, w in zip(self._speeds[runs].unbind(1), self._weights[runs].unbind(1), strict=True):
            change = linear.pull_back(linear.gain * linear.push_forward(w - trial.w))
            out.append(_significant(trial.there, speed, now, change))
        return torch.stack(out, 1)


def _forgotten(there: LinearizedDynamics, du: Tensor, h: Tensor) -> Tensor:
    """Return what the frozen flow leaves of an error of the outputs after a time h, shape (R, n)."""
    root = there.modes.root
    du = du if root is None else root * du
    modes = torch.exp(-h[:, None] * there.rate) * (there.vectors.mT @ du[:, :, None])[:, :, 0]
    du = (there.vectors @ modes[:, :, None])[:, :, 0]
    return du if root is None else du / root


def _significant(there: LinearizedDynamics, *speeds: Tensor) -> Tensor:
    """Return the sum of speeds (R, p), or 0 where it is no more than their rounding.

    A mode's gain is known to eps lambda_1 gain, relative to itself, and speeds no better. A constant kernel
    leaves nothing else, and extrapolating it would add what the exact solution has not.
    """
    condition = (there.gain.amax(1) * there.eigenvalues[:, 0]).clamp(min=1.0)
    size = torch.stack([speed.norm(dim=1) for speed in speeds]).sum(0)
    total = torch.stack(speeds).sum(0)
    real = total.norm(dim=1) > torch.finfo(total.dtype).eps * condition * size
    return torch.where(real[:, None], total, 0.0)


def _rates(system: System, here: LinearizedDynamics, half: Tensor) -> Tensor:
    """Return the certified and the promised rate of R runs, shape (R, 2)."""
    return torch.stack([here.slowest, apriori_rate(system, here, half)], dim=1)
