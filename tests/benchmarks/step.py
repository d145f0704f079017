"""What one exact Gauss-Newton step costs: in gradient steps, beside peers, and above its own floor.

    OMP_NUM_THREADS=1 python tests/benchmarks/step.py [--threads 1] [--repeats 15] [--no-peers]

For each size: the median time of a step of the steps clock for gradient descent, `constant(rho=0.1)` (an
exact damped Gauss-Newton step by the structured kernel) and `adaptive(c=1)`, and the median ratio to the
gradient step timed in the same turn. Then the same step by the peers of `peers.py`, each with its time over
that of `constant(rho=0.1)` in the same turn; steps of more than 0.5 s are timed in three turns, of more than
5 s in one.

The floor is the step's count of multiplications and additions in matrix products and the factorization, over
the rate of one large float64 matrix product, timed in the same turns.
"""

from __future__ import annotations

import argparse
import statistics

import torch
from made import Size, Steps, gnviz_steps, interleaved, ratio
from peers import peers_for

SIZES = {  # the most gradient steps that a Gauss-Newton step may cost, and how much slower peers should be
    Size(50, 2, 200, 1): (2.2, 1.8),
    Size(100, 2, 256, 2): (None, 25.0),
    Size(100, 10, 256, 3): (1.5, 25.0),
    Size(500, 10, 512, 2): (2.2, 25.0),
}
FLOOR_OF = Size(100, 10, 256, 3)
FIRST, EXACT, ADAPTIVE = METHODS = ("gradient-flow", "constant(rho=0.1)", "adaptive(c=1)")
PRODUCT = 1024
"""Rows and columns of the matrices whose product measures the machine's rate."""


def operations(size: Size) -> int:
    """Return the multiplications and additions of one structured step, without elementwise ones.

    Per layer of fan-in k: forward and J^T v 2 n k m each, K 2 n^2 (k + m); per layer after the first the
    sensitivities 2 n m^2; the output's part of K 2 n^2 m; Cholesky n^3 / 3 and its solution 2 n^2 (derived).
    """
    n, m, fan_in = size.n, size.width, size.network.fan_in
    layers = sum(4 * n * k * m + 2 * n * n * (k + m) for k in fan_in)
    back = 2 * n * m * m * (size.depth - 1)
    return layers + back + 2 * n * n * m + n**3 // 3 + 2 * n * n


def products() -> Steps:
    """Return products of two large matrices."""
    a = torch.randn(PRODUCT, PRODUCT, dtype=torch.float64)
    out = torch.empty_like(a)

    def steps(count: int) -> None:
        for _ in range(count):
            torch.mm(a, a, out=out)

    return steps


def compare(size: Size, most: float | None, options: argparse.Namespace) -> None:
    """Print what the methods cost in gradient steps."""
    times = interleaved({m: gnviz_steps(m, size) for m in METHODS}, options.repeats)
    for name, own in times.items():
        steps = ratio(own, times[FIRST])
        wanted = f"  (at most {most}: {verdict(steps <= most)})" if name == EXACT and most else ""
        print(f"{row(name, own)} {steps:9.2f} gradient steps{wanted}", flush=True)


def compare_peers(size: Size, least: float, options: argparse.Namespace) -> None:
    """Print what the peers' steps cost in Gauss-Newton steps; apart, since they leave no cache as it was."""
    peers = peers_for(size)
    times = interleaved({EXACT: gnviz_steps(EXACT, size)} | peers, options.repeats)
    for name, own in times.items():
        print(f"{row(name, own)} {ratio(own, times[EXACT]):9.2f} times {EXACT}")
    best = min(peers, key=lambda name: ratio(times[name], times[EXACT]))
    factor = ratio(times[best], times[EXACT])
    print(
        f"  best peer: {best}, {factor:.2f} times (at least {least}: {verdict(factor >= least)})", flush=True
    )


def row(name: str, own: list[float]) -> str:
    return f"  {name:28} {1e3 * statistics.median(own):10.3f} ms"


def floor(size: Size, repeats: int) -> None:
    """Print how far above its floor the step is."""
    times = interleaved({"step": gnviz_steps(EXACT, size), "product": products()}, repeats)
    count = operations(size)
    rate = 2 * PRODUCT**3 / statistics.median(times["product"])
    above = ratio(times["step"], times["product"]) * 2 * PRODUCT**3 / count
    print(f"\nfloor at n = {size.n}, p = {size.p:,}: {1e-6 * count:.1f} million operations at "
          f"{1e-9 * rate:.1f} GFLOP/s = {1e3 * count / rate:.3f} ms")  # fmt: skip
    print(f"  {EXACT:28} {1e3 * statistics.median(times['step']):10.3f} ms {above:9.2f} times its floor"
          f"  (at most 2: {verdict(above <= 2)})", flush=True)  # fmt: skip


def verdict(met: bool) -> str:
    return "met" if met else "missed"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--least", type=int, default=0, help="parameters from which sizes are measured")
    parser.add_argument("--peers-up-to", type=int, default=10**9, help="parameters up to which peers are")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} thread(s), float64, milliseconds per step (median)")
    floor(FLOOR_OF, options.repeats)
    for size, (most, least) in SIZES.items():
        if size.p < options.least:
            continue
        print(f"\nn = {size.n}, p = {size.p:,} (d = {size.d}, width {size.width}, depth {size.depth})")
        compare(size, most, options)
        if not options.no_peers and size.p <= options.peers_up_to:
            compare_peers(size, least, options)


if __name__ == "__main__":
    main()
