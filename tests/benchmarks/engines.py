"""The two engines side by side: how much faster the compiled one is, and whether it takes the same steps.

    OMP_NUM_THREADS=1 python tests/benchmarks/engines.py              # the flow
    OMP_NUM_THREADS=1 python tests/benchmarks/engines.py --steps      # ensembles that take discrete steps
    python tests/benchmarks/engines.py --random 500                   # experiments at random, on both clocks
    python tests/benchmarks/engines.py --compile                      # how long it takes to compile

Times are processor seconds, medians of paired runs; `engine` is all but making the problem and its header.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawn import experiment, stepping
from engines import assert_same_course, assert_same_steps, both, gaps, shaken

from gnviz import Experiment, KnobError, preset, simulate
from gnviz.dynamics.compiled.machine import ready
from gnviz.results import Recording

REACHED = 2e6
"""kappa(K_0) in place of 1e5 at width 20, whose kernels are worse."""


def timed(e: Experiment) -> tuple[float, float, Recording]:
    """Return processor seconds of a whole run, those after its first moment, and what it recorded."""
    started = time.process_time()
    stream = simulate(e)
    first = next(stream)
    after = time.process_time()
    recording = Recording.of([first, *stream])
    done = time.process_time()
    return done - started, done - after, recording


def row(name: str, e: Experiment, pairs: int) -> None:
    """Print medians of paired runs."""
    times: dict[str, list[tuple[float, float]]] = {"torch": [], "compiled": []}
    kept = {}
    for _ in range(pairs):
        for engine in times:
            whole, part, kept[engine] = timed(e.replace({"engine": engine}))
            times[engine].append((whole, part))
    whole, part = (
        {name: 1e3 * statistics.median(t[i] for t in spent) for name, spent in times.items()} for i in (0, 1)
    )
    a, b = kept["torch"].dataset(), kept["compiled"].dataset()
    columns = [
        f"{what} {t['torch']:7.0f} {t['compiled']:6.0f} ms {t['torch'] / t['compiled']:5.1f} x"
        for what, t in (("engine", part), ("whole", whole))
    ]
    kernels = f"kernels {a.evaluations.values} {b.evaluations.values}"
    print(f"{name:34}", *columns, kernels, f"off by {gaps(a, b).max():.1e}", sep=" | ", flush=True)


def table(pairs: int) -> None:
    """Print figure 2 at several widths and condition numbers, and deeper networks."""
    for width in (20, 100, 400, 1000):
        for kappa in (1e5 if width > 20 else REACHED, 1e7, 1e9):
            values = {"network.width": width, "data.condition": kappa}
            row(f"figure2, width {width}, kappa {kappa:.0e}", preset("figure2").replace(values), pairs)
    for name in ("figure1", "figure3"):
        row(name, preset(name), pairs)
    for depth, width in ((2, 50), (3, 100)):
        values = {"network.width": width, "network.depth": depth}
        row(f"figure2, depth {depth}, width {width}", preset("figure2").replace(values), pairs)


def step_row(n: int, dimension: int, width: int, pairs: int, runs: int = 100, steps: int = 1000) -> None:
    """Print what a damped Gauss-Newton step of many runs costs, between moments and with all moments."""
    e = Experiment().replace(
        {
            "data.kind": "line" if dimension == 1 else "circle",
            "data.n": n,
            "data.condition": None,
            "data.target": "wave",
            "network.width": width,
            "network.alpha": 1.0,
            "network.initialization": "plain",
            "methods": ["constant(rho=0.1)"],
            "ensemble.seeds": runs,
            "clock.kind": "steps",
            "clock.step_size": 0.5,
            "clock.steps": steps,
            "clock.gtol": 0.0,
        }
    )
    columns = []
    for what, moments in (("steps alone", 2), ("160 moments", 160)):
        took: dict[str, list[float]] = {"torch": [], "compiled": []}
        for _ in range(pairs):
            for engine in took:
                took[engine].append(timed(e.replace({"engine": engine, "clock.snapshots": moments}))[1])
        torch, compiled = (1e6 * statistics.median(t) / steps for t in took.values())
        columns.append(f"{what} {torch:7.0f} {compiled:7.1f} us {torch / compiled:5.1f} x")
    p = (dimension + 2) * width
    print(f"{runs} runs, n = {n}, p = {p}", *columns, sep=" | ", flush=True)


def compile_anew() -> None:
    """Print the processor seconds that compiling takes each clock, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        for clock in ready.CLOCKS:
            started = time.process_time()
            ready.wait(clock)
            print(f"{clock}: {time.process_time() - started:.1f} s")


def at_random(count: int) -> int:
    """Run experiments on both engines, every other one by steps; return how many do not tell the same."""
    worst, bad = 0.0, 0
    for seed in range(count):
        flowing = seed % 2 == 0
        e = experiment(seed) if flowing else stepping(seed)
        try:
            a, b = both(e)
        except KnobError as refused:
            print(f"{seed}: not run: {refused}")
            continue
        worst = max(worst, gaps(a, b).max()) if flowing else worst
        try:
            if flowing:
                assert_same_course(a, b)
            else:
                assert_same_steps(a, b, shaken(e))
        except AssertionError as differ:
            bad += 1
            print(f"{seed}: {differ}", flush=True)
    print(f"{count - bad} of {count} alike; flows differ by at most {worst:.1e} of the residual")
    return bad


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--random", type=int, default=0, help="so many experiments at random instead")
    parser.add_argument("--steps", action="store_true", help="ensembles on the steps clock instead")
    parser.add_argument("--compile", action="store_true", help="compile everything anew instead")
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    if options.compile:
        return compile_anew()
    for clock in ready.CLOCKS:
        ready.wait(clock)
    if options.random:
        sys.exit(at_random(options.random) > 0)
    if not options.steps:
        return table(options.pairs)
    for n, dimension, width in ((3, 1, 2), (3, 1, 6), (10, 2, 100)):
        step_row(n, dimension, width, options.pairs)
    return None


if __name__ == "__main__":
    main()
