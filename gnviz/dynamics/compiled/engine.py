"""The engine of small networks on the CPU: each run by itself, in machine code."""

from __future__ import annotations

import os
import time as wall
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.compiled import descent
from gnviz.dynamics.compiled.clocks import BEGINNING, clock_for
from gnviz.dynamics.compiled.code.entry import observe
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.compiled.models import compiled_model
from gnviz.dynamics.compiled.restored import restore
from gnviz.dynamics.compiled.runs import runs_of, states
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.diagnostics import held_out_accuracy, held_out_loss
from gnviz.dynamics.measure.ending import completed
from gnviz.dynamics.measure.observer import basis_of_range, weights_kept
from gnviz.dynamics.measure.plane import PredictorOnPlane
from gnviz.dynamics.stop import Stop
from gnviz.dynamics.termination import Seen, Verdicts
from gnviz.experiment import Clock, Experiment
from gnviz.methods.schedules.constant import Constant
from gnviz.problem.build import Problem
from gnviz.problem.models.mlp import MLP
from gnviz.problem.models.surface import SurfaceModel
from gnviz.results import Header, Snapshot, Status

STEPS = 64
"""Steps that a run takes before the caller is asked whether to go on."""

THREADS_PAY = 2**17
"""n (p + n^2) of one run from which runs are given to threads: a step then takes a millisecond, and handing
it over a tenth of one."""

SEEN_ROWS, SCALARS = at.POINT_AT + at.SEEN * at.POINT, at.SCALARS_AT + at.SEEN * at.SCALARS
"""Where what is known of the point seen begins, in `mode` and in `num`."""

NUMBERS = {
    "loss": SCALARS + at.LOSS, "rho": SCALARS + at.RHO, "kernel_drift": at.KERNEL_DRIFT,
    "weight_drift": at.WEIGHT_DRIFT, "bound": at.BOUND, "lazy_gap": at.LAZY_GAP,
    "path_length": at.PATH_LENGTH, "kernel_change": at.KERNEL_CHANGE, "apriori": at.APRIORI,
}  # fmt: skip
ROWS = {
    "eigenvalues": SEEN_ROWS + at.LAMBDA, "rate": SEEN_ROWS + at.RATE, "residual_modes": SEEN_ROWS + at.COEF,
}  # fmt: skip
"""Where the parts of a snapshot lie in `num` and `mode`."""


