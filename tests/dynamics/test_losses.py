"""The dynamics of losses with curvature: dense twins, an independent solver, certificates, conditioning."""

import numpy as np
import pytest
import torch
from checks import assert_close
from dynamics.clocked import one_step
from reference.problems import LinearModel
from scipy.integrate import solve_ivp

from gnviz import Experiment, LogCosh, Logistic, PseudoHuber, Squared, Weighted, run
from gnviz.analysis.time_to_loss import crossing
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.methods import parse_method
from gnviz.problem.models.mlp import MLP
from gnviz.results import Status

LOSSES = [Squared(), LogCosh(), PseudoHuber(delta=0.5), Logistic(), Weighted(condition=100.0)]

ROUNDING = 1e-10
"""Primal (p x p) against dual (n x n) solves where S has kappa around 1e5: eps kappa is 2e-11 (derived)."""

ALPHA, ETA = 1.5, 0.4


def setting(method, loss, runs=1):
    net = MLP(2, 12, 1, "tanh")
    g = torch.Generator().manual_seed(2)
    w = net.initialize(g, paired=False)[None]
    theta = torch.tensor([0.0, 0.9, 1.7, 2.5], dtype=torch.float64)
    x, y = torch.stack([theta.cos(), theta.sin()], 1), 2 * (3 * theta).sin()
    y = torch.where(y < 0, -1.0, 1.0).double() if loss.label == "logistic" else y
    alpha = torch.full((runs,), ALPHA, dtype=torch.float64)
    offset = torch.zeros(runs, 4, dtype=torch.float64)
    return System(net, x, y, [parse_method(method)] * runs, alpha, offset, loss), w.expand(runs, -1)


def dense(system, w):
    """Return J (n, p), e (n,) and G (n, n) by autograd, from the loss as a function of u."""
    j = torch.func.jacrev(lambda v: system.model.outputs(v[None], system.x)[0])(w)
    u = ALPHA * system.model.outputs(w[None], system.x)[0]
    gradient = torch.func.grad(lambda v: system.loss.value(v[None], system.y)[0])
    return j, gradient(u), torch.func.jacrev(gradient)(u)


def primal(system, w, rho):
    """Return the direction (rho I + (1 - rho) J^T G J)^{-1} J^T e as the paper writes it, shape (p,)."""
    j, e, curvature = dense(system, w)
    h = rho * torch.eye(j.shape[1], dtype=torch.float64) + (1 - rho) * j.T @ curvature @ j
    return torch.linalg.solve(h, j.T @ e)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("rho", [1.0, 0.1, 1e-4])
def test_directions_are_the_primal_ones(loss, rho):
    system, w = setting(f"constant(rho={rho})", loss)
    here, expected = linearize_dynamics(system, w, torch.zeros_like(system.alpha)), primal(system, w[0], rho)
    assert_close(here.pull_back(here.gain * here.coefficients)[0], expected, rtol=ROUNDING, label="tangent")
    stepped = one_step(system, w, ETA)
    assert_close(w[0] - stepped[0], ETA / ALPHA * expected, rtol=ROUNDING, label="discrete step")


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_gradient_steps_follow_the_gradient(loss):
    system, w = setting("gradient-flow", loss)
    j, e, _ = dense(system, w[0])
    stepped = one_step(system, w, ETA)
    assert_close(w[0] - stepped[0], ETA / ALPHA * j.T @ e, rtol=1e-13, label="step")


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_the_tangents_parts_are_the_dense_ones(loss):
    system, w = setting("constant(rho=0.1)", loss)
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    j, e, curvature = dense(system, w[0])
    root = curvature.sqrt()
    s = root @ j @ j.T @ root
    assert_close(here.eigenvalues[0], torch.linalg.eigvalsh(s).flip(0), rtol=1e-12, label="lambda")
    rebuilt = here.vectors[0] * here.eigenvalues[0] @ here.vectors[0].T
    assert_close(rebuilt, s, rtol=1e-12, label="V lambda V^T")
    assert_close(here.vectors[0] @ here.coefficients[0], e / root.diag(), rtol=1e-12, label="z")
    assert here.size.item() == pytest.approx((e / root.diag()).norm().item(), rel=1e-13)
    assert_close(here.kernel()[0], j @ j.T, rtol=1e-13, label="K, without G")
    dw = torch.linspace(-1, 1, w.shape[1], dtype=torch.float64)
    assert_close(
        here.push_forward(dw[None])[0], here.vectors[0].T @ root @ j @ dw, rtol=1e-12, label="V^T B dw"
    )


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_the_frozen_linear_part_is_the_derivative_of_the_flow(loss):
    """At rho = 1 the flow of a linear model is -J^T e(w), whose derivative is -J^T G J at any w."""
    g = torch.Generator().manual_seed(5)
    j = torch.randn(3, 5, generator=g, dtype=torch.float64)
    y = torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64)
    zero = torch.zeros(1, 3, dtype=torch.float64)
    system = System(
        LinearModel(j), torch.zeros(3, 1), y, [parse_method("gradient-flow")], zero[:, 0] + 1, zero, loss
    )
    w = torch.randn(1, 5, generator=g, dtype=torch.float64)

    def speed(v):
        return -j.T @ loss.gradient((j @ v)[None], y)[0]  # rho = 1: no curvature in the direction itself

    here, dw = linearize_dynamics(system, w, zero[:, 0]), torch.randn(1, 5, generator=g, dtype=torch.float64)
    linear = -here.pull_back(here.gain * here.push_forward(dw))[0]
    assert_close(linear, torch.func.jacrev(speed)(w[0]) @ dw[0], rtol=1e-12, label="L dw")


