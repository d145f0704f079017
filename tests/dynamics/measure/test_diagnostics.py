"""Measurements beside the dynamics, against dense twins and closed forms."""

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz import Experiment, make_problem, run
from gnviz.analysis.ends import last, past
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.measure.diagnostics import LANCZOS_TOL, held_out_loss, kernel_limit, sharpness
from gnviz.dynamics.simulate import assemble
from gnviz.problem.build import build

LINE = {
    "data.kind": "line",
    "data.n": 5,
    "data.condition": None,
    "network.width": 40,
    "network.alpha": 3.0,
    "clock.snapshots": 12,
    "methods": ["gradient-flow", "constant(rho=0.1)"],
}


def start(**changes):
    problem = build(Experiment().replace(LINE | changes))
    system, w0 = assemble(Experiment().replace(LINE | changes), problem)
    return problem, system, w0, linearize_dynamics(system, w0, torch.zeros_like(system.alpha))


def dense_loss(system, w):
    u = system.alpha[0] * (system.model.outputs(w[None], system.x) - system.offset[:1])
    return system.loss.value(u, system.y)[0]


@pytest.mark.parametrize("width", [3, 40], ids=["dense", "Lanczos"])
@pytest.mark.parametrize("loss", ["squared", "pseudo-huber"])
def test_sharpness_is_the_top_of_the_whole_hessian(width, loss):
    changes = {"network.width": width, "network.initialization": "centred", "loss.kind": loss}
    _, system, w0, _ = start(**changes)
    w = w0 + 0.1
    found = sharpness(system, w, 3)
    hessian = torch.autograd.functional.hessian(lambda v: dense_loss(system, v), w[0])
    expected = torch.linalg.eigvalsh(hessian).flip(0)[:3]
    assert_close(found, expected.expand(2, -1), rtol=10 * LANCZOS_TOL, label="eigenvalues")


def test_sharpness_of_a_model_of_ones_own():
    x = torch.linspace(0, 2, 9, dtype=torch.float64)
    problem = make_problem(lambda w, x: w[0] * torch.exp(-w[1] * x), x, y=torch.exp(-x), w0=[2.0, 0.5])
    values = {"methods": ["gauss-newton"], "clock.kind": "steps", "clock.steps": 3, "observe.sharpness": 3}
    ds = run(Experiment().replace(values), problem)
    w = torch.from_numpy(ds["weights"].values[0, 1])

    def g(v):
        return 0.5 * (v[0] * torch.exp(-v[1] * x) - torch.exp(-x)).square().sum()

    expected = torch.linalg.eigvalsh(torch.autograd.functional.hessian(g, w)).flip(0)
    assert_close(ds["sharpness"].values[0, 1, :2], expected, rtol=1e-10, label="eigenvalues")
    assert np.isnan(ds["sharpness"].values[0, :, 2]).all(), "there are two parameters only"


def test_sharpness_of_a_run_that_broke_down_is_unknown():
    _, system, w0, _ = start()
    w = w0.clone()
    w[1, 3] = torch.inf
    found = sharpness(system, w, 2)
    assert found[0].isfinite().all()
    assert found[1].isnan().all()
    assert sharpness(system, w0, 0).shape == (2, 0)


@pytest.mark.parametrize("loss", ["squared", "weighted"])
@pytest.mark.parametrize("initialization", ["paired", "centred", "plain"])
def test_the_kernel_limit_is_kernel_regression(loss, initialization):
    changes = {"loss.kind": loss, "network.initialization": initialization}
    problem, system, w0, first = start(**changes)
    grid = problem.samples.grid_x
    linear = system.model.linearize(w0[:1], torch.cat([system.x, grid]))
    kernel, n = linear.kernel()[0], len(system.x)
    u = 3.0 * linear.outputs[0] * (initialization != "centred")
    expected = u[n:] + kernel[n:, :n] @ torch.linalg.solve(kernel[:n, :n], system.y - u[:n])
    offset = 1.0 * (initialization == "centred") * linear.outputs[:, n:]
    found = kernel_limit(system, w0, first, grid, offset)
    assert_close(found, expected.expand(2, -1), rtol=1e-8, label="limit")  # kappa(K_0) is about 1e5


