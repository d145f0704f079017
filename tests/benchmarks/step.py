"""What one exact Gauss-Newton step costs, in gradient steps; run as a script.

    python tests/benchmarks/step.py [--threads 1] [--repeats 15]

For each size: the median time of a step of the steps clock for gradient descent, `constant(rho=0.1)` (an
exact damped Gauss-Newton step by the structured kernel) and `adaptive(c=1)`, and the median ratio to the
gradient step timed in the same turn, so that a busy machine slows both alike. Beside them, where they can
be imported, the same step by JAX (jacrev, then an n x n solve), optimistix and torch-levenberg-marquardt,
on a network of the same shape.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import torch

from gnviz import experiment as definition
from gnviz.dynamics.clocks import clock_for
from gnviz.dynamics.tangent import System, tangent
from gnviz.methods import parse_method
from gnviz.problem.networks import MLP

SIZES = {  # n: (d, width, depth), and the most gradient steps that a Gauss-Newton step may cost there
    (50, 801): ((50, 2, 200, 1), 2.2),
    (100, 134_657): ((100, 10, 256, 3), 1.5),
    (500, 268_801): ((500, 10, 512, 2), 2.2),
}
METHODS = ("gradient-flow", "constant(rho=0.1)", "adaptive(c=1)")
SHORTEST = 0.03
"""Seconds that one timing lasts at least: the clock and the scheduler are far finer."""


def problem(n: int, d: int, width: int, depth: int) -> tuple[MLP, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return network, weights (p,), inputs (n, d) and targets (n,)."""
    g = torch.Generator().manual_seed(0)
    network = MLP(d, width, depth, "tanh")
    x = torch.randn(n, d, generator=g, dtype=torch.float64) / d**0.5
    return network, network.initialize(g, paired=False), x, torch.sin(x.sum(1))


def steps_of(method: str, size: tuple[int, int, int, int]) -> Callable[[int], None]:
    """Return a function that takes so many steps of the steps clock."""
    network, w0, x, y = problem(*size)
    one = torch.ones(1, dtype=torch.float64)
    system = System(network, x, y, [parse_method(method)], one, torch.zeros(1, len(y), dtype=torch.float64))
    first = tangent(system, w0[None], 0 * one)
    knobs = definition.Clock(kind="steps", step_size=1e-4)
    clock = clock_for(knobs, system, w0[None], first)
    running, done = torch.ones(1, dtype=torch.bool), [0]

    def steps(count: int) -> None:
        done[0] += count
        clock.advance(done[0], running, lambda: None)

    return steps


def jax_steps(size: tuple[int, int, int, int]) -> Callable[[int], None]:
    """The same damped step by JAX: jit, reverse-mode Jacobian, n x n solve."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    network, w0, x, y = problem(*size)
    x, y, w = jnp.asarray(x.numpy()), jnp.asarray(y.numpy()), [jnp.asarray(w0.numpy())]
    outputs = jax_outputs(network)

    @jax.jit
    def step(w):
        j, e = jax.jacrev(outputs)(w, x), outputs(w, x) - y
        return w - 1e-4 * j.T @ jnp.linalg.solve(0.9 * j @ j.T + 0.1 * jnp.eye(len(y)), e)

    def steps(count: int) -> None:
        for _ in range(count):
            w[0] = step(w[0])
        w[0].block_until_ready()

    return steps


def optimistix_steps(size: tuple[int, int, int, int]) -> Callable[[int], None]:
    """Levenberg-Marquardt of optimistix, one step a call; it solves with the stacked (n + p) x p system."""
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    network, w0, x, y = problem(*size)
    x, y, w = jnp.asarray(x.numpy()), jnp.asarray(y.numpy()), jnp.asarray(w0.numpy())
    outputs = jax_outputs(network)
    solver = optimistix.LevenbergMarquardt(rtol=0.0, atol=0.0)

    @jax.jit
    def solve(w):
        return optimistix.least_squares(
            lambda v, _: outputs(v, x) - y, solver, w, max_steps=1, throw=False
        ).value

    def steps(count: int) -> None:
        for _ in range(count):
            solve(w).block_until_ready()

    return steps


def jax_outputs(network: MLP):
    """Return the network's outputs as a function of flat weights in JAX."""
    import jax.numpy as jnp

    def outputs(w, x):
        a, start = x, 0
        for scale, k in zip(network.scales, network.fan_in, strict=True):
            stop = start + network.width * k
            weight, bias = w[start:stop].reshape(network.width, k), w[stop : stop + network.width]
            a, start = jnp.tanh(scale * a @ weight.T + bias), stop + network.width
        return a @ w[start:] * network.output_scale

    return outputs


def torch_lm_steps(size: tuple[int, int, int, int]) -> Callable[[int], None]:
    """Levenberg-Marquardt of torch-levenberg-marquardt on an nn.Module of the same shape."""
    import torch_levenberg_marquardt as lm

    _, d, width, depth = size
    _, _, x, y = problem(*size)
    layers: list[torch.nn.Module] = [torch.nn.Linear(d, width), torch.nn.Tanh()]
    for _ in range(depth - 1):
        layers += [torch.nn.Linear(width, width), torch.nn.Tanh()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(width, 1, bias=False)).double()
    module = lm.training.LevenbergMarquardtModule(model=net, loss_fn=lm.loss.MSELoss(), attempts_per_step=1)

    def steps(count: int) -> None:
        for _ in range(count):
            module.training_step(x, y[:, None])

    return steps


LARGEST_STACK = 5_000
"""Parameters up to which optimistix is run: at 134,657 its (n + p) x p system would take 145 GB."""

PEERS = {"jax": jax_steps, "optimistix": optimistix_steps, "torch_levenberg_marquardt": torch_lm_steps}


def interleaved(candidates: dict[str, Callable[[int], None]], repeats: int) -> dict[str, list[float]]:
    """Return the seconds per step of each candidate, timed in turns."""
    counts = {}
    for name, steps in candidates.items():
        steps(1)  # warm up, compile
        start = time.perf_counter()
        steps(3)
        counts[name] = max(1, int(SHORTEST * 3 / (time.perf_counter() - start)))
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, steps in candidates.items():
            start = time.perf_counter()
            steps(counts[name])
            times[name].append((time.perf_counter() - start) / counts[name])
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"torch {torch.__version__}, {arguments.threads} thread(s), float64, milliseconds per step (median)"
    )
    for (n, p), (size, limit) in SIZES.items():
        peers = {} if arguments.no_peers else PEERS
        candidates = {m: steps_of(m, size) for m in METHODS}
        for name, make in peers.items():
            if importlib.util.find_spec(name) and (name != "optimistix" or p <= LARGEST_STACK):
                candidates[name] = make(size)
        times = interleaved(candidates, arguments.repeats)
        print(f"\nn = {n}, p = {p:,}")
        for name, own in times.items():
            ratio = statistics.median(a / b for a, b in zip(own, times[METHODS[0]], strict=True))
            wanted = f"  (at most {limit})" if name == METHODS[1] else ""
            print(
                f"  {name:28} {1e3 * statistics.median(own):10.3f} ms   {ratio:8.2f} gradient steps{wanted}"
            )


if __name__ == "__main__":
    main()
