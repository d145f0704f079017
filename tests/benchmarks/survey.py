"""Random runs of the flow against a trusted integrator: is what `clock.tol` promises kept?

    OMP_NUM_THREADS=1 python tests/benchmarks/survey.py [--runs 500] [--seed 0] [--processes 2]

Problems are drawn (every loss, method, activation and start; every other one far from its targets), each is
followed by two general-purpose solvers, which know the equation only, and then by the flow clock at some
tolerances from 1e-2 to 1e-7. The error is ||u - u_ref|| at the recorded moments, in units of the promise, tol
||u_ref - y|| and rounding on top (`promised`). Moments at which the solvers do not know it either are left
out, problems with too few others too; they are counted. A run `said` that it could not where it ended without
reaching its horizon, or where its status names a curvature that stood for the true one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from reference.promises import KINDS, Outcome, drawn, measure

from gnviz import Experiment

TOLS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)

EACH = 3
"""Tolerances at which one problem is run, in turns."""


def main() -> None:
    options = parse()
    started = time.perf_counter()
    outcomes, skipped = gather(options)
    table(outcomes)
    print(f"{len(outcomes)} runs in {time.perf_counter() - started:.0f} s; problems left out: "
          + (", ".join(f"{n} for {why}" for why, n in skipped.items()) or "none"))  # fmt: skip
    for o in sorted(outcomes, key=lambda o: -o.ratio)[: options.worst]:
        print(f"{o.ratio:.3g}, {o.kernels} kernels, {o.said or 'nothing said'}: {spelled(o)}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=500, help="runs to judge")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first problem")
    parser.add_argument("--worst", type=int, default=6, help="runs whose settings are printed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=86400.0, help="no problem is waited for after these")
    parser.add_argument("--nice", type=int, default=10, help="how much others go first")
    return parser.parse_args()


def gather(options: argparse.Namespace) -> tuple[list[Outcome], Counter[str]]:
    """Return the outcomes of as many runs, and why problems were left out."""
    outcomes, skipped = [], Counter()
    for result in results(options):
        if isinstance(result, str):
            skipped[result] += 1
        else:
            outcomes += result
        if len(outcomes) >= options.runs:
            break
    return outcomes, skipped


def results(options: argparse.Namespace) -> Iterator[list[Outcome] | str]:
    """Yield what becomes of the problems, in their order; once time is up, of those that are done."""
    end = time.monotonic() + options.seconds
    numbers = range(options.first, options.first + 10 * options.runs)
    with multiprocessing.get_context("spawn").Pool(options.processes, calm, (options.nice,)) as pool:
        for job in [pool.apply_async(one, (options.seed, number)) for number in numbers]:
            job.wait(max(0.0, end - time.monotonic()))
            if job.ready():
                yield job.get()


def calm(nice: int) -> None:
    os.nice(nice)
    torch.set_num_threads(1)


def one(seed: int, index: int) -> list[Outcome] | str:
    tols = [TOLS[(index + len(TOLS) // EACH * k) % len(TOLS)] for k in range(EACH)]
    return measure(drawn(seed, index), tols)


def table(outcomes: list[Outcome]) -> None:
    """Print a line for each loss and tolerance, and one for each loss."""
    print(f"{'loss':14}{'tol':>7}{'runs':>6}{'above':>7}{'unsaid':>7}{'largest':>10}{'median':>9}{'said':>6}"
          f"{'kernels':>9}")  # fmt: skip
    for kind in KINDS:
        for tol in (*TOLS, None):
            line(kind, tol, [o for o in outcomes if o.kind == kind and tol in (None, o.tol)])
    line("all", None, outcomes)


def line(kind: str, tol: float | None, rows: list[Outcome]) -> None:
    if not rows:
        return
    ratios = np.array([o.ratio for o in rows])
    unsaid = sum(o.ratio > 1 and not o.said for o in rows)
    print(f"{kind:14}{tol or 'all':>7}{len(rows):6d}{(ratios > 1).sum():7d}{unsaid:7d}{ratios.max():10.3g}"
          f"{np.median(ratios):9.2g}{sum(bool(o.said) for o in rows):6d}"
          f"{np.median([o.kernels for o in rows]):9.0f}")  # fmt: skip


def spelled(outcome: Outcome) -> str:
    return Experiment().replace(outcome.settings).to_query()


if __name__ == "__main__":
    main()
