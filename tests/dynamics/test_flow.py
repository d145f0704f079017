"""The flow against closed forms, an independent solver, and itself at smaller steps."""

import numpy as np
import pytest
import torch
from checks import assert_close
from reference.problems import linear_system
from scipy.integrate import solve_ivp

from gnviz.dynamics.clocks import FlowClock
from gnviz.dynamics.flow import FlowState, advance, exponential_step
from gnviz.dynamics.tangent import System, predict, tangent
from gnviz.methods import parse_method
from gnviz.problem.networks import MLP

CLOSED_FORM = 5e-12
"""SCIENCE section 9.1: reached with a constant kernel, where the scheme is exact."""

SINGULAR_VALUES = [3.0, 1.0, 0.3, 1e-2, 1e-3]


def go():
    """A checkpoint that never waits."""


def everyone(clock):
    return torch.ones(len(clock.w), dtype=torch.bool)


@pytest.mark.parametrize("parameters", [5, 9])
def test_modes_of_a_linear_model_decay_exponentially(parameters):
    rhos = [1.0, 0.1, 1e-3]
    system, w0, v = linear_system(SINGULAR_VALUES, parameters, [parse_method(f"constant({r})") for r in rhos])
    clock = FlowClock(system, w0, tol=3e-3)
    lam = torch.tensor(SINGULAR_VALUES, dtype=torch.float64) ** 2
    rate = torch.stack([lam / (r + (1 - r) * lam) for r in rhos])
    modes0 = (predict(system, system.model.outputs(w0, system.x)) - system.y) @ v
    for moment in (0.01, 0.7, 5.0, 300.0):
        clock.advance(moment, everyone(clock), go)
        modes = (predict(system, system.model.outputs(clock.w, system.x)) - system.y) @ v
        assert_close(modes, modes0 * torch.exp(-rate * moment), rtol=CLOSED_FORM, label=f"modes at {moment}")


def test_undamped_flow_shrinks_the_whole_residual_at_rate_one():
    system, w0, _ = linear_system([2.0, 1.0, 1e-3], 7, [parse_method("gauss-newton")])
    clock = FlowClock(system, w0, tol=3e-3)
    e0 = predict(system, system.model.outputs(w0, system.x)) - system.y
    clock.advance(4.0, everyone(clock), go)
    e = predict(system, system.model.outputs(clock.w, system.x)) - system.y
    # undamped, a mode is known to eps kappa(K) = 2e-16 * 4e6, and that in each of some ten steps
    assert_close(e, e0 * np.exp(-4.0), rtol=1e-8, label="e")
    assert clock.decay.item() == pytest.approx(4.0, rel=1e-12), "the certificate knows the rate"


def small_net(methods, *, seed=3):
    """Four samples, sixteen tanh neurons, weights that move: alpha = 1."""
    net = MLP(2, 16, 1, "tanh")
    g = torch.Generator().manual_seed(seed)
    w = net.initialize(g, paired=False)
    theta = torch.tensor([0.0, 0.9, 1.7, 2.5], dtype=torch.float64)
    x, y = torch.stack([theta.cos(), theta.sin()], 1), (3 * theta).sin()
    runs = len(methods)
    schedules = [parse_method(m) for m in methods]
    zeros = torch.zeros(runs, 4, dtype=torch.float64)
    system = System(net, x, y, schedules, torch.ones(runs, dtype=torch.float64), zeros)
    return system, w.expand(runs, -1)


def reference(system, w0, method, times):
    """w at `times`, by an explicit solver of order 8 on the dense equation in weight space."""
    x, y = system.x, system.y

    def f(w):
        hidden = torch.tanh(x @ w[:32].reshape(16, 2).T + w[32:48])
        return hidden @ w[48:] / 4

    def speed(_, w):
        w = torch.from_numpy(w)
        j = torch.func.jacrev(f)(w).numpy()
        e = (f(w) - y).numpy()
        k = j @ j.T
        lam = np.linalg.eigvalsh(k)[0]
        rho = {"gradient-flow": 1.0, "constant(rho=0.01)": 0.01, "adaptive(c=1)": lam / (1 + lam)}[method]
        h = rho * np.eye(len(w)) + (1 - rho) * j.T @ j  # p x p: the primal form, as the paper writes it
        return -np.linalg.solve(h, j.T @ e)

    out = solve_ivp(speed, (0, times[-1]), w0.numpy().copy(), "DOP853", t_eval=times, rtol=1e-9, atol=1e-10)
    return out.y.T


METHODS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]


@pytest.mark.parametrize("method", METHODS)
def test_flow_follows_an_independent_solver(method):
    system, w0 = small_net([method])
    times = [0.05, 0.4, 2.0]
    expected = reference(system, w0[0], method, times)
    errors = []
    for tol in (1e-2, 1e-3, 1e-4):
        clock = FlowClock(system, w0, tol)
        got = []
        for moment in times:
            clock.advance(moment, everyone(clock), go)
            got.append(clock.w[0].clone())
        got = torch.stack(got)
        # a local error of tol / 2 and less in each of some ten steps
        assert_close(got, expected, rtol=2 * tol, label=f"w at tol {tol}")
        errors.append(np.abs(got.numpy() - expected).max())
    assert errors[2] < errors[0] / 20, f"a hundredth of the tolerance is hardly better: {errors}"


@pytest.mark.parametrize("method", METHODS)
def test_the_scheme_is_of_second_order(method):
    system, w0 = small_net([method])

    def solve(steps):
        w, h = w0, torch.tensor([1.0 / steps], dtype=torch.float64)
        for i in range(steps):
            w = exponential_step(system, w, i * h, h, 1.0)[0]
        return w

    best = solve(320)
    coarse, fine = ((solve(n) - best).norm().item() for n in (20, 40))
    assert 1.7 < np.log2(coarse / fine) < 2.6, "order 2, within what 20 and 40 steps can show"


def test_a_hard_run_does_not_change_an_easy_one():
    hard = ["adaptive(c=1)", "gauss-newton", "constant(rho=1e-6)"]
    system, w0 = small_net(["gradient-flow", *hard])
    alone, w = small_net(["gradient-flow"])
    together, single = FlowClock(system, w0, 1e-3), FlowClock(alone, w, 1e-3)
    for moment in (0.1, 3.0):
        together.advance(moment, everyone(together), go)
        single.advance(moment, everyone(single), go)
    # the same steps up to rounding of batched products, carried along a contracting flow
    assert_close(together.w[0], single.w[0], rtol=1e-10, label="w")
    assert together._state.attempts[0] == single._state.attempts[0]


def test_no_step_raises_the_loss():
    system, w0 = small_net(["gradient-flow", "constant(rho=0.0001)", "gauss-newton"])
    state = FlowState.start(w0, 0.5)  # far too long a first step, and a tolerance that would let it pass
    losses = [tangent(system, state.w, state.time).loss]
    for _ in range(40):
        advance(system, state, torch.arange(3), 5.0, tol=0.5)
        losses.append(tangent(system, state.w, state.time).loss)
    rises = torch.stack(losses).diff(dim=0)
    assert rises.max() <= 1e-20, "the exact flow only descends; the rest is rounding near zero"


def test_a_run_that_is_told_to_stay_stays():
    system, w0 = small_net(["gradient-flow", "adaptive(c=1)"])
    clock = FlowClock(system, w0, 1e-2)
    clock.advance(0.3, torch.tensor([True, False]), go)
    assert torch.equal(clock.w[1], w0[1])
    assert not torch.equal(clock.w[0], w0[0])
