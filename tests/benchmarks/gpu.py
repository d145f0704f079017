"""The engine on a GPU beside the CPU: does it agree, how long it takes, what it holds, how often it waits.

    python tests/benchmarks/gpu.py [--device cuda] [--out gpu.txt] [--only agree time memory waits]

Exits with 1 if a check fails. `--device cpu` compares the CPU with itself, to try the script out.

agree: every experiment on the device, in both precisions, against the CPU in the same one. The last status of
each run is the same, and at every moment at which both run, ||u - u_cpu|| is at most

* flow: 2 clock.tol ||u_cpu - y||, since both are promised to be within clock.tol of the truth, and rounding;
* steps: rounding alone. It is ROUNDING[dtype] ||y||.

time: medians of up to three runs in turns, none of which is begun once those before took CASE seconds.
memory: the most that torch allocated, above what it held before, beside the estimate of own models.
waits: how often the host waits for the device, for each step and for each moment, from torch's own warnings
(`torch.cuda.set_sync_debug_mode`); and operator calls a step. On the CPU: the calls that would wait.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.insert(0, str(Path(__file__).parents[1]))

from waits import Waits

from gnviz import Experiment, Snapshot, make_problem, simulate
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.steps.clock import StepClock
from gnviz.problem.build import Problem, build
from gnviz.problem.memory import most_bytes
from gnviz.problem.models.mlp import MLP

ROUNDING = {"float64": 1e-8, "float32": 1e-2}
"""Allowed for rounding, in units of ||y||: eps times some hundred steps and a condition number of 1e5; in
float32 the modes that it resolves."""

REPEATS, CASE = 3, 10.0

Knobs = dict[str, Any]


def sines(n: int, p: int) -> Any:
    """Return an own problem of n samples and p parameters."""
    x, start = torch.linspace(-1, 1, n, dtype=torch.float64), torch.linspace(-1, 1, p, dtype=torch.float64)

    def model(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        waves = torch.arange(1, len(w) + 1, dtype=w.dtype, device=w.device) * (3 / len(w))
        return (w * torch.tanh(x[:, None] * waves + w)).sum(1) / len(w) ** 0.5

    return make_problem(model, x, torch.sin(3 * x), start)


class Wide:
    """A problem of the experiment with a network that is wider than its knob allows."""

    def __init__(self, width: int) -> None:
        self.width = width

    def problem(self, experiment: Experiment) -> Problem:
        made = build(experiment)
        network = MLP(made.samples.x.shape[1], self.width, 1, "tanh")
        w0 = network.initialize(torch.Generator().manual_seed(0), paired=True)
        return replace(made, model=network, w0=w0, starts=dict.fromkeys(made.starts, w0))


FEW = {"data.kind": "ring", "data.n": 24, "data.target": "wave", "data.condition": None, "network.width": 4,
       "network.initialization": "centred", "observe.optimum": False}  # fmt: skip
TEACHER = {"data.kind": "teacher", "data.n": 20, "data.d": 3, "network.width": 32}
SMALL = {"data.condition": 1e5, "network.width": 50}
TWO = ["gradient-flow", "constant(rho=0.1)"]
SHORT = {"clock.horizon": 3.0, "clock.snapshots": 6}
STEPS = {"clock.kind": "steps", "clock.steps": 100, "clock.snapshots": 8}

AGREE: dict[str, tuple[Knobs, Any]] = {
    "flow, p > n": (SMALL | {"clock.snapshots": 10}, None),
    "flow, p < n": (FEW | {"methods": TWO, "ensemble.alphas": ["10", "100"]} | SHORT, None),
    "flow, depth 3": (TEACHER | {"network.depth": 3, "network.activation": "gelu"} | SHORT, None),
    "flow, log-cosh": (SMALL | {"loss.kind": "log-cosh"} | SHORT, None),
    "flow, logistic": (SMALL | {"loss.kind": "logistic"} | SHORT, None),
    "flow, pseudo-huber": (SMALL | {"loss.kind": "pseudo-huber"} | SHORT, None),
    "flow, surface": ({"surface.model": "neuron", "network.alpha": 1.0, "observe.optimum": False,
                       "methods": TWO} | SHORT, None),
    "flow, own model": ({"methods": TWO} | SHORT, lambda: sines(12, 30)),
    "steps, all kinds": (
        SMALL | STEPS | {"methods": [*TWO, "momentum", "adam", "adaptive(c=1)", "polynomial"]}, None),
    "steps, stable": (SMALL | STEPS | {"clock.step_rule": "stable",
                                       "methods": ["gradient-flow", "momentum", "constant(rho=0.1)"]}, None),
    "steps, line search": (SMALL | STEPS | {"clock.step_rule": "line-search", "clock.steps": 12,
                                            "methods": TWO}, None),
    "steps, p < n": (FEW | STEPS | {"methods": TWO}, None),
    "steps, depth 2": (TEACHER | STEPS | {"network.depth": 2, "methods": [TWO[1], "adam"]}, None),
    "trust region, p > n": (SMALL | STEPS | {"methods": ["trust-region"], "clock.steps": 20}, None),
    "trust region, p < n": (FEW | STEPS | {"methods": ["trust-region(scaling=columns)", "trust-region"],
                                           "clock.steps": 10}, None),
    "trust region, own": (STEPS | {"methods": ["trust-region", "trust-region(acceleration=true)"],
                                   "clock.steps": 15, "observe.optimum": False}, lambda: sines(30, 6)),
}  # fmt: skip

BIG = {"data.kind": "teacher", "data.d": 5, "data.condition": None, "methods": ["constant(rho=0.1)"]}
MANY = STEPS | {
    "data.kind": "ring",
    "network.width": 100,
    "methods": ["constant(rho=0.1)"],
    "clock.snapshots": 3,
}
TIMES: dict[str, tuple[Knobs, Any]] = {
    "figure2": ({}, None),
    "figure2, width 10,000, 40 moments": ({"clock.snapshots": 40}, lambda: Wide(10_000)),
    "flow, n = 500, width 2,000, to t = 1": (
        BIG | {"data.n": 500, "network.width": 2000, "clock.horizon": 1.0, "clock.snapshots": 6}, None),
    "5 steps, n = 2,000, width 1,000": (
        BIG | STEPS | {"data.n": 2000, "network.width": 1000, "clock.steps": 5, "clock.snapshots": 2}, None),
    "100 steps of 100 runs": (MANY | {"ensemble.seeds": 100}, None),
    "100 steps of 1,000 runs": (MANY | {"ensemble.seeds": 1000}, None),
}  # fmt: skip

MEMORY: dict[str, tuple[Knobs, int, int]] = {
    "flow, n = 400, p = 60": ({"methods": ["gradient-flow"], "clock.horizon": 1e-3}, 400, 60),
    "flow, n = 50, p = 2,000": ({"methods": TWO, "clock.horizon": 1e-3}, 50, 2000),
    "flow, n = 600, p = 700": ({"methods": ["adaptive(c=1)"], "clock.horizon": 1e-3}, 600, 700),
    "trust region, n = 600, p = 300": ({"methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 2},
                                         600, 300),
}  # fmt: skip

WAITS: dict[str, tuple[Knobs, Any]] = {
    "flow, p > n": (SMALL | {"clock.snapshots": 10, "clock.horizon": 10.0}, None),
    "flow, p < n": (FEW | {"methods": ["gradient-flow"], "clock.horizon": 2.0, "clock.snapshots": 5}, None),
    "steps": (SMALL | STEPS | {"methods": ["gradient-flow", "constant(rho=0.1)", "adam"]}, None),
    "steps, line search": (SMALL | STEPS | {"clock.step_rule": "line-search"}, None),
    "trust region": (SMALL | STEPS | {"methods": ["trust-region"], "clock.steps": 20}, None),
    "trust region, p < n": (
        FEW | STEPS | {"methods": ["trust-region(scaling=columns)"], "clock.steps": 20}, None),
}  # fmt: skip


class Bench:
    """Prints a table to the screen and to a file, and counts what failed."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.device, self.failed = options.device, 0
        self._until = time.perf_counter() + options.limit
        self._file = options.out.open("w", encoding="utf-8") if options.out else None

    def say(self, *words: str) -> None:
        """Print a line."""
        line = " ".join(words)
        print(line, flush=True)
        if self._file:
            print(line, file=self._file, flush=True)

    def check(self, name: str, work: Callable[[], tuple[bool, str]]) -> None:
        """Do one check, whose outcome is a line; what it raises is a failure."""
        start = time.perf_counter()
        if start > self._until:
            good, words = False, "not begun: the time is up"
        else:
            try:
                good, words = work()
            except Exception:  # whatever a device may raise; the other checks are still wanted
                good, words = False, traceback.format_exc()
        self.failed += not good
        took = time.perf_counter() - start
        self.say(f"  {'ok  ' if good else 'FAIL'} {name:36} {words}  [{took:.1f} s]")


