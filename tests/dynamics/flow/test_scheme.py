"""The flow against closed forms, an independent solver, and itself at smaller steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from checks import assert_close
from reference.problems import linear_system
from scipy.integrate import solve_ivp

from gnviz import Experiment
from gnviz.dynamics.flow.clock import MAX_STEPS, FlowClock, step
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System, predict
from gnviz.dynamics.simulate import assemble, run
from gnviz.methods import Schedule, parse_method
from gnviz.problem.build import build
from gnviz.problem.models.mlp import MLP

CLOSED_FORM = 5e-12
"""Reached with a constant kernel, where the scheme is exact: what is left is rounding."""

LEAK = 1e-10
"""A slow mode whose eigenvector is known to eps leaks eps lambda_1 / lambda_n of what it moves in a step into
the fast ones, here up to 2e-9 of it; measured 3e-11 where steps are hundreds long."""

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
        expected = modes0 * torch.exp(-rate * moment)
        for r, rho in enumerate(rhos):
            limit = CLOSED_FORM if rho > 1e-2 else LEAK
            assert_close(modes[r], expected[r], rtol=limit, label=f"modes at {moment}, rho {rho}")


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


def reference(system, w0, rho, times):
    """w at `times`, by an explicit solver of order 8 on the dense equation in weight space.

    `rho(t, loss, lambda_min)` is the schedule.
    """
    x, y = system.x, system.y

    def f(w):
        hidden = torch.tanh(x @ w[:32].reshape(16, 2).T + w[32:48])
        return hidden @ w[48:] / 4

    def speed(t, w):
        w = torch.from_numpy(w)
        j = torch.func.jacrev(f)(w).numpy()
        e = (f(w) - y).numpy()
        k = j @ j.T
        r = rho(t, 0.5 * e @ e, np.linalg.eigvalsh(k)[0])
        if r == 0:
            return -np.linalg.lstsq(j, e)[0]  # the minimum-norm direction
        h = r * np.eye(len(w)) + (1 - r) * j.T @ j  # p x p: the primal form, as the paper writes it
        return -np.linalg.solve(h, j.T @ e)

    out = solve_ivp(speed, (0, times[-1]), w0.numpy().copy(), "DOP853", t_eval=times, rtol=1e-10, atol=1e-11)
    return out.y.T


class Cooling(Schedule):
    """Damping that follows time and loss at once."""

    label = "cooling"

    def rho_at(self, seen):
        return 1 / (1 + 5 * seen.time) / (1 + seen.loss)


METHODS = {
    "gradient-flow": lambda t, g, lam: 1.0,
    "constant(rho=0.01)": lambda t, g, lam: 0.01,
    "adaptive(c=1)": lambda t, g, lam: lam / (1 + lam),
    "gauss-newton": lambda t, g, lam: 0.0,
    "cooling": lambda t, g, lam: 1 / (1 + 5 * t) / (1 + g),
}


def net_of(method):
    system, w0 = small_net(["gradient-flow" if method == "cooling" else method])
    return (replace(system, methods=[Cooling()]) if method == "cooling" else system), w0


def follow(system, w0, tol, times):
    """w of the first run at `times`."""
    clock, got = FlowClock(system, w0, tol), []
    for moment in times:
        clock.advance(moment, everyone(clock), go)
        got.append(clock.w[0].clone())
    return torch.stack(got), clock


@pytest.mark.parametrize("method", METHODS)
def test_flow_follows_an_independent_solver(method):
    system, w0 = net_of(method)
    times = [0.05, 0.4, 0.41, 0.45, 0.9, 2.0]  # several within one step, none at its end
    expected = reference(system, w0[0], METHODS[method], times)
    loss = 0.5 * (system.model.outputs(torch.from_numpy(expected), system.x) - system.y).square().sum(1)
    for tol in (1e-2, 1e-4, 1e-6):
        got, _ = follow(system, w0, tol, times)
        # what clock.tol means: the error of the outputs in units of the residual; the rest is the solver's
        outputs = system.model.outputs(torch.stack([got, torch.from_numpy(expected)]).flatten(0, 1), system.x)
        gap = (outputs[: len(times)] - outputs[len(times) :]).norm(dim=1) / (2 * loss).sqrt()
        assert gap.max() < tol + 1e-9, f"off by {gap.tolist()} of the residual at tol {tol}"
        assert_close(got, expected, rtol=tol, label=f"w at tol {tol}")


def fixed_steps(system, w0, tol, start, length, counts):
    """Weights a length of time on, after each of some numbers of equal steps, stacked.

    All begin at one point, reached with its past at tolerance `tol`.
    """
    clock = FlowClock(system, w0, tol)
    reach(clock, system, start, tol)
    kept = clock.state_dict()
    return torch.stack([equal_steps(clock, system, kept, length / n, n) for n in counts])


def reach(clock, system, start, tol):
    """Step to a time and no further."""
    state = clock._state
    for _ in range(MAX_STEPS):
        if state.time[0] >= start:
            break
        state.step.clamp_(max=start - state.time[0].item())
        step(system, state, (0,), tol)
    else:
        pytest.fail(f"the flow got only to {state.time[0]} of {start} in {MAX_STEPS} steps")
    state.time.fill_(start)


def equal_steps(clock, system, kept, h, steps):
    """Weights after some steps of equal size from where the clock was."""
    clock.load_state_dict(kept)
    state, start = clock._state, clock._state.time[0].item()
    for _ in range(steps):
        state.step.fill_(h)
        step(system, state, (0,), 1e9)  # every step is good enough
    assert state.time[0].item() == pytest.approx(start + steps * h)
    return state.w[0].clone()


@pytest.mark.parametrize("method", METHODS)
def test_the_scheme_is_of_fifth_order(method):
    system, w0 = net_of(method)
    ends = fixed_steps(system, w0, 1e-7, 0.2, 0.4, (80, 8, 16, 32))
    errors = [(w - ends[0]).norm().item() for w in ends[1:]]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert 4.3 < orders.max() < 6.5, f"orders {orders} of errors {errors}"
    assert orders.min() > 3.5


def stiff_net():
    """The default problem where only slow modes are left: rates from 1e-5 to 10."""
    experiment = Experiment().replace(
        {"methods": ["gradient-flow"], "data.condition": 1e6, "network.width": 40}
    )
    return assemble(experiment, build(experiment))


def test_stiffness_takes_no_order_away():
    system, w0 = stiff_net()
    start, length = 1e4, 2e4
    ends = fixed_steps(system, w0, 1e-6, start, length, (40, 5, 10))
    rate = linearize_dynamics(system, ends[0][None], torch.full_like(system.alpha, start)).rate[0]
    assert rate[0] * length / 40 > 1e3, "the fast modes are stiff at every step size"
    assert 1e-3 < rate[-1] * length < 10, "the slow ones move"
    outputs = system.model.outputs(ends, system.x)
    errors = [(u - outputs[0]).norm().item() for u in outputs[1:]]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders.min() > 3.5, f"orders {orders} of errors {errors}"


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
    state = FlowClock(system, w0, 0.5)._state
    state.step.fill_(0.5)  # far too long a first step, and a tolerance that would let it pass
    losses = [linearize_dynamics(system, state.w, state.time).loss]
    for _ in range(40):
        step(system, state, (0, 1, 2), 0.5)
        losses.append(linearize_dynamics(system, state.w, state.time).loss)
    rises = torch.stack(losses).diff(dim=0)
    assert rises.max() <= 1e-20, "the exact flow only descends; the rest is rounding near zero"


def test_a_run_that_is_told_to_stay_stays():
    system, w0 = small_net(["gradient-flow", "adaptive(c=1)"])
    clock = FlowClock(system, w0, 1e-2)
    clock.advance(0.3, torch.tensor([True, False]), go)
    assert torch.equal(clock.w[1], w0[1])
    assert not torch.equal(clock.w[0], w0[0])


def test_moments_do_not_change_the_steps():
    system, w0 = small_net(["gradient-flow", "adaptive(c=1)"])
    few, many = FlowClock(system, w0, 1e-3), FlowClock(system, w0, 1e-3)
    few.advance(5.0, everyone(few), go)
    for moment in np.linspace(0.01, 5.0, 97):
        many.advance(float(moment), everyone(many), go)
    assert torch.equal(few.evaluations, many.evaluations)
    assert torch.equal(few.w, many.w)
    assert (many.evaluations < 80).all(), "97 moments need no 97 steps"


def test_a_moment_between_steps_is_as_good_as_a_step():
    system, w0 = small_net(["gradient-flow", "constant(rho=0.01)"])
    tol, times = 1e-3, np.linspace(0.02, 3.0, 60)
    coarse, fine = FlowClock(system, w0, tol), FlowClock(system, w0, 1e-8)
    worst = 0.0
    for moment in times.tolist():
        for clock in (coarse, fine):
            clock.advance(moment, everyone(clock), go)
        u, v = (system.model.outputs(clock.w, system.x) for clock in (coarse, fine))
        worst = max(worst, ((u - v).norm(dim=1) / (v - system.y).norm(dim=1)).max().item())
    assert worst < tol


def test_the_headline_run_needs_few_kernels():
    experiment = Experiment().replace({"methods": ["gradient-flow"]})
    system, w0 = assemble(experiment, build(experiment))
    clock = FlowClock(system, w0, experiment.clock.tol)
    loss = linearize_dynamics(system, w0, clock._state.time).loss
    while loss > 1e-12:
        step(system, clock._state, (0,), experiment.clock.tol)
        loss = clock._state.loss
    assert clock._state.time.item() > 1e6
    assert clock.evaluations.item() <= 300  # measured 156


def test_evaluations_are_all_tangents_there_are(monkeypatch):
    made = []

    def counted(system, w, time, **how):
        made.append(len(w))
        return linearize_dynamics(system, w, time, **how)

    monkeypatch.setattr("gnviz.dynamics.flow.scheme.linearize_dynamics", counted)
    monkeypatch.setattr("gnviz.dynamics.flow.clock.linearize_dynamics", counted)
    system, w0 = small_net(["gradient-flow", "adaptive(c=1)", "constant(rho=1e-6)"])
    clock = FlowClock(system, w0, 1e-4)
    clock.advance(2.0, everyone(clock), go)
    assert clock.evaluations.sum().item() == sum(made)


def test_float32_time_does_not_stand_still():
    values = {"data.kind": "teacher", "data.d": 1, "data.noise": 10.0, "data.n": 7, "data.seed": 80}
    values |= {
        "network.alpha": 0.001,
        "network.width": 9,
        "network.depth": 4,
        "network.activation": "sigmoid",
    }
    values |= {"network.initialization": "centred", "network.seed": 78, "clock.horizon": 50.0}
    values |= {"clock.tol": 1e-4, "dtype": "float32", "methods": ["gauss-newton"]}
    system, w0 = assemble(experiment := Experiment().replace(values), build(experiment))
    clock = FlowClock(system, w0, 1e-4)
    times = [0.0]
    for _ in range(60):  # steps of less than eps t, taken where sigmoids saturate
        step(system, clock._state, (0,), 1e-4)
        times.append(clock._state.time.item())
    assert clock.w.dtype == torch.float32
    assert np.isfinite(times).all()
    assert clock._state.w.isfinite().all()


def test_errors_stay_well_below_what_is_promised():
    """Some hundred steps add up, so each is allowed a tenth; with ten times that the largest are 0.5 to 3."""
    knobs = {"network.width": 60, "network.alpha": 2.0, "clock.snapshots": 40, "device": "cpu"}
    rough, exact = (run(Experiment().replace(knobs | {"clock.tol": tol})) for tol in (1e-2, 1e-4))
    left = np.linalg.norm(exact.prediction - exact.y, axis=-1)
    error = np.linalg.norm(rough.prediction - exact.prediction, axis=-1) / left / 1e-2
    largest = np.nanmax(np.where(left > 1e-6, error, np.nan), axis=1)
    assert (largest < 0.35).all(), largest  # measured 0.05, 0.14, 0.16