class CompiledEngine:
    """Follows R runs and measures them; see `gnviz.dynamics.engine.Engine`.

    Args:
        experiment: What to run.
        problem: It, built.
        system: Its runs, of which `covers.unsupported` has nothing to say.
        w0: Initial weights, shape (R, p).
    """

    name = "compiled"

    def __init__(self, experiment: Experiment, problem: Problem, system: System, w0: Tensor) -> None:
        self._system, self._model = system, compiled_model(problem.model)
        self._w0, samples, n = w0, problem.samples, len(system.y)
        self.first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
        self._clock = clock_for(experiment.clock, system, self.first)
        self._state = states(len(w0), n, self._model)
        tol, settings = experiment.clock.tol, self._clock.settings
        self._runs = list(runs_of(system, self._model, w0, tol, settings, self._state))
        beside = [x.double().reshape(-1, system.x.shape[1]) for x in (samples.grid_x, samples.test_x)]
        self._grid, self._test_y = len(beside[0]), samples.test_y.double()
        self._beside = torch.cat(beside).numpy()
        self._outputs = np.zeros((len(w0), len(self._beside)))
        self._beside_offset = np.zeros_like(self._outputs)
        self._plane = PredictorOnPlane(system, problem, w0, experiment.clock.snapshots)
        self._centred, self._alpha = problem.centred, system.alpha.numpy()[:, None]
        self._keep, self._keep_ends = weights_kept(experiment.observe, *w0.shape)
        self._optimum, self._on_surface = experiment.observe.optimum, isinstance(problem.model, SurfaceModel)
        threads = min(len(w0), _cores())
        pays = threads > 1 and n * (self._model.parameters + n * n) >= THREADS_PAY
        self._pool = ThreadPoolExecutor(threads, "gnviz-compiled") if pays else None

    def start(self, elapsed: float) -> None:
        """Make ready to measure; so many seconds have been spent before."""
        self._started = wall.perf_counter() - elapsed
        everyone, mode = list(range(len(self._runs))), self._state["mode"]
        self._move(everyone, BEGINNING)
        if self._centred:  # u = alpha (f - f(w_0)) starts at 0 exactly if both are rounded alike
            mode[:, at.OFFSET] = mode[:, at.POINT_AT + at.START * at.POINT + at.F]
            self._move(everyone, BEGINNING)
            self._observe(everyone, 0.0)
            self._beside_offset = self._outputs.copy()

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring the runs marked in `running` to time `moment`.

        Args:
            moment: Flow time, or number of steps.
            running: Which of the R runs to bring there, bool, shape (R,).
            tick: Called before every STEPS steps of the runs; it may wait (pause) or raise (cancel).
        """
        going = [i for i, on in enumerate(running.tolist()) if on]
        while going:
            tick()
            arrived = self._move(going, moment)
            going = [i for i, there in zip(going, arrived, strict=True) if not there]

    def look(self, verdicts: Verdicts, moment: float) -> list[Seen]:
        """Observe every run that is under way; of the others nothing is recorded any more."""
        going = [i for i, status in enumerate(verdicts.status) if status is Status.RUNNING]
        self._observe(going, moment)
        smallest = np.sqrt(self._state["mode"][:, SEEN_ROWS + at.LAMBDA, self._modes - 1])
        return [_seen(*row) for row in zip(self._state["num"].tolist(), smallest.tolist(), strict=True)]

    def snapshot(
        self, index: int, moment: float, verdicts: Verdicts, header: Header | None, tick: Tick
    ) -> Snapshot:
        """Return what was observed last.

        Args:
            index: Position of the moment in the grid.
            moment: Flow time, or number of steps.
            verdicts: How the R runs stand.
            header: What the first snapshot of a recording carries; None in the others.
            tick: Called in what takes long, once no run goes on; it may wait or raise.
        """
        absent, (num, vec, mode) = verdicts.absent(moment).numpy(), list(self._state.values())[:3]
        outputs = self._alpha * (self._outputs - self._beside_offset)
        u = torch.from_numpy(outputs[:, self._grid :])
        ended, all_there = not verdicts.under_way, not absent.any()
        w = self._model.outward(vec[:, at.W_SEEN])

        def shown(values: np.ndarray) -> np.ndarray:
            if all_there:
                return values.copy()
            return np.where(absent.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)

        snapshot = Snapshot(
            index=index,
            time=moment,
            header=header,
            status=tuple(map(str, verdicts.status)),
            status_text=tuple(verdicts.text),
            evaluations=num[:, at.EVALUATIONS].astype(np.int64),
            wall_seconds=wall.perf_counter() - self._started,
            weights=shown(w) if self._keep else None,
            end_weights=w if self._keep_ends and ended else None,
            plane=self._plane.look(index, torch.from_numpy(w), absent, last=ended),
            end_time=verdicts.end_time.numpy(),
            end_loss=verdicts.end_loss.numpy().copy(),
            apriori_until=np.where(np.isnan(num[:, at.HALF]), np.nan, num[:, at.KEPT]),
            curve=shown(outputs[:, : self._grid]),
            test_loss=shown(held_out_loss(self._system, u, self._test_y).numpy()),
            test_accuracy=shown(held_out_accuracy(u, self._test_y).numpy()),
            sharpness=np.empty((len(num), 0)),
            tangent=shown(basis_of_range(self._slopes).numpy()) if self._on_surface else None,
            prediction=shown(mode[:, SEEN_ROWS + at.U]),
            **{name: shown(num[:, i]) for name, i in (NUMBERS | self._clock.numbers).items()},
            **({"gain": np.full(len(num), np.nan)} if self._clock.numbers else {}),
            **{name: shown(mode[:, i, : self._modes]) for name, i in ROWS.items()},
        )
        return snapshot if verdicts.under_way else self._completed(snapshot, w, verdicts, moment, tick)

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        return self._clock.stopped(self._runs[run].num)

    def advice(self, run: int) -> str:
        """Say what keeps a run like this from diverging; empty if nothing does."""
        return self._clock.advice(run)

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return copies of the runs' arrays, and the weights (R, p) as torch has them."""
        out = {name: array.copy() for name, array in self._state.items()}
        return out | {"w": self._model.outward(self._state["vec"][:, at.W_SEEN])}, {}

    def load_state_dict(self, clock: dict[str, np.ndarray], observer: dict[str, np.ndarray]) -> None:
        """Go on from what `state_dict` returned."""
        restore(self._state, clock)

    def _move(self, runs: list[int], moment: float) -> list[bool]:
        """Bring several runs on towards a moment; return which are there."""
        return self._each(lambda i: self._clock.move(self._runs[i], moment, STEPS), runs)

    def _observe(self, runs: list[int], moment: float) -> None:
        """Measure several runs."""
        self._each(lambda i: observe(self._runs[i], moment, self._beside, self._outputs[i]), runs)

    def _each(self, do: Callable[[int], Any], runs: list[int]) -> list[Any]:
        """Do the same with several runs."""
        return list(self._pool.map(do, runs) if self._pool else map(do, runs))

    def _completed(
        self, snapshot: Snapshot, w: np.ndarray, verdicts: Verdicts, moment: float, tick: Tick
    ) -> Snapshot:
        """Return the last snapshot, of weights w (R, p), with what is known only then; torch finds it."""
        if not self._system.in_parameter_space:
            return snapshot
        end = linearize_dynamics(self._system, torch.from_numpy(w), verdicts.times(moment))
        searching = descent.CompiledDescent(self._system, self._w0) if self._optimum else None
        return completed(snapshot, self._system, self._w0, end, tick, searching)

    @property
    def _slopes(self) -> Tensor:
        """J of runs on a surface where they were seen last, shape (R, n, 2)."""
        return torch.from_numpy(self._state["layers"][:, at.SEEN, 0, 0])

    @property
    def _modes(self) -> int:
        """How many modes a run has."""
        return min(self._model.parameters, len(self._system.y))


