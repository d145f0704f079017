"""What the benchmarks measure: networks with data, steps of the steps clock, and timing in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.clock import StepClock
from gnviz.experiment import Clock
from gnviz.methods import parse_method
from gnviz.problem.models.mlp import MLP

SHORTEST = 0.03
"""Seconds that one timing lasts at least: the clock and the scheduler are far finer."""

TURNS = ((5.0, 1), (0.5, 3))
"""Candidates whose step takes longer than so many seconds are timed in so many turns only."""

STEP = 1e-4
"""eta: so small that thousands of steps leave the kernel as it is."""

Steps = Callable[[int], None]
"""Takes so many steps."""


class Size(NamedTuple):
    """A network and its data."""

    n: int
    d: int
    width: int
    depth: int

    @property
    def network(self) -> MLP:
        return MLP(self.d, self.width, self.depth, "tanh")

    @property
    def p(self) -> int:
        return self.network.parameters

    def data(self) -> tuple[Tensor, Tensor]:
        """Return inputs (n, d) of norm about 1 and targets (n,)."""
        g = torch.Generator().manual_seed(0)
        x = torch.randn(self.n, self.d, generator=g, dtype=torch.float64) / self.d**0.5
        return x, torch.sin(x.sum(1))

    def weights(self, runs: int = 1) -> Tensor:
        """Return initial weights (runs, p)."""
        g = torch.Generator().manual_seed(1)
        return torch.stack([self.network.initialize(g, paired=False) for _ in range(runs)])


def gnviz_steps(method: str, size: Size, runs: int = 1) -> Steps:
    """Return steps of the steps clock with all runs at once."""
    (x, y), w0 = size.data(), size.weights(runs)
    alpha, offset = torch.ones(runs, dtype=w0.dtype), torch.zeros(runs, size.n, dtype=w0.dtype)
    system = System(size.network, x, y, [parse_method(method)] * runs, alpha, offset)
    knobs = Clock(kind="steps", step_size=STEP)
    clock = StepClock(system, w0, knobs, linearize_dynamics(system, w0, 0 * alpha))
    running, done = torch.ones(runs, dtype=torch.bool), [0]

    def steps(count: int) -> None:
        done[0] += count
        clock.advance(done[0], running, lambda: None)

    return steps


def interleaved(candidates: dict[str, Steps], repeats: int) -> dict[str, list[float]]:
    """Return seconds per step of each candidate, timed in turns, so that a busy machine slows all alike."""
    counts, turns = {}, {}
    for name, steps in candidates.items():
        steps(1)  # warm up, compile
        took = seconds(steps, 1)
        counts[name] = max(1, int(SHORTEST / took))
        turns[name] = next((few for long, few in TURNS if took > long), repeats)
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(repeats):
        for name, steps in candidates.items():
            if turn < turns[name]:
                times[name].append(seconds(steps, counts[name]) / counts[name])
    return times


def seconds(steps: Steps, count: int) -> float:
    start = time.perf_counter()
    steps(count)
    return time.perf_counter() - start


def ratio(own: list[float], other: list[float]) -> float:
    """Return the median of own / other over the turns in which both were timed."""
    return statistics.median(a / b for a, b in zip(own, other, strict=False))
