"""The paper's first figure, from the public call on: closed forms, and what a change of coordinates does."""

import math

import numpy as np
import pytest
import torch
from checks import assert_close
from scipy.interpolate import make_interp_spline
from surfaces import METHODS, on

from gnviz import run
from gnviz.analysis.measures import apart, split
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.simulate import assemble
from gnviz.experiment.surface import CHARTS
from gnviz.problem.build import build

SPHERE = 1e-8  # asked for; clock.tol = 1e-8 and its safety leave 1e-10
PROJECTION = 1e-8  # asked for; two least-squares solves of J agree to kappa(J) eps
MEASURED = 1e-7  # the derivative of recorded moments, 1/200 apart: 7e-9 is reached, here and there less
CHART = 1e-6  # asked for; each path is within clock.tol = 1e-6 of the true one
MOVED = 0.5  # of gradient flow, in every chart; 0.75 to 2.2 are found, on a surface of size 2


@pytest.mark.parametrize("chart", CHARTS)
def test_on_the_sphere_the_path_is_a_great_circle_at_a_known_pace(chart):
    ds = run(on("sphere", chart=chart, methods=["gauss-newton"], tol=1e-8, horizon=4.0, snapshots=30))
    y, u = ds.y.values, ds.prediction.values[0]
    size, to = np.linalg.norm(y), y / np.linalg.norm(y)
    psi = np.arctan2(np.linalg.norm(np.cross(u, to), axis=1), u @ to)
    expected = 2 * np.arctan(math.tan(psi[0] / 2) * np.exp(-size * ds.time.values))
    print(f"{chart}: angle off by {np.abs(psi - expected).max():.1e}")
    assert_close(psi, expected, atol=SPHERE, label="angle to the target")
    off = u @ np.cross(u[0], to)
    assert_close(off, 0 * off, atol=SPHERE, label="distance from the great circle")
    assert_close(ds.foot, to, atol=1e-7, label="foot")


MODELS = ["neuron", "two-neurons", "sphere", "formula"]


def pairs(first: int) -> list[tuple[str, str]]:
    """Each model once and each chart once, beginning with chart `first`."""
    charts = list(CHARTS)
    return [(model, charts[(first + i) % len(charts)]) for i, model in enumerate(MODELS)]


@pytest.mark.parametrize(("model", "chart"), [*pairs(0), *pairs(1)])
def test_the_direction_of_gauss_newton_is_the_projected_residual(model, chart):
    """u' = alpha J w' with w' of the engine and J of one backward pass a sample; P of the recorded planes."""
    experiment = on(model, chart=chart, methods=["gauss-newton"], alpha=2.0, horizon=3.0, snapshots=20)
    ds, problem = run(experiment), build(experiment)
    system, _ = assemble(experiment, problem)
    alive = np.isfinite(ds.loss.values[0])
    assert alive.sum() > 3
    w, e = torch.tensor(ds.weights.values[0][alive]), ds.prediction.values[0][alive] - ds.y.values
    along, _ = split(ds.tangent.values[0][alive], e)
    for i in range(len(w)):
        here = linearize_dynamics(system, w[i : i + 1], torch.zeros(1).double())
        speed = -here.pull_back(here.gain * here.coefficients)[0] / 2.0
        j = torch.func.jacrev(lambda v: problem.model.outputs(v[None], problem.samples.x)[0])(w[i])
        assert_close(2.0 * (j @ speed), -along[i], atol=PROJECTION * np.linalg.norm(e[i]), label="u' = -P e")


@pytest.mark.parametrize(("model", "chart"), pairs(2))
def test_the_recorded_path_moves_along_the_projected_residual(model, chart):
    """u_t = u_0 - int_0^t P e ds: nothing but what was recorded, by splines of degree 7."""
    ds = run(on(model, chart=chart, methods=["gauss-newton"], tol=1e-8, horizon=1.0, snapshots=201))
    assert np.isfinite(ds.loss).all()
    t, u = ds.time.values, ds.prediction.values[0]
    e = u - ds.y.values
    along, _ = split(ds.tangent.values[0], e)
    way = make_interp_spline(t, along, k=7).antiderivative()(t)
    error = np.linalg.norm(u - u[0] + way, axis=1) / np.linalg.norm(e, axis=1)
    speed = make_interp_spline(t, u, k=7).derivative()(t)
    slope = np.linalg.norm(speed + along, axis=1) / np.linalg.norm(e, axis=1)
    print(f"{model}, {chart}: path {error.max():.1e}, speed {slope.max():.1e} of the residual")
    assert error.max() < PROJECTION
    assert slope.max() < MEASURED


def test_coordinates_move_gradient_flow_and_not_gauss_newton():
    plain, *others = (run(on("neuron", chart=c, tol=1e-6, horizon=4.0, snapshots=30)) for c in CHARTS)
    for chart, other in zip([c for c in CHARTS if c != "plain"], others, strict=True):
        gap = apart(plain, other)
        print(
            f"{chart}: gradient flow {gap['gradient-flow']:.2f} apart, Gauss-Newton {gap['gauss-newton']:.1e}"
        )
        assert list(gap) == METHODS
        assert gap["gauss-newton"] < CHART
        assert gap["gradient-flow"] > MOVED
