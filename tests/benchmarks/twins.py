"""How often the two engines agree on random experiments: many more of those that the tests run some of.

    python tests/benchmarks/twins.py [--count 200] [--first 0] [--kinds flow few surface steps]

Each experiment runs on torch and on the compiled engine. It agrees if status, sentence, steps and predictions
do (`tests/engines.py`); of runs that leave the manifold only the number of steps may differ, by a fifth.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawn import experiment, few_parameters, stepping
from drawn import surface as surface_experiment
from engines import assert_same_course, assert_same_steps, assert_same_way_out, both, shaken

from gnviz import Experiment, KnobError


def flow(seed: int) -> None:
    """Compare a flow."""
    assert_same_course(*both(experiment(seed)))


def few(seed: int) -> None:
    """Compare a flow with fewer parameters than samples."""
    assert_same_way_out(*both(few_parameters(seed)))


def surface(seed: int) -> None:
    """Compare a flow on a surface."""
    assert_same_way_out(*both(surface_experiment(seed)))


def steps(seed: int) -> None:
    """Compare discrete steps."""
    e: Experiment = stepping(seed)
    assert_same_steps(*both(e), shaken(e))


KINDS = {"flow": flow, "few": few, "surface": surface, "steps": steps}


def main() -> None:
    """Compare, and print a line for each kind, with the seeds that disagree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="experiments of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS), help="which")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    for kind in options.kinds:
        begun, bad, refused = time.monotonic(), [], 0
        for seed in range(options.first, options.first + options.count):
            try:
                KINDS[kind](seed)
            except AssertionError as error:
                bad.append(seed)
                print(f"  {kind} {seed}: {str(error).splitlines()[0][:150] if str(error) else 'differs'}")
            except KnobError as error:
                if "cannot run this" not in str(error):
                    raise
                refused += 1  # the compiled engine does not know all that the other does
        took = time.monotonic() - begun
        count = options.count - refused
        print(
            f"{kind:7} {count - len(bad)} of {count} agree, in {took:.0f} s; {refused} not compiled",
            flush=True,
        )


if __name__ == "__main__":
    main()
