"""The compiled engine takes the torch engine's steps and records its numbers, on whatever it knows."""

import numpy as np
import pytest
from drawn import METHODS, SMOOTH, experiment, few_parameters, surface
from engines import assert_same_course, assert_same_numbers, assert_same_way_out, both, gaps

from gnviz import Experiment, preset, run
from gnviz.dynamics.flow.clock import MAX_STEPS, stop_of
from gnviz.losses import LOSSES
from gnviz.results import Status

SMALL = {"data.n": 4, "data.condition": None, "data.separation": 0.2, "data.test": 3, "network.width": 6,
         "clock.snapshots": 6, "clock.horizon": 5.0}  # fmt: skip

ROUNDING = 1e-8
"""Of what is recorded: some hundred steps, each with rounding of eps times a condition number of 1e5."""


def small(**knobs):
    return Experiment().replace({**SMALL, **{k.replace("__", "."): v for k, v in knobs.items()}})


@pytest.mark.parametrize("seed", range(24))
def test_experiments_at_random(seed):
    a, b = both(experiment(seed))
    print(f"predictions differ by {gaps(a, b).max():.1e} of the residual")
    assert_same_course(a, b)


@pytest.mark.parametrize("seed", [0, 4, 5, 6, 8, 13, 25, 34])
def test_experiments_at_random_with_fewer_parameters_than_samples(seed):
    """The last two leave the manifold, and are over soon; `tests/benchmarks/twins.py` runs many more."""
    assert_same_way_out(*both(few_parameters(seed)))


def test_fewer_parameters_than_samples_is_recorded_alike():
    few = {"data.kind": "ring", "data.n": 20, "network.width": 3, "network.initialization": "centred"}
    a, b = both(small(methods=["gauss-newton"], **few))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)
    for name in ("optimum", "weights"):
        np.testing.assert_allclose(b[name], a[name], rtol=1e-6, atol=1e-9, err_msg=name)
    alike = np.isclose(b.start_loss, a.start_loss, rtol=1e-6, atol=1e-9)
    assert alike.mean() > 0.95, "rounding decides into which valley a few of the searches fall"
    assert b.start_loss.min() == pytest.approx(a.start_loss.min().item(), rel=1e-6)


@pytest.mark.parametrize("seed", range(16))
def test_surfaces_at_random(seed):
    assert_same_way_out(*both(surface(seed)))


def test_the_first_figure_is_recorded_alike():
    a, b = both(preset("figure1").replace({"clock.snapshots": 12}))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)
    for name in ("optimum", "start_loss", "foot", "geodesic", "unscaled_covariance", "end_weights"):
        np.testing.assert_allclose(b[name], a[name], rtol=1e-9, atol=1e-12, err_msg=name)
    planes = [ds.tangent.values @ ds.tangent.values.swapaxes(-1, -2) for ds in (a, b)]
    np.testing.assert_allclose(planes[1], planes[0], atol=1e-8)


@pytest.mark.parametrize("activation", SMOOTH)
def test_every_activation(activation):
    a, b = both(small(network__activation=activation, methods=["gradient-flow", "adaptive(c=1)"]))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)


@pytest.mark.parametrize("kind", LOSSES)
def test_every_loss(kind):
    a, b = both(small(loss__kind=kind, methods=["gradient-flow", "constant(rho=0.01)"]))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)


@pytest.mark.parametrize("method", METHODS)
def test_every_schedule(method):
    a, b = both(small(methods=[method], network__initialization="plain"))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)


@pytest.mark.parametrize("depth", [2, 3])
def test_depth(depth):
    a, b = both(small(network__depth=depth, network__initialization="centred", network__width=5))
    assert_same_course(a, b)
    assert_same_numbers(a, b, ROUNDING)


def test_ensembles_and_weights():
    wanted = {"ensemble.alphas": ["1", "30"], "ensemble.seeds": 2, "observe.weights": "all"}
    a, b = both(small(methods=["constant(rho=0.1)"], network__depth=2).replace(wanted))
    assert_same_numbers(a, b, ROUNDING)
    for name in ("weights", "end_weights"):
        np.testing.assert_allclose(b[name], a[name], rtol=0, atol=1e-9, err_msg=name)
    assert a.attrs["notes"] == b.attrs["notes"]


ENDS = {
    "one sample": {"data.n": 1, "data.condition": None, "network.width": 20},
    "one neuron": {"data.n": 2, "data.condition": None, "network.width": 1,
                   "network.initialization": "plain"},
    "nothing to do": {"data.n": 1, "data.target": "wave", "data.condition": None},
    "large targets": {"data.noise": 10.0, "network.alpha": 1.0, "clock.horizon": 1e2,
                      "methods": ["constant(rho=0.01)", "adaptive(c=1)"]},
    "a tiny alpha": {"network.alpha": 1e-3, "clock.horizon": 0.01},
    "singular at the start": {"data.n": 30, "data.condition": None, "data.separation": 1e-7,
                              "network.width": 10, "methods": ["gauss-newton", "constant(rho=0.01)"]},
    "no residual left": {"clock.horizon": 1e9, "clock.snapshots": 20},
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_a_run_ends_it_in_the_same_words(end):
    assert_same_course(*both(small(**ENDS[end])), steps=2)


def test_a_run_of_too_many_steps_is_given_up_in_the_same_words():
    hard = {"network.alpha": 1e-3, "methods": ["constant(rho=0.01)"], "clock.horizon": 1e2}
    ds = run(small(engine="compiled").replace(hard))
    assert ds.status.item() == Status.STEP_LIMIT
    assert ds.evaluations.item() == MAX_STEPS + 1
    time = ds.end_time.item()
    assert ds.status_text.item() == f"stopped at t = {time:.4g}: {stop_of(time, False, 0).why}"


def test_the_headline_experiment():
    a, b = both(Experiment())
    assert_same_course(a, b)
    assert (b.evaluations.values > 90).all()
