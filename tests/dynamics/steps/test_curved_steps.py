"""Methods that choose their steps, with every loss and for p < n: the loss falls, and dense twins agree."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from checks import assert_close
from dynamics.clocked import ALPHA, go, loss_of, small_net, step_clock

from gnviz import LogCosh, Logistic, PseudoHuber, Squared, Weighted
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.modes import JacobianModes, KernelModes
from gnviz.dynamics.steps.step_sizes import ARMIJO, SAFETY

LOSSES = [Squared(), LogCosh(), PseudoHuber(delta=0.5), Logistic(), Weighted(condition=100.0)]
SIZES = {"p>n": {"n": 6, "width": 8}, "p<n": {"n": 40, "width": 2, "depth": 1}}

PRIMAL = 1e-8
"""One step against a p x p solve whose matrix has kappa up to 1e7; measured below 1e-10."""

TWIN = 1e-6
"""Both spaces over 12 steps; rounding grows where a step is followed by a bad one. Measured below 1e-9."""

NEAR = 1e-3
"""A gain 1 - O(||du||) at a step so short that the quadratic model is exact to this."""


def dense(system, w):
    """Return J (n, p), e (n,) and G (n, n) by autograd, from the loss as a function of u."""
    j = torch.func.jacrev(lambda v: system.model.outputs(v[None], system.x)[0])(w)
    u = ALPHA * system.model.outputs(w[None], system.x)[0]
    gradient = torch.func.grad(lambda v: system.loss.value(v[None], system.y)[0])
    return j, gradient(u), torch.func.jacrev(gradient)(u)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_a_trust_region_step_is_the_dense_one(loss, size):
    method = "trust-region(damping=0.1)"
    system, w0 = small_net([method], loss=loss, **SIZES[size])
    j, e, curvature = dense(system, w0[0])
    mu = 0.1 * (curvature.sqrt() @ j @ j.T @ curvature.sqrt()).diagonal().max()
    h = j.T @ curvature @ j + mu * torch.eye(j.shape[1], dtype=torch.float64)
    d = torch.linalg.solve(h, j.T @ e)
    clock = go(step_clock(system, w0), 1)
    assert clock.record.accepted.item() == 1
    assert_close(w0[0] - clock.w[0], d / ALPHA, rtol=PRIMAL, label="step")
    du = -j @ d  # alpha J dw
    predicted = -(e @ du) - 0.5 * du @ curvature @ du
    fall = loss_of(system, w0) - loss_of(system, clock.w)
    assert_close(clock.record.gain, fall / predicted, rtol=PRIMAL, label="gain")


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_the_model_is_the_losss_own_quadratic(loss):
    """Heavily damped steps are short: the model must then tell the fall to second order, with J^T G J."""
    gains = []
    for damping in (1e3, 1e5):
        system, w0 = small_net([f"trust-region(damping={damping})"], loss=loss)
        gains.append(go(step_clock(system, w0), 1).record.gain.item())
    assert gains[1] == pytest.approx(1, abs=NEAR)
    assert abs(gains[1] - 1) < 0.1 * abs(gains[0] - 1) + 1e-9


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("update", ["nielsen", "marquardt"])
def test_trust_region_steps_never_raise_the_loss(loss, size, update):
    system, w0 = small_net([f"trust-region(update={update})"], loss=loss, **SIZES[size])
    clock, losses = step_clock(system, w0), [loss_of(system, w0).item()]
    for moment in range(1, 41):
        losses.append(loss_of(system, go(clock, moment).w).item())
        taken = clock.record.accepted.item() == 1
        assert losses[-1] < losses[-2] if taken else losses[-1] == losses[-2]
    assert losses[-1] < 0.6 * losses[0]


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_line_searches_never_raise_the_loss(loss, size):
    methods = ["gradient-flow", "constant(rho=0.1)", "adaptive(c=1)", "gauss-newton", "constant(rho=1e-12)"]
    system, w0 = small_net(methods, loss=loss, alpha=1.0, **SIZES[size])
    clock, start = step_clock(system, w0, step_rule="line-search"), loss_of(system, w0)
    before, taken = start, torch.zeros(len(methods))
    for moment in range(1, 31):
        after = loss_of(system, go(clock, moment).w)
        good = clock.record.accepted == 1
        alive = good & (before > 1e-20)
        assert (clock.record.gain[alive] >= ARMIJO).all()
        assert (after[alive] < before[alive]).all()
        assert torch.equal(after[~good], before[~good])
        before, taken = after, taken + good
    assert (before < 0.9 * start).all(), before / start
    assert (taken > 15).all()


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_stable_steps_follow_the_curved_kernel(loss, size):
    methods = ["gradient-flow", "constant(rho=0.1)", "gauss-newton", "momentum(beta=0.5)"]
    system, w0 = small_net(methods, loss=loss, alpha=1.0, **SIZES[size])
    clock = go(step_clock(system, w0, step_rule="stable"), 1)
    stretch = torch.tensor([1.0, 1.0, 1.0, 1.5], dtype=torch.float64)
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    # a Rayleigh quotient from the exact eigenvector
    expected = SAFETY * 2 * stretch / first.rate[:, 0]
    assert_close(clock.record.step_size, expected, rtol=1e-9, label="eta at the start")
    before = go(clock, 10).w
    s = linearize_dynamics(system, before, torch.zeros_like(system.alpha))
    go(clock, 11)  # step number 10 looks anew
    eta = SAFETY * 2 * stretch / s.rate[:, 0]
    # gradient descent; momentum outruns the power iteration, damped steps overshoot where a loss is flat
    assert_close(clock.record.step_size[:1], eta[:1], rtol=2e-2, label="eta later")


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_stable_descent_goes_down_with_every_loss(loss):
    system, w0 = small_net(["gradient-flow"], loss=loss, alpha=1.0)
    clock = step_clock(system, w0, step_rule="stable")
    losses = [loss_of(system, w0).item(), *(loss_of(system, go(clock, k).w).item() for k in range(1, 40))]
    assert all(b < a for a, b in pairwise(losses))


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize(
    ("method", "rule"),
    [("trust-region", "fixed"), ("adaptive(c=1)", "line-search"), ("gauss-newton", "line-search"),
     *(("constant(rho=0.01)", rule) for rule in ("fixed", "line-search", "stable"))],
)  # fmt: skip
def test_both_spaces_take_the_same_steps(loss, method, rule):
    ends = []
    for space, frame in (("sample", KernelModes), ("parameter", JacobianModes)):
        system, w0 = small_net([method], loss=loss, space=space)
        assert isinstance(linearize_dynamics(system, w0, torch.zeros_like(system.alpha)).modes, frame)
        ends.append(go(step_clock(system, w0, step_rule=rule), 12).w)
    assert_close(ends[1], ends[0], rtol=TWIN, label="w")


def test_parameter_space_sees_a_singular_value_that_a_kernel_cannot():
    """With p < n a step follows singular values of J whose squares would drown in a kernel's rounding."""
    system, w0 = small_net(["trust-region(damping=1e-15)"], n=40, width=2, depth=1, alpha=100.0)
    clock = go(step_clock(system, w0), 1)
    mu = clock.record.rho / (1 - clock.record.rho)
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    kernel_floor = 40 * np.finfo(float).eps * first.eigenvalues[0, 0]
    assert clock.w.isfinite().all()
    assert mu.item() < 0.1 * kernel_floor, "damped by less than a formed kernel's resolution"
