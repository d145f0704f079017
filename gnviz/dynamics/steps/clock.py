"""The steps clock: discrete time, all runs taking the same number of steps, batched by what they compute.

Gradient descent, momentum and Adam share one forward and one backward pass; damped schedules share one
Cholesky factorization per run, those that read the spectrum one eigendecomposition. Between two recorded
moments the device is never waited for: what went wrong in a batch is looked at once at the end, and its
runs then take the same steps again by the spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from gnviz import experiment as definition
from gnviz.dynamics.clocks import State, StepRecord, Tick
from gnviz.dynamics.host import rows, settled, to_host
from gnviz.dynamics.kept import damaged_unless, fitting
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.directions import cholesky, gradient, solver_for, spectral
from gnviz.dynamics.steps.optimizers import optimizers_for
from gnviz.dynamics.steps.rest import Rest, Tolerances
from gnviz.dynamics.steps.step_sizes import (
    Fixed,
    LineSearch,
    Outcome,
    Stable,
    StepSize,
    advice,
    first_sizes,
    stretches,
)
from gnviz.dynamics.steps.stepper import Descent, Stepper
from gnviz.dynamics.steps.trust_region import TrustRegionSteps
from gnviz.dynamics.stop import Stop
from gnviz.methods import Method
from gnviz.methods.trust_region import TrustRegion
from gnviz.results import Status

KINDS = {"gradient": gradient, "cholesky": cholesky, "spectral": spectral, "trust-region": None}
"""What a batch computes."""


@dataclass(eq=False)
class Batch:
    """Runs that take their steps together.

    Attributes:
        kind: A key of `KINDS`.
        runs: Their positions among the clock's runs.
        system: Data and settings of these runs.
        w: Their weights, shape (r, p).
        stepper: Takes the steps.
    """

    kind: str
    runs: list[int]
    system: System
    w: Tensor
    stepper: Stepper


class StepClock:
    """Takes steps with R runs.

    Args:
        system: The runs.
        w0: Initial weights, shape (R, p).
        knobs: Step rule and size.
        first: The dynamics at w0.

    Attributes:
        w: Weights, shape (R, p).
        decay, apriori_decay: NaN: certificates speak of the flow.
        evaluations: Steps computed, one linearization each, shape (R,).
        record: What the last steps were like.
    """

    def __init__(
        self, system: System, w0: Tensor, knobs: definition.Clock, first: LinearizedDynamics
    ) -> None:
        self._system, self._knobs, self._first = system, knobs, first
        self.w, self._done = w0.clone(), 0
        self.evaluations = torch.zeros(len(w0), dtype=torch.long, device=w0.device)
        methods, alpha = system.methods, system.alpha
        self._eta = first_sizes(knobs.step_size, methods, alpha, first)
        self._stretch = stretches(methods, alpha)
        self._tolerances = Tolerances.of(knobs, w0.dtype)
        self._rest, self._rested = torch.zeros_like(alpha), torch.zeros_like(alpha)
        nothing = torch.full_like(alpha, torch.nan)
        self.decay = self.apriori_decay = nothing
        self.record = StepRecord(nothing, nothing, nothing, nothing)
        by_kind: dict[str, list[int]] = {}
        for run in sorted(range(len(methods)), key=lambda r: type(methods[r]).__name__):
            by_kind.setdefault(_kind(methods[run], system.in_parameter_space), []).append(run)
        self._batches = [self._batch(kind, runs, self.w) for kind, runs in by_kind.items()]
        self._note_rho()

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Step the marked runs until `moment` steps have been taken in all."""
        steps = range(self._done, int(moment))
        going = {run for run, on in enumerate(running.tolist()) if on}
        for batch in list(self._batches):
            self._keep(batch, [i for i, run in enumerate(batch.runs) if run in going])
        for batch in list(self._batches):
            self._advance(batch, steps, tick)
        self._done = steps.stop
        for batch in self._batches:
            self.w = _placed(self.w, batch.runs, batch.w)
        self._note_rho()

    @property
    def lifted(self) -> Tensor:
        """False: each step is judged by where it ends, shape (R,)."""
        return torch.zeros_like(self.decay, dtype=torch.bool)

    @property
    def missed(self) -> Tensor:
        """NaN: steps are exact, shape (R,)."""
        return self.decay

    @property
    def kept(self) -> Tensor:
        """NaN: there is no promise, shape (R,)."""
        return self.decay

    def stopped(self, run: int) -> Stop | None:
        """Say after which step and why a run came to rest."""
        rest = Rest(int(self._rest[run]))
        if rest is Rest.NONE:
            return None
        return Stop(self._rested[run].item(), Status.CONVERGED, self._tolerances.words(rest))

    def advice(self, run: int) -> str:
        """Say what to do about a run that diverged."""
        eta, largest = self._eta[run].item(), self._first.rate[run].amax().item()
        return advice(self._knobs.step_rule, self._system.methods[run], eta, largest)

    def state_dict(self) -> State:
        """Return all that changes from moment to moment, by name."""
        out = {"w": self.w, "done": torch.tensor(self._done), "evaluations": self.evaluations}
        out |= {"rest": self._rest, "rested": self._rested}
        out |= {f"record.{name}": value for name, value in self.record._asdict().items()}
        for number, batch in enumerate(self._batches):
            out[f"{number}.kind"] = torch.tensor(list(KINDS).index(batch.kind))
            out[f"{number}.runs"] = torch.tensor(batch.runs)
            out |= {f"{number}.state.{name}": value for name, value in batch.stepper.save().items()}
        return {name: value.clone() for name, value in out.items()}

    def load_state_dict(self, state: State) -> None:
        """Go on from what `state_dict` returned."""
        own = {"w": self.w, "done": torch.tensor(self._done), "evaluations": self.evaluations}
        mine = fitting(state, own | {"rest": self._rest, "rested": self._rested})
        self.w, self._done = mine["w"].clone(), int(mine["done"])
        self.evaluations = mine["evaluations"].clone()
        self._rest, self._rested = mine["rest"].clone(), mine["rested"].clone()
        damaged_unless(set(self._rest.tolist()) <= set(Rest), "its runs rest for no known reason")
        self.record = StepRecord(**fitting(state, self.record._asdict(), "record."))
        self._batches = []
        while (prefix := f"{len(self._batches)}.") + "kind" in state:
            kind, runs = self._kept_batch(state, prefix)
            batch = self._batch(kind, runs, self.w)
            kept = fitting(state, batch.stepper.save(), prefix + "state.")
            batch.stepper.load({name: value.clone() for name, value in kept.items()})
            self._batches.append(batch)
        known = [run for batch in self._batches for run in batch.runs]
        damaged_unless(len(set(known)) == len(known), "a run is in two of its batches")

    def _kept_batch(self, state: State, prefix: str) -> tuple[str, list[int]]:
        """Return the kind and the runs of a batch that `state_dict` kept."""
        runs = state.get(prefix + "runs", torch.empty(0))
        kind = fitting(state, {"kind": torch.tensor(0)}, prefix)["kind"]
        whole = runs.dtype == torch.long and runs.ndim == 1 and len(runs) > 0
        damaged_unless(whole and int(kind) in range(len(KINDS)), "a batch of it is of no kind")
        numbers, kind = runs.tolist(), list(KINDS)[int(kind)]
        methods = self._system.methods
        damaged_unless(all(0 <= run < len(methods) for run in numbers), "it has other runs")
        damaged_unless(
            all((kind == "trust-region") == isinstance(methods[run], TrustRegion) for run in numbers),
            "its batches are of other methods",
        )
        return kind, numbers

    def _batch(self, kind: str, runs: list[int], w: Tensor) -> Batch:
        """Return a batch of these runs as they are at the start, with weights from w (R, p)."""
        everyone = runs == list(range(len(self._system.methods)))
        index = rows(tuple(runs), w.device)
        system = self._system.part(tuple(runs))
        w = w if everyone else w[index]
        solve = KINDS[kind]
        if solve is None:
            methods = cast("list[TrustRegion]", system.methods)
            stepper = TrustRegionSteps(methods, system, self._first, index, self._tolerances)
        else:
            stepper = Descent(system, solve, optimizers_for(system.methods, w), self._size(index))
        return Batch(kind, runs, system, w, stepper)

    def _size(self, runs: Tensor) -> StepSize:
        eta = self._eta[runs]
        if self._knobs.step_rule == "stable":
            return Stable(eta, self._first.vectors[runs, :, 0], self._stretch[runs])
        return LineSearch(eta) if self._knobs.step_rule == "line-search" else Fixed(eta)

    def _keep(self, batch: Batch, positions: list[int]) -> None:
        """Leave only some runs of a batch in it."""
        if len(positions) < len(batch.runs):
            at = self._batches.index(batch)
            now = (batch.w, batch.stepper.save())
            self._batches[at : at + 1] = [self._part(batch, batch.kind, positions, *now)] if positions else []

    def _part(self, batch: Batch, kind: str, positions: list[int], w: Tensor, memory: State) -> Batch:
        """Return a batch of some runs of another one, with that one's weights and memory at some time."""
        part = self._batch(kind, [batch.runs[i] for i in positions], self.w)
        part.w = w[positions]
        part.stepper.load({name: value[positions] for name, value in memory.items()})
        return part

    def _advance(self, batch: Batch, steps: range, tick: Tick) -> None:
        """Take steps with a batch; runs that fail take them again by the spectrum, among themselves."""
        before, start = batch.stepper.save(), batch.w
        count, failed = None, None
        self.evaluations[rows(tuple(batch.runs), start.device)] += len(steps)
        outcome = Outcome(batch.w, batch.system.alpha)
        for index in steps:
            tick()
            outcome = batch.stepper.step(batch.system, batch.w, index)
            batch.w = outcome.w
            if outcome.taken is not None:
                count = outcome.taken.to(start.dtype) if count is None else count + outcome.taken
            if outcome.rest is not None and settled(outcome.rest > 0):
                break
            if outcome.failed is not None:
                failed = outcome.failed if failed is None else failed | outcome.failed
        self._note(batch, outcome, 1.0 if count is None else count / max(len(steps), 1))
        again = [i for i, lost in enumerate(to_host(failed)[0]) if lost] if failed is not None else []
        if again:
            redo = self._part(batch, "spectral", again, start, before)
            self._keep(batch, [i for i in range(len(batch.runs)) if i not in again])
            self._batches.append(redo)
            self._advance(redo, steps, tick)

    def _note(self, batch: Batch, outcome: Outcome, accepted: Tensor | float) -> None:
        if outcome.rest is not None and outcome.rested is not None:
            self._rest = _placed(self._rest, batch.runs, outcome.rest)
            self._rested = _placed(self._rested, batch.runs, outcome.rested)
        values = {"step_size": outcome.step_size, "gain": outcome.gain, "accepted": accepted}
        for name, value in values.items():
            if value is not None:
                old = getattr(self.record, name)
                new = value if isinstance(value, Tensor) else torch.full_like(batch.system.alpha, value)
                self.record = self.record._replace(**{name: _placed(old, batch.runs, new)})

    def _note_rho(self) -> None:
        for batch in self._batches:
            if batch.stepper.rho is not None:
                rho = _placed(self.record.rho, batch.runs, batch.stepper.rho)
                self.record = self.record._replace(rho=rho)


def _kind(method: Method, in_parameter_space: bool) -> str:
    if method.own_steps:
        return "trust-region"
    return solver_for(method, in_parameter_space).__name__


def _placed(all_runs: Tensor, runs: Sequence[int], values: Tensor) -> Tensor:
    """Return an array of all runs with new values for some; no copy where these are all, in order."""
    if list(runs) == list(range(len(all_runs))):
        return values
    new = all_runs.clone()
    new[rows(tuple(runs), new.device)] = values
    return new