def experiment(knobs: Knobs, device: str, dtype: str = "float64") -> Experiment:
    """Return an experiment for torch on a device."""
    return Experiment().replace(knobs | {"device": device, "dtype": dtype, "engine": "torch"})


def snapshots(knobs: Knobs, problem: Any, device: str, dtype: str = "float64") -> list[Snapshot]:
    """Return all snapshots of a run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(simulate(experiment(knobs, device, dtype), problem=problem() if problem else None))


def agree(name: str, device: str, dtype: str) -> tuple[bool, str]:
    """Compare a device with the CPU."""
    knobs, problem = AGREE[name]
    ours, cpu = (snapshots(knobs, problem, d, dtype) for d in (device, "cpu"))
    y, flow = cpu[0].header.y, knobs.get("clock.kind") != "steps"
    tol, worst = experiment(knobs, device).clock.tol, 0.0
    for a, b in zip(ours, cpu, strict=False):
        gap = np.linalg.norm(a.prediction - b.prediction, axis=-1)
        allowed = ROUNDING[dtype] * np.linalg.norm(y)
        allowed = allowed + (2 * tol * np.linalg.norm(b.prediction - y, axis=-1) if flow else 0.0)
        worst = max(worst, np.nanmax(np.append(gap / allowed, 0.0)))
    same = ours[-1].status == cpu[-1].status
    words = f"{worst:8.1e} of what is allowed; {', '.join(cpu[-1].status)}"
    return same and worst <= 1, words if same else f"{words}; on {device}: {', '.join(ours[-1].status)}"


def timed(name: str, device: str) -> tuple[bool, str]:
    """Compare times, in turns."""
    knobs, problem = TIMES[name]
    times: dict[str, list[float]] = {"cpu": [], device: []}
    for _ in range(REPEATS):
        for place, own in times.items():
            if sum(own) < CASE:
                start = time.perf_counter()
                snapshots(knobs, problem, place)
                own.append(time.perf_counter() - start)
    medians = {place: statistics.median(own) for place, own in times.items()}
    counts = "/".join(str(len(own)) for own in times.values())
    ratio = medians["cpu"] / medians[device]
    return (
        True,
        f"cpu {medians['cpu']:7.3f} s  {device} {medians[device]:7.3f} s  x{ratio:6.2f}  ({counts} runs)",
    )


def first_snapshots(device: str) -> tuple[bool, str]:
    """Time the first and the tenth snapshot of a stream."""
    words = []
    for place in dict.fromkeys(("cpu", device)):
        marks = []
        for _ in range(REPEATS):
            start, stream = time.perf_counter(), simulate(experiment({}, place))
            marks.append([(next(stream), time.perf_counter() - start)[1] for _ in range(10)])
        first, tenth = (statistics.median(m[i] for m in marks) for i in (0, 9))
        words.append(f"{place} first {first:.3f} s, tenth {tenth:.3f} s")
    return True, "; ".join(words)


def memory(name: str, device: str) -> tuple[bool, str]:
    """Compare the peak of a run with the estimate."""
    knobs, n, p = MEMORY[name]
    mine, settings = sines(n, p), experiment(knobs | {"clock.snapshots": 3}, device)
    estimate = most_bytes(settings, mine.sizes(len(settings.methods))) / 2**20
    if device == "cpu":
        return True, f"estimate {estimate:7.0f} MiB; peaks are measured on a GPU (own_memory.py on the CPU)"
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    list(simulate(settings, problem=mine))
    peak = (torch.cuda.max_memory_allocated() - before) / 2**20
    reserved = torch.cuda.max_memory_reserved() / 2**20
    words = f"peak {peak:7.0f} MiB, reserved {reserved:7.0f}, estimate {estimate:7.0f}"
    return peak <= estimate, words


class Calls(TorchDispatchMode):
    """Counts operator calls."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


