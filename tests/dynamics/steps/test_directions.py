"""One discrete step against dense linear algebra and autograd."""

import pytest
import torch
from checks import assert_close
from dynamics.clocked import one_step
from reference.problems import linear_system

from gnviz import Experiment, run
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.directions import cholesky, spectral
from gnviz.methods import parse_method
from gnviz.problem.models.mlp import MLP

ROUNDING = 1e-10
"""Primal and dual solves of a kernel with kappa around 1e4: eps kappa is 2e-12 (derived)."""

ALPHA, ETA = 3.0, 0.4


def setting(method, width=12):
    net = MLP(2, width, 2, "gelu")
    g = torch.Generator().manual_seed(1)
    w = net.initialize(g, paired=False)[None]
    x = torch.randn(5, 2, generator=g, dtype=torch.float64)
    y = torch.randn(5, generator=g, dtype=torch.float64)
    alpha = torch.tensor([ALPHA], dtype=torch.float64)
    return System(net, x, y, [parse_method(method)], alpha, torch.zeros(1, 5, dtype=torch.float64)), w


def dense(system, w):
    j = torch.func.jacrev(lambda v: system.model.outputs(v[None], system.x)[0])(w[0])
    e = ALPHA * system.model.outputs(w, system.x)[0] - system.y
    return j, e


def test_gradient_step_is_autograd_descent():
    system, w = setting("gradient-flow")
    v = w.clone().requires_grad_()
    loss = 0.5 * (ALPHA * system.model.outputs(v, system.x) - system.y).square().sum()
    (gradient,) = torch.autograd.grad(loss, v)
    # grad of the loss is alpha J^T e, the step (eta / alpha) J^T e
    assert_close(one_step(system, w, ETA), w - ETA / ALPHA**2 * gradient, rtol=1e-14, label="w")


def test_gauss_newton_step_has_minimum_norm():
    system, w = setting("gauss-newton")
    j, e = dense(system, w)
    expected = w[0] - ETA / ALPHA * torch.linalg.pinv(j) @ e
    assert_close(one_step(system, w, ETA)[0], expected, rtol=ROUNDING, label="w")


@pytest.mark.parametrize("width", [2, 12])  # p = 14 and 204
@pytest.mark.parametrize("rho", [1.0, 0.1, 1e-4])
def test_damped_step_equals_the_primal_solve(rho, width):
    system, w = setting(f"constant(rho={rho})", width)
    j, e = dense(system, w)
    h = rho * torch.eye(j.shape[1], dtype=torch.float64) + (1 - rho) * j.T @ j
    expected = w[0] - ETA / ALPHA * torch.linalg.solve(h, j.T @ e)
    assert_close(one_step(system, w, ETA)[0], expected, rtol=ROUNDING, label="w")


def test_rho_to_zero_is_gauss_newton():
    system, w = setting("constant(rho=1e-13)")
    undamped, _ = setting("gauss-newton")
    # the damped direction differs by rho / lambda_min, here below 1e-9
    assert_close(one_step(system, w, ETA), one_step(undamped, w, ETA), rtol=1e-8, label="w")


def test_cholesky_equals_the_spectral_solve():
    system, w = setting("constant(rho=0.01)")
    time = torch.zeros_like(system.alpha)
    a, b = cholesky(system, w, time), spectral(system, w, time)
    assert not a.failed.any()
    assert_close(a.d, b.d, rtol=1e-11, label="d")


@pytest.mark.parametrize("singular_values", [[2.0, 1.0, 0.0], [2.0, torch.nan, 1.0]])
def test_cholesky_says_where_it_means_nothing(singular_values):
    rhos = ["constant(rho=1e-15)", "constant(rho=0.5)"]
    system, w0, _ = linear_system(singular_values, 7, [parse_method(m) for m in rhos])
    failed = cholesky(system, w0, torch.zeros_like(system.alpha)).failed
    assert failed.tolist() == [True, bool(torch.tensor(singular_values).isnan().any())]


def test_a_singular_kernel_with_next_to_no_damping_still_steps():
    system, w0, _ = linear_system([2.0, 1.0, 0.0], 7, [parse_method("constant(rho=1e-15)")])
    w = one_step(system, w0, 1.0)
    reached = (system.alpha * (system.model.outputs(w, system.x)) - system.y)[0]
    j = system.model.j
    assert_close(reached @ j, torch.zeros(7), atol=1e-10, label="J^T e after a full step")


def test_residual_of_a_lazy_network_falls_by_one_minus_eta():
    values = {"clock.kind": "steps", "clock.steps": 6, "clock.step_size": 0.25, "network.alpha": 1e5}
    values |= {"methods": ["gauss-newton"], "data.condition": 1e5, "clock.spacing": "linear"}
    loss = run(Experiment().replace(values)).loss.values[0]
    # the kernel moves by O(1/alpha), seen through 1/lambda_min; measured 1e-6
    assert_close((loss[1:] / loss[:-1]) ** 0.5, [0.75] * (len(loss) - 1), rtol=1e-4, label="ratio")
