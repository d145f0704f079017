"""Momentum and Adam against torch.optim, which knows nothing of runs, kernels or alpha."""

import pytest
import torch
from checks import assert_close
from dynamics.clocked import ALPHA, go, small_net, step_clock
from reference.problems import linear_system

from gnviz.methods import parse_method

TORCH = 1e-12
"""The same arithmetic over 50 steps, relative to the largest weight; measured 3e-15."""

ETA, STEPS = 0.05, 50
SGD, ADAM = torch.optim.SGD, torch.optim.Adam

METHODS = {
    "gradient-flow": (SGD, {}),
    "momentum(beta=0.9)": (SGD, {"momentum": 0.9}),
    "momentum(beta=0.5, nesterov=true)": (SGD, {"momentum": 0.5, "nesterov": True}),
    "momentum(beta=0.95, nesterov=true)": (SGD, {"momentum": 0.95, "nesterov": True}),
    "adam": (ADAM, {}),
    "adam(beta1=0.5, beta2=0.9, eps=0.01)": (ADAM, {"betas": (0.5, 0.9), "eps": 0.01}),
}


def by_torch(system, w0, method):
    """Weights after STEPS steps of torch.optim with lr = eta/alpha on the gradient J^T e."""
    make, options = METHODS[method]
    w = w0[:1].clone().requires_grad_()
    optimizer = make([w], lr=ETA / ALPHA, **options)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (0.5 * (ALPHA * system.model.outputs(w, system.x) - system.y).square().sum() / ALPHA).backward()
        optimizer.step()
    return w.detach()[0]


def test_one_batch_of_optimizers_equals_torch_one_by_one():
    # adam and momentum between others, to see that the runs keep their places
    order = ["adam", "gradient-flow", *[m for m in METHODS if m not in ("adam", "gradient-flow")]]
    system, w0 = small_net(order)
    clock = go(step_clock(system, w0, step_size=ETA), STEPS)
    for run, method in enumerate(order):
        assert_close(clock.w[run], by_torch(system, w0, method), rtol=TORCH, label=method)


def test_steps_in_two_stretches_are_the_same_steps():
    system, w0 = small_net(list(METHODS))
    whole = go(step_clock(system, w0, step_size=ETA), 20)
    halves = go(go(step_clock(system, w0, step_size=ETA), 7), 20)
    assert torch.equal(whole.w, halves.w)


@pytest.mark.parametrize("nesterov", ["true", "false"])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_stability_limit_of_momentum(beta, nesterov):
    method = parse_method(f"momentum(beta={beta}, nesterov={nesterov})")
    system, w0, _ = linear_system([2.0, 1.0, 0.5], 5, [method])
    limit = method.stretch * 2 / 4.0  # lambda_max = 2^2
    start = (system.alpha[:, None] * system.model.outputs(w0, system.x) - system.y).norm()
    ends = {}
    for share in (0.99, 1.01):
        w = go(step_clock(system, w0, step_size=share * limit), 3000).w
        ends[share] = (system.alpha[:, None] * system.model.outputs(w, system.x) - system.y).norm() / start
    assert ends[0.99] < 1e-6
    assert ends[1.01] > 1e6


def test_adam_moves_weights_by_a_thousandth_unless_told_otherwise():
    system, w0 = small_net(["adam"])
    moved = (go(step_clock(system, w0), 1).w - w0).abs()
    assert_close(moved, torch.full_like(moved, 1e-3), rtol=1e-4, label="|dw|")  # eps / |g| off