@contextmanager
def noted(device: str, where: Counter[str]) -> Iterator[None]:
    """Count what waits for the device, by its place."""
    if device == "cpu":
        with Waits() as waits:
            yield
        where.update(waits.places)
        return
    mode = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode(mode)
    seen = [w for w in caught if "synchroniz" in str(w.message)]
    where.update(f"{'/'.join(Path(w.filename).parts[-2:])}:{w.lineno}" for w in seen)


@contextmanager
def around(kind: Any, method: str, context: Callable[[], Any]) -> Iterator[None]:
    """Enter a context around every call of a method."""
    original = getattr(kind, method)

    def watched(*args: Any) -> None:
        with context():
            original(*args)

    setattr(kind, method, watched)
    try:
        yield
    finally:
        setattr(kind, method, original)


def waits(name: str, device: str) -> tuple[bool, str]:
    """Count how often the host waits for the device in the clock's steps, and outside, past the start."""
    knobs, problem = WAITS[name]
    kind = FlowClock if knobs.get("clock.kind") != "steps" else StepClock
    counted: dict[str, Counter[str]] = {"step": Counter(), "moment": Counter()}
    steps, moments, calls = [0], [0], Calls()

    def stream(context: Callable[[], Any]) -> Iterator[Snapshot]:
        def tick() -> None:
            steps[0] += 1

        with around(kind, "advance", context):
            yield from simulate(experiment(knobs, device), tick, problem=problem() if problem else None)

    both = stream(lambda: noted(device, counted["step"]))
    next(both)
    with noted(device, counted["moment"]):
        moments[0] = len(list(both))
    if device == "cpu":  # the inner count passes its calls on to the outer one
        counted["moment"] -= counted["step"]
    count = steps[0]
    list(stream(lambda: calls))
    words = (f"{counted['step'].total() / count:5.2f} waits and {calls.count / count:6.0f} calls a step "
             f"({count} steps); {counted['moment'].total() / moments[0]:5.1f} waits a moment")  # fmt: skip
    for title, per in (("step", count), ("moment", moments[0])):
        most = ", ".join(f"{place} {c / per:.2f}" for place, c in counted[title].most_common(15))
        words += f"\n         a {title}: {most}"
    return True, words


