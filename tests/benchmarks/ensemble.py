"""What one step of many small runs at once costs per run, beside JAX under vmap and jit.

    OMP_NUM_THREADS=1 python tests/benchmarks/ensemble.py [--runs 100] [--repeats 15]

Three samples, one hidden layer of two neurons; every run takes exact damped Gauss-Newton steps from its own
weights. JAX is timed with one call a step, as this package takes them, and with the loop over the steps
compiled too, which leaves no place for a pause, a recording or a step size that depends on the last step.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics

import torch
from made import Size, gnviz_steps, interleaved, ratio
from peers import jax_ensemble, jax_ensemble_loop

SIZE = Size(3, 1, 2, 1)
OURS = "gnviz"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    candidates = {OURS: gnviz_steps("constant(rho=0.1)", SIZE, options.runs)}
    if importlib.util.find_spec("jax"):
        candidates["JAX vmap, jit"] = jax_ensemble(SIZE, options.runs)
        candidates["JAX vmap, jit of the loop"] = jax_ensemble_loop(SIZE, options.runs)
    else:
        print("jax cannot be imported: pip install -e '.[bench]'")
    times = interleaved(candidates, options.repeats)
    print(f"{options.runs} runs, n = {SIZE.n}, p = {SIZE.p}, {options.threads} thread(s), float64")
    for name, own in times.items():
        took = statistics.median(own)
        print(f"  {name:28} {1e3 * took:8.3f} ms a step {1e6 * took / options.runs:8.2f} microseconds a run"
              f" {ratio(own, times[OURS]):8.2f} times gnviz")  # fmt: skip


if __name__ == "__main__":
    main()
