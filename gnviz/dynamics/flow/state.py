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
from gnviz.dynamics.host import rows, to_host
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


Runs = tuple[int, ...]
"""Some of the runs, by their numbers."""


class Shelf:
    """Local solutions of R runs, that can be taken and put one by one.

    Attributes:
        places: Where each run's tangent is.
        parts: Their arrays, R rows each.
    """

    def __init__(self, solution: LocalSolution, places: Sequence[Place]) -> None:
        self.places = list(places)
        self.parts = [p.clone() for p in _parts(solution)]

    def take(self, runs: Runs) -> LocalSolution:
        """Return the solution of some runs."""
        at = rows(runs, self.parts[0].device)
        return LocalSolution(stack_rows([self.places[i] for i in runs]), *(p[at] for p in self.parts))

    def put(self, runs: Runs, solution: LocalSolution, good: Tensor, places: Sequence[Place]) -> None:
        """Set the solutions of `runs` to the given rows of a batch.

        Args:
            runs: Whose solutions are set.
            solution: A batch.
            good: The rows of the batch to take, one for each of `runs`, bool or numbers.
            places: Where the tangent of each is.
        """
        at = rows(runs, good.device)
        for mine, new in zip(self.parts, _parts(solution), strict=True):
            mine[at] = new[good]
        for run, place in zip(runs, places, strict=True):
            self.places[run] = place

    def forget(self, runs: Runs) -> None:
        """Remove the force from the solutions of some runs."""
        for part in self.parts[3:]:
            part[rows(runs, part.device)] = 0.0


def _parts(solution: LocalSolution) -> tuple[Tensor, ...]:
    return solution.w, solution.drive, solution.scale, solution.force, solution.force_modes