def test_with_fewer_parameters_the_limit_is_least_squares():
    changes = {"data.n": 20, "network.width": 3, "network.initialization": "centred"}
    problem, system, w0, first = start(**changes)
    assert first.underparameterized
    grid = problem.samples.grid_x
    jacobian = system.model.linearize(w0[:1], system.x).jacobian()[0]
    dw = torch.linalg.lstsq(jacobian, system.y[:, None]).solution
    at_grid = system.model.linearize(w0[:1], grid)
    found = kernel_limit(system, w0, first, grid, at_grid.outputs)
    assert_close(found[0], (at_grid.jacobian()[0] @ dw)[:, 0], rtol=1e-6, label="limit")


def test_no_limit_where_the_minimum_is_at_infinity():
    ds = run(Experiment().replace(LINE | {"loss.kind": "logistic", "clock.horizon": 1.0}))
    assert np.isnan(ds["kernel_limit"].values).all()
    changes = {"data.n": 20, "network.width": 2, "network.initialization": "centred", "loss.kind": "log-cosh"}
    _, system, w0, first = start(**changes)
    assert kernel_limit(system, w0, first, system.x, system.offset).isnan().all()


@pytest.mark.parametrize(("initialization", "exponent"), [("centred", 1), ("paired", 2)])
def test_the_lazy_gap_closes_with_alpha(initialization, exponent):
    gaps = []
    for alpha in (100.0, 1000.0):
        changes = {"network.alpha": alpha, "network.initialization": initialization, "clock.horizon": 10.0}
        ds = run(Experiment().replace(LINE | changes))
        gaps.append(ds["lazy_gap"].values[:, -1])
        assert (ds["lazy_gap"].values[:, 0] == 0).all()
    found = np.log10(gaps[0] / gaps[1])
    assert_close(found, np.full(2, exponent), atol=0.1, label="exponent")


def test_lazy_training_ends_at_the_kernel_limit():
    ds = run(Experiment().replace(LINE | {"network.alpha": 1e4, "clock.tol": 1e-6}))
    end, limit = last(ds["curve"]).values, ds["kernel_limit"].values
    assert_close(end, limit, rtol=1e-6, label="curve")


def test_the_path_is_at_least_as_long_as_the_way():
    ds = run(Experiment().replace(LINE))
    length, drift = ds["path_length"].values, ds["weight_drift"].values
    assert (length[:, 0] == 0).all()
    known = ~past(ds)
    assert (np.diff(length, axis=1) >= 0)[known[:, 1:]].all()
    assert (length >= drift * (1 - 1e-12))[known].all()
    assert (last(ds["path_length"]) > 1.001 * last(ds["weight_drift"])).all(), "neither path is straight"
    assert_close(length[:, 1], drift[:, 1], rtol=1e-12, label="the first piece is the way so far")


@pytest.mark.parametrize("initialization", ["paired", "centred"])
@pytest.mark.parametrize("loss", ["squared", "weighted", "log-cosh"])
def test_the_test_loss_at_the_training_samples_is_the_training_loss(loss, initialization):
    _, system, w0, _ = start(**{"loss.kind": loss, "network.initialization": initialization})
    w = w0 + 0.1
    u = system.alpha[:, None] * (system.model.outputs(w, system.x) - system.offset)
    found = held_out_loss(system, u, system.y)
    u = system.alpha[:, None] * (system.model.outputs(w, system.x) - system.offset)
    expected = system.loss.value(u, system.y)
    if loss == "weighted":
        expected = 0.5 * (u - system.y).square().sum(1)
    assert_close(found, expected, rtol=1e-14, label="loss")


def test_the_test_loss_of_a_run():
    ds = run(Experiment().replace(LINE | {"data.test": 400, "network.initialization": "centred"}))
    on_grid = np.trapezoid(0.5 * (ds["curve"] - ds["truth"]) ** 2, ds["grid"], axis=-1) / 2.1
    known = ~past(ds)
    assert_close(ds["test_loss"].values[known], 5 * on_grid[known], rtol=0.15, label="over the line")
    assert np.isnan(run(Experiment().replace(LINE))["test_loss"].values).all()
