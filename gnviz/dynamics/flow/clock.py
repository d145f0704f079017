"""The flow clock: every run takes steps of its own size, past the moments that are to be recorded."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.dynamics.flow import saved
from gnviz.dynamics.flow.scheme import Refusal, attempt
from gnviz.dynamics.flow.state import FlowState, Runs
from gnviz.dynamics.host import rows
from gnviz.dynamics.kept import fitting
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.stop import Stop
from gnviz.results import Status

FIRST_STEP = 1e-3
"""The flow's first trial step, in flow time: a small part of 1 / (rate of Gauss-Newton)."""

MAX_STEPS = 5_000
"""Attempted steps after which a run is given up; the headline runs take some 150."""


WORDS = {
    Refusal.INACCURATE: "no step is small enough to follow the flow further",
    Refusal.RISES: "no step is small enough for the loss not to rise, as it does under the flow",
    Refusal.NOT_FINITE: "just beyond, the model's outputs or derivatives are not finite",
    Refusal.COLLAPSED: "just beyond, a direction of the predictor manifold is lost in rounding",
}
"""Why a run got stuck, in plain words."""

REFUSED_FOR = dict.fromkeys(Refusal, Status.SINGULAR) | {Refusal.NOT_FINITE: Status.UNDEFINED}
"""Status of a run that got stuck, by why its last step was refused."""


class FlowClock:
    """Continuous time: steps are as long as the kernel's change allows, and moments are read off their paths.

    Args:
        system: R runs.
        w0: Weights at time 0, shape (R, p).
        tol: Wanted accuracy of the trajectory, relative to the residual.
        first: The dynamics at time 0, if known.
    """

    record = None

    def __init__(
        self, system: System, w0: Tensor, tol: float, first: LinearizedDynamics | None = None
    ) -> None:
        self._system, self._tol = system, tol
        if first is None or (system.in_parameter_space and system.any_undamped):
            first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha), equilibrated=True)
        self._state = FlowState(system, w0, first, FIRST_STEP)
        self._late = torch.zeros(len(w0), dtype=torch.bool, device=w0.device)
        self._w, self._decay = w0.clone(), torch.zeros_like(self._state.decay)

    @property
    def w(self) -> Tensor:
        """Weights at the moment last asked for, shape (R, p)."""
        return self._w

    @property
    def decay(self) -> Tensor:
        """Certified decay up to that moment, shape (R,)."""
        return self._decay[:, 0]

    @property
    def apriori_decay(self) -> Tensor:
        """Promised decay up to that moment, NaN where nothing is promised, shape (R,)."""
        return torch.where(self._state.half_smallest.isnan(), torch.nan, self._decay[:, 1])

    @property
    def evaluations(self) -> Tensor:
        """Kernel evaluations of the scheme so far, shape (R,)."""
        return self._state.evaluations

    @property
    def lifted(self) -> Tensor:
        """Whether a curvature stood for a smaller one so far, bool, shape (R,)."""
        return self._state.lifted

    @property
    def missed(self) -> Tensor:
        """When the estimated error was first more than `clock.tol` promises, NaN if never, shape (R,)."""
        return self._state.missed

    def advance(self, moment: float, running: Tensor, tick: Callable[[], None]) -> None:
        """Bring running runs to flow time `moment`, or to where they get stuck."""
        state = self._state
        going = tuple(run for run, on in enumerate(running.tolist()) if on)
        self._follow(moment, going, tick)
        self._late = running & (state.time < moment)
        self._read(moment, going)

    def _follow(self, moment: float, going: Runs, tick: Callable[[], None]) -> None:
        """Take steps with some runs until each is at a moment or past it, or cannot go on."""
        while runs := tuple(run for run in going if self._able(run, moment)):
            tick()
            step(self._system.part(runs), self._state, runs, self._tol)

    def _able(self, run: int, moment: float) -> bool:
        """Return whether a run is before a moment, and can step."""
        state = self._state
        return state.reached[run] < moment and not state.stuck[run] and state.tried[run] < MAX_STEPS

    def _read(self, moment: float, runs: Runs) -> None:
        """Set weights and decays of some runs to those at `moment`, or at the last they reached."""
        state, at = self._state, rows(runs, self._w.device)
        back = (state.time[at] - moment).clamp(min=0).to(state.decay)
        self._decay[at] = state.decay[at] - back[:, None] * state.slowest[at]
        self._w[at] = state.w[at]
        if inside := tuple(run for run in runs if state.reached[run] > moment):
            at, path = rows(inside, at.device), state.path.take(inside)
            back = (state.time[at] - moment).to(state.decay)
            self._w[at] = path.at(path.phi_values(state.last[at] - back))

    @property
    def kept(self) -> Tensor:
        """Time up to which the promise's condition is known to have held, NaN without one, shape (R,)."""
        return torch.where(self._state.half_smallest.isnan(), torch.nan, self._state.kept)

    def stopped(self, run: int) -> Stop | None:
        """Say at what time and why a run got stuck."""
        if not self._late[run]:
            return None
        state = self._state
        return stop_of(state.time[run].item(), bool(state.stuck[run]), int(state.refusal[run]))

    def state_dict(self) -> State:
        """Return copies of all that changes from moment to moment, by name."""
        mine = {"w": self._w, "decay": self._decay, "late": self._late}
        flow = {f"flow.{name}": value for name, value in saved.save(self._state).items()}
        return {name: value.clone() for name, value in mine.items()} | flow

    def load_state_dict(self, state: State) -> None:
        """Go on from what `state_dict` returned."""
        mine = fitting(state, {"w": self._w, "decay": self._decay, "late": self._late})
        self._w, self._decay, self._late = (value.clone() for value in mine.values())
        flow = {k.removeprefix("flow."): v for k, v in state.items() if k.startswith("flow.")}
        saved.load(self._state, self._system, flow)


def stop_of(time: float, stuck: bool, refusal: int) -> Stop:
    """Say why a run came no further: it is stuck, for this `Refusal`, or has taken too many steps.

    Args:
        time: Flow time at which the run stands.
        stuck: Whether no step is small enough for it.
        refusal: Why, a `Refusal`; of no meaning if it is not stuck.
    """
    if not stuck:
        helps = "damp more, such as constant(rho=0.0001) in place of gauss-newton"
        return Stop(time, Status.STEP_LIMIT, f"gave up after {MAX_STEPS} steps; {helps}")
    why = Refusal(refusal)
    return Stop(time, REFUSED_FOR[why], WORDS[why], collapsed=why is Refusal.COLLAPSED)


def step(system: System, state: FlowState, runs: Runs, tol: float) -> None:
    """Try one step with the given runs, whose system this is; `state` is changed in place.

    Args:
        system: The system of these runs alone.
        state: The state of all runs, changed in place.
        runs: Which of them try.
        tol: What `clock.tol` asks for.
    """
    at = rows(runs, state.step.device)
    h, ahead = state.step[at], state.ahead.take(runs)
    nodes = state.nodes(runs, ahead.scale)
    time, travelled = (state.time[at] + h).to(h), state.travelled[at]
    trial = attempt(system, ahead, nodes, h, time, tol, state.loss[at], travelled)
    state.accept_or_retry(system, runs, trial, h)
