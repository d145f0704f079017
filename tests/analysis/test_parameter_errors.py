"""Parameters with their errors: against NIST's certified deviations, closed forms, and in any units."""

import numpy as np
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Experiment
from gnviz.problem.published import nist
from gnviz.verify.nist import digits

STEPS = {"methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 400, "clock.snapshots": 10}
STEPS |= {"observe.optimum": False}

SIX = ["Misra1a", "Chwirut2", "DanWood", "Thurber", "MGH09", "Rat43", "Nelson", "ENSO"]


def fit(problem, **more):
    return gnviz.run(Experiment.from_dict(STEPS | more), problem)


def straight(sigma=None, scale=1.0, y=None):
    x = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    y = [1.0, 2.1, 2.9, 4.2, 4.8] if y is None else y
    return gnviz.make_problem(lambda w, x: w[0] + w[1] * x / scale, x, y, [0.0, 0.0], sigma=sigma)


@pytest.mark.parametrize("name", SIX)
def test_standard_errors_are_those_that_nist_certifies(name):
    certified = nist.read(name)
    found = gnviz.parameters(fit(certified.problem()))
    assert digits(found["value"].values[1], certified.parameters.numpy()).min() > 6
    assert digits(found["standard_error"].values[1], certified.deviations.numpy()).min() > 5
    assert found["rank"].values[1] == len(certified.parameters)


def test_a_straight_line_has_the_errors_of_the_text_books():
    found = gnviz.parameters(fit(straight()))
    x, y = np.arange(5.0), np.array([1.0, 2.1, 2.9, 4.2, 4.8])
    design = np.stack([np.ones(5), x], 1)
    best, left, *_ = np.linalg.lstsq(design, y, rcond=None)
    s = np.sqrt(left[0] / 3)
    errors = s * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    assert_close(found["value"][0], best, rtol=1e-9)
    assert_close(found["standard_error"][0], errors, rtol=1e-9)
    assert_close(found["residual_deviation"], [s], rtol=1e-9)
    assert_close(found["correlation"][0], [[1, -2 / 6**0.5], [-2 / 6**0.5, 1]], rtol=1e-9)


def test_given_deviations_weight_the_samples_and_make_errors_absolute():
    sigma = np.array([0.1, 0.2, 0.1, 0.4, 0.1])
    ds = fit(straight(sigma))
    x, y = np.arange(5.0), np.array([1.0, 2.1, 2.9, 4.2, 4.8])
    design = np.stack([np.ones(5), x], 1) / sigma[:, None]
    best = np.linalg.lstsq(design, y / sigma, rcond=None)[0]
    found = gnviz.parameters(ds)
    assert_close(found["value"][0], best, rtol=1e-9)
    assert_close(found["standard_error"][0], np.sqrt(np.diag(np.linalg.inv(design.T @ design))), rtol=1e-9)
    chi = (((best[0] + best[1] * x) - y) / sigma) ** 2
    assert ds.end_loss.item() == pytest.approx(0.5 * chi.sum(), rel=1e-9)


def test_errors_follow_the_units_of_their_parameter():
    plain, other = (gnviz.parameters(fit(straight(scale=s))) for s in (1.0, 1e12))
    assert_close(other["standard_error"][0] / [1, 1e12], plain["standard_error"][0], rtol=1e-9)
    assert_close(other["correlation"], plain["correlation"], rtol=1e-9)


def test_a_parameter_that_no_sample_determines_has_no_error():
    x = torch.linspace(0, 1, 6, dtype=torch.float64)
    problem = gnviz.make_problem(lambda w, x: (w[0] + w[1]) * x + w[2], x, 2 * x + 1 + x**2, [0.5, 0.0, 0.0])
    found = gnviz.parameters(fit(problem))
    assert found["rank"].item() == 2
    assert np.isnan(found["standard_error"].values[0]).tolist() == [True, True, False]


@pytest.mark.parametrize("sigma", [[1.0, 2.0], -1.0, [1, 1, 0, 1, 1], np.nan])
def test_deviations_that_cannot_be_are_refused(sigma):
    with pytest.raises(ValueError, match="sigma"):
        straight(sigma)


def test_deviations_go_with_squares_only():
    with pytest.raises(gnviz.KnobError, match=r"loss.kind = 'log-cosh', but the problem has a sigma"):
        fit(straight(0.1), **{"loss.kind": "log-cosh"})


@pytest.mark.parametrize(("keep", "at_moments"), [("auto", False), ("ends", False), ("all", True)])
def test_weights_can_be_had_back(keep, at_moments):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(1, 40), torch.nn.Tanh(), torch.nn.Linear(40, 1))
    x = torch.linspace(-1, 1, 6)[:, None]
    problem = gnviz.make_problem(module, x, torch.sin(3 * x))
    knobs = {
        "methods": ["adaptive(c=1)"],
        "clock.horizon": 3.0,
        "clock.snapshots": 5,
        "observe.weights": keep,
    }
    ds = gnviz.run(Experiment.from_dict(knobs), problem)
    assert ("weights" in ds) == at_moments
    found = gnviz.weights(ds)
    assert found.shape == (1, 121)
    trained = problem.trained(found[0])
    outputs = trained.double()(x.double())[:, 0].detach()
    assert_close(outputs, ds.prediction[0, -1], rtol=1e-6, label="float32 parameters, as the module's are")
    assert not torch.equal(next(module.parameters()), next(trained.parameters()).float())


def test_weights_that_are_not_kept_are_missed_in_words():
    ds = fit(straight(), **{"observe.weights": "none"})
    with pytest.raises(ValueError, match=r"set observe\.weights to ends"):
        gnviz.weights(ds)