@pytest.mark.parametrize("loss", LOSSES[1:], ids=str)
@pytest.mark.parametrize("method", ["gradient-flow", "constant(rho=0.01)"])
def test_the_flow_follows_an_independent_solver(loss, method):
    system, w0 = setting(method, loss)
    rho = {"gradient-flow": 1.0, "constant(rho=0.01)": 0.01}[method]

    def speed(_, w):
        return -primal(system, torch.from_numpy(w), rho).numpy() / ALPHA

    times, tol = [0.1, 1.0], 1e-3
    out = solve_ivp(speed, (0, 1), w0[0].numpy().copy(), "DOP853", t_eval=times, rtol=1e-8, atol=1e-9)
    clock = FlowClock(system, w0, tol)
    for k, moment in enumerate(times):
        clock.advance(moment, torch.ones(1, dtype=torch.bool), lambda: None)
        # a local error of tol / 2 and less in each of some ten steps
        assert_close(clock.w[0], out.y[:, k], rtol=2 * tol, label=f"w at {moment}")


def go(**knobs):
    small = {
        "network__width": 60,
        "clock__snapshots": 40,
        "data__condition": None,
        "data__kind": "line",
        "data__n": 4,
    }
    return run(Experiment().replace({k.replace("__", "."): v for k, v in {**small, **knobs}.items()}))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.label)
def test_the_certificate_holds_and_is_what_the_loss_says(loss):
    ds = go(loss__kind=loss.label, network__alpha=20.0, clock__horizon=300.0)
    assert set(ds.status.values) <= {Status.FINISHED, Status.CONVERGED}
    # both sides are equal at t = 0; the decay is integrated in some hundred steps
    assert np.nanmax(ds.loss.values / ds.bound.values) <= 1 + 1e-6
    assert ds.loss_kind == loss.label
    decay = np.log(ds.bound.values[2, 0] / ds.bound.values[2, 1]) / (ds.time.values[1] - ds.time.values[0])
    assert decay == pytest.approx(2 * loss.decay_constant * ds.rate.values[2, 0].min(), rel=0.05)


def test_undamped_logistic_residuals_decay_at_rate_one():
    """de/dt = G du/dt = -e exactly, so sigmoid(-m) falls as exp(-t) for a lazy network."""
    ds = go(
        loss__kind="logistic",
        methods=["gauss-newton"],
        network__alpha=1e6,
        clock__horizon=6.0,
        clock__tol=1e-4,
    )
    e = 1 / (1 + np.exp(ds.y.values * ds.prediction.values[0]))
    # the kernel drifts by about |u| / alpha = 1e-5; the flow's own error is 1e-4 a step
    assert_close(e, 0.5 * np.exp(-ds.time.values[:, None]) * np.ones(4), rtol=1e-3, label="sigmoid(-m)")


def test_saturated_samples_end_in_a_status_without_a_nan():
    ds = go(loss__kind="log-cosh", network__initialization="plain", network__alpha=3e3, clock__horizon=3.0)
    assert np.abs(ds.prediction.values[:, 0] - ds.y.values).max() > 400, "far beyond where G underflows"
    assert np.exp(-2 * 400.0) == 0
    assert set(ds.status.values) == {Status.FINISHED}
    for name in ("loss", "eigenvalues", "rate", "residual_modes", "bound"):
        assert np.isfinite(ds[name].values).all(), name


def test_an_ill_conditioned_loss_slows_gradient_flow_and_not_adaptive_damping():
    times = {}
    for condition in (1.0, 1e3, 1e6):
        ds = go(
            loss__kind="weighted",
            loss__condition=condition,
            data__target="wave",
            network__width=200,
            network__alpha=50.0,
            methods=["gradient-flow", "adaptive(c=1)"],
            clock__snapshots=150,
        )
        start = ds.loss.values[:, 0]
        times[condition] = [
            crossing(ds.time.values, row / first, 1e-8)
            for row, first in zip(ds.loss.values, start, strict=True)
        ]
        assert ds.condition < 200, "the kernel itself is kind"
    gradient, adaptive = zip(*times.values(), strict=True)
    print(f"gradient flow {', '.join(f'{t:.4g}' for t in gradient)}")
    print(f"adaptive {', '.join(f'{t:.4g}' for t in adaptive)}")
    assert gradient[1] > 100 * gradient[0]
    assert gradient[2] > 100 * gradient[1]
    assert max(adaptive) < 20, "each rate is at least 1/2: 1e-8 is reached by 18.4"
