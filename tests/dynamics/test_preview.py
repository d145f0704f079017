"""The course with the kernel of the start: closed forms, other integrators, and runs that come near it."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad, solve_ivp

import gnviz
from gnviz import Experiment, KnobError
from gnviz.dynamics.measure.frozen import FrozenKernel
from gnviz.methods import ScheduleInputs, parse_method
from gnviz.problem.build import build

SMALL = Experiment().replace({"network.width": 40, "data.n": 6, "data.condition": 1e4, "clock.snapshots": 40})


def rates(eigenvalues, rho):
    return eigenvalues / (rho + (1 - rho) * eigenvalues)


@pytest.mark.parametrize(
    ("method", "rho"),
    [
        ("gradient-flow", lambda x: 1.0),
        ("constant(rho=0.01)", lambda x: 0.01),
        ("adaptive(c=3)", lambda x: 3 * x.min() / (1 + 3 * x.min())),
        ("gauss-newton", lambda x: 0.0),
    ],
)
def test_modes_decay_at_their_own_rates(method, rho):
    ds = gnviz.preview(SMALL.replace({"methods": [method]}))
    eigenvalues, modes = ds["eigenvalues"].values[0, 0], ds["residual_modes"].values[0]
    expected = modes[0] * np.exp(-rates(eigenvalues, rho(eigenvalues)) * ds["time"].values[:, None])
    np.testing.assert_allclose(modes, expected, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(ds["loss"].values[0], 0.5 * (expected**2).sum(-1), rtol=1e-9)
    np.testing.assert_array_equal(ds["frozen_loss"].values, ds["loss"].values)
    np.testing.assert_allclose(ds["rate"].values[0], rates(eigenvalues, rho(eigenvalues))[None] + 0 * modes)


def test_a_schedule_of_time_has_the_integral_of_its_rates():
    ds = gnviz.preview(SMALL.replace({"methods": ["exponential(start=0.8, floor=0.01, rate=0.3)"]}))
    eigenvalues, modes = ds["eigenvalues"].values[0, 0], ds["residual_modes"].values[0]
    for moment in (5, 15, 25):
        for k in (0, 3):
            found, _ = quad(
                lambda t, k=k: rates(eigenvalues[k], 0.01 + 0.79 * np.exp(-0.3 * t)),
                0, float(ds["time"].values[moment]), epsabs=1e-12, epsrel=1e-10, limit=500,
            )  # fmt: skip
            assert modes[moment, k] == pytest.approx(modes[0, k] * np.exp(-found), rel=1e-4, abs=1e-200)


@pytest.mark.parametrize("method", ["hybrid()", "formula(rho='grad_norm / (1 + loss)')"])
def test_a_schedule_of_the_loss_or_its_gradient_follows_an_implicit_integrator(method):
    schedule = parse_method(method)
    eigenvalues, start = np.array([3.0, 0.2, 1e-3]), np.array([1.0, -0.7, 0.3])

    def velocity(time, c):
        norm, loss = np.sqrt((eigenvalues * c**2).sum()), 0.5 * (c**2).sum()
        seen = (time, loss, eigenvalues[-1], eigenvalues[0], norm)
        rho = schedule.rho_at(ScheduleInputs(*(np.array([value]) for value in seen)))
        return -rates(eigenvalues, np.clip(rho, schedule.least, 1)) * c

    times = np.array([0.0, 0.5, 3.0, 20.0])
    other = solve_ivp(velocity, (0, 20), start, "Radau", times, rtol=1e-10, atol=1e-14).y.T
    modes, rho = FrozenKernel(schedule, eigenvalues, start, 0.0, 1e-14).course(times)
    np.testing.assert_allclose(modes, other, rtol=1e-4)
    assert np.ptp(rho) > 1e-3


@pytest.mark.parametrize("loss", ["squared", "weighted"])
def test_training_comes_near_it_as_alpha_grows(loss):
    e = SMALL.replace({"loss.kind": loss, "methods": ["gradient-flow", "adaptive", "hybrid()"]})
    gaps = []
    for alpha in (10.0, 1e3, 1e5):
        ds = gnviz.run(e.replace({"network.alpha": alpha}))
        known = ds["loss"].values > 1e-8
        frozen = ds["frozen_loss"].values[:, : ds.sizes["time"]]
        gaps.append(np.abs(np.log(ds["loss"].values[known] / frozen[known])).max())
    print(f"{loss}: log(loss / frozen) at alpha 10, 1e3, 1e5: {', '.join(f'{gap:.1e}' for gap in gaps)}")
    assert gaps[0] > 0.05, "a rich run leaves it"
    assert gaps[1] < 0.1 * gaps[0]
    assert gaps[2] < 1e-3


@pytest.mark.parametrize("loss", ["squared", "weighted"])
def test_predictions_have_the_loss_and_the_modes(loss):
    e = SMALL.replace({"loss.kind": loss, "methods": ["constant(rho=0.1)"]})
    ds, problem = gnviz.preview(e), build(e)
    u, y = torch.tensor(ds["prediction"].values[0]), torch.tensor(ds["y"].values)
    np.testing.assert_allclose(problem.loss.value(u, y).numpy(), ds["loss"].values[0], rtol=1e-6, atol=1e-18)
    assert np.abs(ds["prediction"].values[0, -1] - ds["y"].values).max() < 1e-6


def test_what_few_parameters_cannot_reach_stays():
    e = Experiment().replace(
        {"network.width": 2, "network.initialization": "centred", "data.n": 30, "data.condition": None,
         "network.alpha": 1e5, "methods": ["gauss-newton"], "clock.horizon": 12.0, "clock.snapshots": 25}
    )  # fmt: skip
    ds, course = gnviz.run(e), gnviz.preview(e)
    assert course["loss"].values[0, -1] > 0.01 * course["loss"].values[0, 0]
    np.testing.assert_allclose(ds["loss"].values, course["loss"].values[:, : ds.sizes["time"]], rtol=1e-3)


@pytest.mark.parametrize(("knob", "value"), [("loss.kind", "log-cosh"), ("clock.kind", "steps")])
def test_where_there_is_no_closed_form_it_says_so(knob, value):
    with pytest.raises(KnobError, match="has no preview"):
        gnviz.preview(SMALL.replace({knob: value}))
    assert "frozen_loss" not in gnviz.run(SMALL.replace({knob: value, "clock.snapshots": 3}))


def test_a_large_ensemble_does_not_wait_for_it():
    e = SMALL.replace({"methods": ["hybrid()"], "ensemble.seeds": 13, "clock.snapshots": 3})
    assert "frozen_loss" not in gnviz.run(e)
    assert gnviz.preview(e)["loss"].notnull().all(), "asked for, it is there"
    assert "frozen_loss" in gnviz.run(e.replace({"ensemble.seeds": 12}))


def test_any_figure_draws_it():
    ds = gnviz.preview(SMALL)
    assert set(ds.attrs["engine"].split()) == {"frozen", "kernel"}
    for figure in ("loss", "modes", "spectrum", "fit", "function_space"):
        gnviz.views.draw(ds, figure, backend="bokeh")
