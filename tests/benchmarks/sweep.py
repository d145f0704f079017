"""Do two workers sweep twice as fast as one?

    OMP_NUM_THREADS=1 python tests/benchmarks/sweep.py [--cells 24] [--turns 5]

Each turn sweeps the same cells, of the default experiment in a narrower network, with one worker and two,
in changing order; workers are started and have their engine before. The efficiency is the time with one, over
twice that with two: of one turn, and the median over turns. It can reach 1 only where two cores are free.
"""

from __future__ import annotations

import argparse
import statistics
import time

import gnviz
from gnviz.jobs import LocalRunner


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=24)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    experiment = gnviz.preset("figure2").replace({"data.condition": 1e6, "network.width": 128})
    over = {"network.seed": range(options.cells)}
    with LocalRunner(workers=1, threads=1) as one, LocalRunner(workers=2, threads=1) as two:
        for runner in (one, two):
            gnviz.sweep(experiment, {"network.seed": range(4)}, runner=runner)
        found = []
        for turn in range(options.turns):
            times = {}
            for runner in (one, two) if turn % 2 else (two, one):
                began = time.perf_counter()
                gnviz.sweep(experiment, over, runner=runner)
                times[runner] = time.perf_counter() - began
            found.append(times[one] / (2 * times[two]))
            print(
                f"one {times[one]:6.2f} s   two {times[two]:6.2f} s   efficiency {found[-1]:.2f}", flush=True
            )
    print(f"median efficiency {statistics.median(found):.2f}")


if __name__ == "__main__":
    main()
