"""How many kernels the flow clock needs, how accurate it is, and how long it takes; with diffrax beside it.

    python tests/benchmarks/flow.py                                   # the table
    python tests/benchmarks/flow.py --peers --condition 1e7 --methods gradient-flow

Every run is measured at the recorded moments, down to loss 1e-12, against a reference at 1e-6:

* log loss: the largest |log loss - log loss_ref|;
* residual: the largest ||u - u_ref|| / ||u_ref - y||, an error of the predictions in units of what is left to
  fit. It bounds the first one: |log loss - log loss_ref| <= 2 |log(1 - residual)|.

`kernels` counts linearizations with an eigendecomposition each, at every attempted step; `moments` are those
of the observer, one each, on top. Times are on one thread. With `--peers`, diffrax (the `bench` extra) solves
the same gradient flow by implicit Runge-Kutta schemes to the time at which the reference has loss 1e-12; its
time is a second call's, without compilation.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import time as wall
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz import Experiment, preset
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System, predict
from gnviz.dynamics.simulate import assemble, time_grid
from gnviz.problem.build import build

LEVEL = 1e-12
REFERENCE = 1e-6


@dataclass
class Track:
    """Predictions u at the moments reached, shape (T, n), and what they cost."""

    u: Tensor
    kernels: int
    seconds: float
    end: str


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    print(f"{'problem':10} {'method':20} {'tol':>7} {'kernels':>8} {'moments':>8} "
          f"{'log loss':>9} {'residual':>9} {'seconds':>8}")  # fmt: skip
    for method in options.methods:
        for condition in options.condition:
            experiment = Experiment().replace({"data.condition": condition, "methods": [method]})
            compare(f"{condition:.0e}", method, experiment, options)
        for name in options.presets:
            compare(name, method, preset(name).replace({"methods": [method]}), options)
    if options.peers is not None:
        for condition in options.condition:
            peers(condition, options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--condition", type=float, nargs="*", default=[1e5, 1e7, 1e9])
    parser.add_argument(
        "--methods", nargs="*", default=["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
    )
    parser.add_argument("--presets", nargs="*", default=[], help="such as thurber")
    parser.add_argument("--tol", type=float, nargs="*", default=[1e-2, 1e-3, 1e-4])
    parser.add_argument("--limit", type=float, default=120.0, help="seconds after which a run is cut off")
    parser.add_argument("--peers", nargs="*", help="compare with diffrax's solvers, such as Kvaerno5")
    parser.add_argument("--peer-tol", type=float, default=1e-4, help="rtol of diffrax")
    parser.add_argument("--peer-steps", type=int, default=4096, help="step limit of diffrax")
    return parser.parse_args()


def compare(problem: str, method: str, experiment: Experiment, options: argparse.Namespace) -> None:
    """Print a line for each tolerance."""
    reference = follow(experiment, REFERENCE, options.limit)
    y = build(experiment).samples.y
    for tol in options.tol:
        track = follow(experiment, tol, options.limit)
        logs, residual = errors(track.u, reference.u, y) if not reference.end else (math.nan, math.nan)
        print(f"{problem:10} {method:20} {tol:7.0e} {track.kernels:8d} {len(track.u):8d} "
              f"{logs:9.1e} {residual:9.1e} {track.seconds:8.2f} {track.end}", flush=True)  # fmt: skip


def follow(experiment: Experiment, tol: float, limit: float) -> Track:
    """Follow one run over the recorded moments until its loss is below LEVEL."""
    system, w0 = assemble(experiment, build(experiment))
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    moments, one = time_grid(experiment.clock, first).tolist(), torch.tensor([True])
    started, us, end = wall.perf_counter(), [first.prediction[0]], ""
    clock = FlowClock(system, w0, tol, first)

    def checkpoint() -> None:
        if wall.perf_counter() - started > limit:
            raise TimeoutError

    for moment in moments[1:]:
        try:
            clock.advance(moment, one, checkpoint)
        except TimeoutError:
            end = f"cut off before t = {moment:.3g}"
            break
        if stopped := clock.stopped(0):
            end = stopped.why
            break
        us.append(outputs(system, clock.w)[0])
        if 0.5 * (us[-1] - system.y).square().sum() < LEVEL:
            break
    seconds = wall.perf_counter() - started
    return Track(torch.stack(us), int(clock.evaluations.item()), seconds, end)


def outputs(system: System, w: Tensor) -> Tensor:
    return predict(system, system.model.outputs(w, system.x))


def errors(u: Tensor, reference: Tensor, y: Tensor) -> tuple[float, float]:
    """Return the largest error of log loss and of the predictions in units of the residual."""
    count = min(len(u), len(reference))
    u, reference = u[:count], reference[:count]
    e, e_ref = (u - y).norm(dim=1), (reference - y).norm(dim=1)
    seen = 0.5 * e_ref.square() > LEVEL
    logs = 2 * (e / e_ref).log().abs()[seen]
    return logs.max().item(), ((u - reference).norm(dim=1) / e_ref)[seen].max().item()


def peers(condition: float, options: argparse.Namespace) -> None:
    """Print diffrax's time on gradient flow beside this package's, to the same final time."""
    if importlib.util.find_spec("diffrax") is None:
        print("diffrax cannot be imported: pip install -e '.[bench]'")
        return
    experiment = Experiment().replace({"data.condition": condition, "methods": ["gradient-flow"]})
    system, w0 = assemble(experiment, build(experiment))
    grid = time_grid(experiment.clock, linearize_dynamics(system, w0, torch.zeros_like(system.alpha)))
    last = float(grid[len(follow(experiment, REFERENCE, options.limit).u) - 1])
    best = final_loss(system, w0, last, REFERENCE)[0]
    ours, seconds, kernels = final_loss(system, w0, last, experiment.clock.tol)
    gap = f"{abs(math.log(ours / best)):.1e}"
    print(f"\nkappa {condition:.0e}, p = {w0.shape[1]}, to t = {last:.4g}, loss {best:.3e}")
    print(f"{'gnviz':10} {seconds:8.2f} s  {kernels:6d} kernels  log loss off by {gap}")
    for name in options.peers or ["Kvaerno3", "Kvaerno5"]:
        loss, slow, steps, finished = diffrax_loss(name, system, w0, last, options)
        gap = f"{abs(math.log(loss / best)):.1e}" if loss > 0 else "nan"
        end = "" if finished else " (step limit reached before the end)"
        print(f"{name:10} {slow:8.2f} s  {steps:6d} steps    log loss off by {gap}; "
              f"{slow / seconds:.0f} times gnviz's time{end}", flush=True)  # fmt: skip


def final_loss(system: System, w0: Tensor, last: float, tol: float) -> tuple[float, float, int]:
    """Return the loss at time `last`, the seconds and the kernels it took."""
    started = wall.perf_counter()
    clock = FlowClock(system, w0, tol)
    clock.advance(last, torch.tensor([True]), lambda: None)
    seconds = wall.perf_counter() - started
    loss = 0.5 * (outputs(system, clock.w)[0] - system.y).square().sum().item()
    return loss, seconds, int(clock.evaluations.item())


def diffrax_loss(
    name: str, system: System, w0: Tensor, last: float, options: argparse.Namespace
) -> tuple[float, float, int, bool]:
    """Return the loss at time `last`, seconds without compilation, steps, and whether it got there."""
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    width, d = system.model.width, system.model.inputs
    x, y, start = (jnp.array(v.numpy()) for v in (system.x, system.y, w0[0]))
    alpha, split = system.alpha.item(), width * d

    def network(w):
        hidden = jnp.tanh(x @ w[:split].reshape(width, d).T + w[split : split + width])
        return hidden @ w[split + width :] / math.sqrt(width)

    def speed(t, w, args):
        f, vjp = jax.vjp(network, w)
        return -vjp(alpha * f - y)[0] / alpha

    @jax.jit
    def solve(w):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(speed), getattr(diffrax, name)(), 0.0, last, 1e-3, w, throw=False,
            stepsize_controller=diffrax.PIDController(rtol=options.peer_tol, atol=1e-6 * options.peer_tol),
            max_steps=options.peer_steps, saveat=diffrax.SaveAt(t1=True),
        )  # fmt: skip

    jax.block_until_ready(solve(start).ys)
    started = wall.perf_counter()
    solution = solve(start)
    jax.block_until_ready(solution.ys)
    seconds = wall.perf_counter() - started
    loss = 0.5 * jnp.sum((alpha * network(solution.ys[0]) - y) ** 2).item()
    finished = bool(solution.result == diffrax.RESULTS.successful)
    return float(loss), seconds, int(solution.stats["num_steps"]), finished


if __name__ == "__main__":
    main()