def _seen(num: list[float], smallest: float) -> Seen:
    """Return what a run's verdict rests on."""
    return Seen(
        loss=num[SCALARS + at.LOSS],
        rho=num[SCALARS + at.RHO],
        requested_rho=num[SCALARS + at.REQUESTED],
        size=num[at.SIZE],
        left=num[at.LEFT],
        blur=num[at.BLUR],
        largest=num[at.LARGEST],
        rounding=num[at.ROUNDING],
        smallest=smallest,
        fitted=bool(num[at.FITTED]),
        finite=bool(num[at.FINITE]),
        lifted=bool(num[SCALARS + at.LIFTED] or num[at.EVER_LIFTED]),
        missed=num[at.MISSED],
    )


def rehearse(kind: str) -> None:
    """Do everything that a clock does once, on two samples and two neurons: compile it, or load it from disk.

    Args:
        kind: The clock, a value of `clock.kind`.
    """
    net, n = MLP(1, 2, 1, "tanh"), 2
    x = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    one, zero = torch.ones(1, dtype=torch.float64), torch.zeros(1, n, dtype=torch.float64)
    system = System(net, x, x[:, 0].clone(), [Constant(rho=0.5)], one, zero)
    w0 = torch.linspace(-1.0, 1.0, net.parameters, dtype=torch.float64)[None]
    clock = clock_for(Clock(kind=kind), system, linearize_dynamics(system, w0, zero[:, 0]))
    model = compiled_model(net)
    (run,) = runs_of(system, model, w0, 1e-3, clock.settings, states(1, n, model))
    for moment in (BEGINNING, 1.0):
        clock.move(run, moment, STEPS)
    observe(run, 1.0, np.zeros((1, 1)), np.zeros(1))
    descent.rehearse(system, w0)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
