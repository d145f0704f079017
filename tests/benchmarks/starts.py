"""Whether searches from other starts find what 200 searches by MINPACK find, in random problems with p < n.

    PYTHONPATH=. python tests/benchmarks/starts.py        # 20 problems; on a busy core minutes each
    python tests/benchmarks/starts.py --seeds 0 2 3 --evaluations 150

Columns: what the runs head for; the least that this package's other starts found, in how many of them, and in
how many seconds of one core; the least of the 200 searches from normal draws of sizes 0.1 to 3, and in how
many of them; the ratio of the two; and the sentence that is printed. A ratio of at most 1.01 is a find.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from reference.own_starts import own_search, random_problem

from gnviz.analysis.optimality import remarks
from gnviz.dynamics.measure.multi_start import other_starts
from gnviz.dynamics.measure.searches import TorchDescent
from gnviz.dynamics.simulate import assemble, run
from gnviz.problem.build import build

FOUND = 1.01


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    print(
        f"{'problem':52} {'optimum':>9} {'least':>9} {'hits':>7} {'s':>4} {'own':>9} {'hits':>7} {'ratio':>7}"
    )
    found = [line(seed, options) for seed in options.seeds]
    print(f"found in {sum(found)} of {len(found)}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=range(20))
    parser.add_argument("--starts", type=int, default=200, help="of the searches compared with")
    parser.add_argument("--evaluations", type=int, default=1000, help="of the outputs, in each of them")
    parser.add_argument("--kept", type=Path, help="folder that keeps what they found")
    return parser.parse_args()


def line(seed: int, options: argparse.Namespace) -> bool:
    """Print what was found in a problem, and return whether the own searches found no less."""
    e = random_problem(seed)
    ds = run(e)
    ours, seconds = np.sort(ds.start_loss.values[0]), timed(e)
    own = own_losses(seed, options)
    net, best, least = e.network, min(ours[0], float(ds.optimum[0])), own[0]
    ratio = best / least
    name = f"{seed:2d} {e.data.kind} {e.data.target} n={e.data.n} {net.width}x{net.depth} {net.activation} "
    name += f"{net.initialization} {net.alpha:g}"
    print(
        f"{name:52} {float(ds.optimum[0]):9.3e} {ours[0]:9.3e} {hits(ours, best)}/{len(ours):<3} "
        f"{seconds:4.1f} {least:9.3e} {hits(own[1:], least)}/{len(own) - 1:<3} {ratio:7.3f}"
    )
    print(f"     {remarks(ds)[0]}", flush=True)
    return bool(ratio <= FOUND)


def timed(experiment) -> float:
    """Return the seconds of one core that the other starts take."""
    system, w0 = assemble(experiment, build(experiment))
    before = time.process_time()
    other_starts(system, w0, np.zeros(len(w0)), lambda: None, TorchDescent())
    return time.process_time() - before


def own_losses(seed: int, options: argparse.Namespace) -> np.ndarray:
    """Return what the own searches reached, the least first; read where it is kept."""
    path = options.kept / f"ref{seed}.npy" if options.kept else None
    if path and path.exists():
        return np.load(path)
    experiment = random_problem(seed)
    problem = build(experiment)
    x, y, w0 = (v.numpy() for v in (problem.samples.x, problem.samples.y, problem.w0))
    losses = own_search(experiment, x, y, w0, options.starts, options.evaluations)
    if path:
        np.save(path, losses)
    return losses


def hits(losses: np.ndarray, least: float) -> int:
    """Return how many losses are the least, to 1%."""
    return int((losses <= FOUND * least).sum())


if __name__ == "__main__":
    main()