class FlowState:
    """Where each of R runs stands.

    Attributes:
        w: Weights at the end of the last step, shape (R, p).
        time: Flow time there, shape (R,); float64, since steps may be 1e-13 of it.
        loss: The least loss at an end of a step so far, shape (R,); a step to more is refused, but for
            rounding.
        step: Next step to try, shape (R,).
        decay: Certified decay int_0^t r_min ds and that promised by `apriori`, shape (R, 2).
        half_smallest: lambda_0 / 2, NaN where nothing is promised, shape (R,).
        slowest: The smaller of these rates at both ends of the last step, shape (R, 2).
        last: The last step's length, shape (R,).
        travelled: Length of the weights' path, shape (R,), each step in the units (`modes.units`) of its end.
        global_error: An estimate of the error of u, shape (R, n): see `_accumulate_error`.
        missed: When it was first more than was promised, NaN if never, shape (R,).
        lifted: Whether a curvature stood for a smaller one so far, bool, shape (R,).
        attempts: Steps tried so far, shape (R,).
        refusal: Why the last step that was refused was, shape (R,); see `gnviz.dynamics.flow.scheme.Refusal`.
        kept: Time up to which the promise's condition ||S_t - S_0|| <= lambda_0/2 has held at the end of
            every step, shape (R,), float64; it stays where the condition first fails.
        evaluations: Kernel evaluations so far, shape (R,): linearizations with an eigendecomposition each.
        ahead, path: The predictor of the next step, and the path of the last one.
        reached, stuck, tried: What the host knows of `time`, of whether a step has shrunk to nothing, and of
            `attempts`, a number for each run.
    """

    def __init__(self, system: System, w0: Tensor, first: LinearizedDynamics, first_step: float) -> None:
        first, zero = first.explicit(), torch.zeros_like(system.alpha)
        self.half_smallest = half_smallest(first)
        rates = _rates(system, first, self.half_smallest)
        runs, p = w0.shape
        self.w, self.time, self.loss = w0.clone(), zero.double(), first.loss.clone()
        self.step, self.decay, self.slowest = zero + first_step, torch.zeros_like(rates), rates.clone()
        self.last, self.travelled, self.refusal = zero.clone(), zero.clone(), zero.clone()
        self.kept, self._broken = zero.double().clone(), torch.zeros_like(zero, dtype=torch.bool)
        nothing = all(to_host(self.half_smallest.isnan())[0])
        self._first, self.lifted = None if nothing else first.modes, first.lifted.clone()
        self.attempts, self.evaluations = zero.long(), zero.long() + 1
        self.global_error, self._correction = (
            torch.zeros_like(first.prediction),
            torch.zeros_like(first.prediction),
        )
        self.missed = torch.full_like(self.time, torch.nan)
        self._refused = zero.long()
        self._rate = rates.clone()
        self._times = w0.new_zeros(runs, PAST, dtype=torch.float64)
        self._weights, self._speeds = w0.new_zeros(runs, PAST, p), w0.new_zeros(runs, PAST, p)
        self._count = zero.long()
        linear = linear_part(system, first)
        push = drive(linear, system.alpha)
        force = w0.new_zeros(runs, PAST + 1, p)
        solution = LocalSolution(
            linear, w0, push, zero + 1, force, w0.new_zeros(runs, PAST + 1, push.shape[1])
        )
        everyone = tuple(range(runs))
        places = [Place(linear, i, everyone) for i in range(runs)]
        self.ahead, self.path = Shelf(solution, places), Shelf(solution, places)
        self.look()

    def look(self) -> None:
        """Tell the host where all runs stand; after that `accept_or_retry` does."""
        stuck = _stuck(self.step, self.time)
        self.reached, self.stuck, self.tried = to_host(self.time, stuck, self.attempts)

    def nodes(self, runs: Runs, scale: Tensor) -> Nodes:
        """Return the past moments of some runs, in units of `scale`."""
        at = rows(runs, scale.device)
        s = ((self._times[at] - self.time[at, None]) / scale[:, None]).to(scale)
        known = (torch.arange(PAST, device=at.device) < self._count[at, None]) & (s > -FAR)
        return Nodes(torch.where(known, s, -1.0), known)

    def accept_or_retry(self, system: System, runs: Runs, trial: Trial, h: Tensor) -> None:
        """Take the outcome of a trial of some runs: go on where it is good, else try a smaller step.

        Here, once a step, the host waits for the device, to know which runs go on.

        Args:
            system: These runs.
            runs: Their numbers.
            trial: Its outcome.
            h: Steps tried, shape (len(runs),).
        """
        at = rows(runs, h.device)
        order = self._count[at].clamp(max=PAST) + 2
        factor = (SAFETY * trial.error.clamp(min=1e-10) ** (-1 / order)).clamp(SHRINK, GROW)
        accept = trial.error <= 1
        calm = torch.where(self._refused[at] > 0, factor.clamp(max=1.0), factor)
        step, time = h * torch.where(accept, calm, factor), self.time[at] + torch.where(accept, h, 0.0)
        refused = torch.where(accept, 0, self._refused[at] + 1)
        self.refusal[at] = torch.where(accept, self.refusal[at], trial.refusal)
        self.step[at], self._refused[at] = step, refused
        self.attempts[at] += 1
        self.evaluations[at] += 1
        change = self._change(at, trial.there)
        size = torch.zeros_like(h) if change is None else lengths(change.flatten(1), 1)
        unsure = accept & self._unsure(at, size)
        accepted, tired, doubt, reached, stuck = to_host(
            accept, refused >= PATIENCE, unsure, time, _stuck(step, time)
        )
        for i, run in enumerate(runs):
            self.reached[run], self.stuck[run], self.tried[run] = reached[i], stuck[i], self.tried[run] + 1
        if any(accepted):
            good = tuple(i for i, yes in enumerate(accepted) if yes)
            if change is not None:
                size = size if not any(doubt) else torch.where(unsure, spectral_norm(change), size)
                self._keep(at, size, good, h)
            self._accept(system, runs, trial, h, good)
        if any(tired):
            resting = tuple(run for run, yes in zip(runs, tired, strict=True) if yes)
            self._count[rows(resting, h.device)] = 0
            self.ahead.forget(resting)

    def _accept(self, system: System, runs: Runs, trial: Trial, h: Tensor, numbers: Runs) -> None:
        """Move the runs whose rows of the trial are good."""
        going = tuple(runs[i] for i in numbers)
        moved, good = rows(going, h.device), rows(numbers, h.device)
        rate = _rates(system, trial.there, self.half_smallest[rows(runs, h.device)])[good]
        self.path.put(going, trial.path, good, [self.ahead.places[i] for i in going])
        self._accumulate_error(rows(runs, h.device), trial, h, good)
        self._remember(moved, self.ahead.take(going))
        self.slowest[moved] = torch.minimum(self._rate[moved], rate)
        self._rate[moved] = rate
        self.last[moved] = h[good]
        self.lifted[moved] |= trial.there.lifted[good]
        self.decay[moved] += h[good, None] * self.slowest[moved]
        self.time[moved] += h[good]
        units = trial.there.modes.units
        way = trial.w[good] - self.w[moved]
        self.travelled[moved] += (way if units is None else units[good] * way).norm(dim=1)
        self.w[moved] = trial.w[good]
        self.loss[moved] = torch.minimum(self.loss[moved], trial.loss[good])
        solution = self._predictor(runs, trial, h)
        self.ahead.put(going, solution, good, [Place(trial.linear, i, runs) for i in numbers])

    def _accumulate_error(self, runs: Tensor, trial: Trial, h: Tensor, good: Tensor) -> None:
        """Add the errors of a step to the global one, and note when that was first more than is promised.

        Corrections are of order PAST + 2 in the step and what they leave is of the next one: the change of a
        correction from step to step, at equal steps (derived). Without a full past it is all of it.
        """
        before = (h / self.last[runs]) ** (PAST + 2)
        steady = (self._count[runs] == PAST)[:, None]
        left = trial.correction - torch.where(steady, before[:, None] * self._correction[runs], 0.0)
        moved, global_error = runs[good], (_forgotten(trial.there, self.global_error[runs], h) + left)[good]
        missed = (global_error.norm(dim=1) > trial.promise[good]) & self.missed[moved].isnan()
        self.missed[moved] = torch.where(missed, self.time[moved], self.missed[moved])
        self.global_error[moved], self._correction[moved] = global_error, trial.correction[good]

    def _change(self, runs: Tensor, there: LinearizedDynamics) -> Tensor | None:
        """Return S - S_0 of the runs of a trial, shape (r, n, n); None if nothing is promised."""
        if self._first is None:
            return None
        first = weighted(self._first.kernel(), self._first.root)
        return weighted(there.kernel(), there.modes.root) - first[runs]

    def _unsure(self, runs: Tensor, size: Tensor) -> Tensor:
        """Return where a Frobenius norm, no smaller than the spectral one, does not tell, bool, (r,)."""
        half = self.half_smallest[runs]
        return ~(size <= half) & ~self._broken[runs] & ~half.isnan()

    def _keep(self, runs: Tensor, size: Tensor, numbers: Runs, h: Tensor) -> None:
        """Note how long the promise's condition holds, for ||S - S_0|| at the ends of steps that are good."""
        good = rows(numbers, h.device)
        moved = runs[good]
        self._broken[moved] |= ~(size[good] <= self.half_smallest[moved])
        self.kept[moved] = torch.where(self._broken[moved], self.kept[moved], self.time[moved] + h[good])

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

    def _predictor(self, runs: Runs, trial: Trial, h: Tensor) -> LocalSolution:
        """Return the solutions ahead of a trial's ends, through the past moments."""
        linear, nodes = trial.linear, self.nodes(runs, h)
        past = self._remainders(rows(runs, h.device), trial) * nodes.known[:, :, None]
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


def _stuck(step: Tensor, time: Tensor) -> Tensor:
    """Return whether steps have shrunk to nothing, bool, shape (R,)."""
    return step < SMALLEST_STEP * time.clamp(min=1e-3)


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