def main() -> None:
    """Do all checks and print their table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--out", type=Path, help="file to which the table is written too")
    parser.add_argument("--limit", type=float, default=270.0, help="seconds after which no check is begun")
    parser.add_argument("--only", nargs="*", default=["waits", "agree", "time", "memory"])
    options = parser.parse_args()
    bench, device = Bench(options), options.device
    shown = torch.cuda.get_device_name() if device == "cuda" else "the CPU itself"
    bench.say(f"torch {torch.__version__}, {torch.get_num_threads()} CPU threads; compared with {shown}")
    start = time.perf_counter()
    snapshots(SMALL | STEPS, None, device)  # loads the libraries
    bench.say(f"first run: {time.perf_counter() - start:.1f} s")
    work: dict[str, list[tuple[str, Callable[[], tuple[bool, str]]]]] = {
        "agree": [(f"{n}, {d}", lambda n=n, d=d: agree(n, device, d)) for d in ROUNDING for n in AGREE],
        "waits": [(n, lambda n=n: waits(n, device)) for n in WAITS],
        "memory": [(n, lambda n=n: memory(n, device)) for n in MEMORY],
        "time": [("stream of figure2", lambda: first_snapshots(device))]
        + [(n, lambda n=n: timed(n, device)) for n in TIMES],
    }
    for part in options.only:
        bench.say(f"\n{part}")
        for name, check in work[part]:
            bench.check(name, check)
    bench.say(f"\n{bench.failed} failed")
    sys.exit(bench.failed > 0)


if __name__ == "__main__":
    main()
