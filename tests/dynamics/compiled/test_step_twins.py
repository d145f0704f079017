"""The compiled engine takes the torch engine's discrete steps and records its numbers."""

import numpy as np
import pytest
from drawn import STEPPING, stepping
from engines import assert_same_numbers, assert_same_steps, both, gaps, shaken, words

from gnviz import Experiment
from gnviz.activations import ACTIVATIONS
from gnviz.dynamics.compiled import covers
from gnviz.losses import LOSSES
from gnviz.methods import parse_method
from gnviz.results import PER_STEP

SMALL = {"data.n": 4, "data.condition": None, "data.separation": 0.2, "data.test": 3, "network.width": 6,
         "clock.kind": "steps", "clock.steps": 12, "clock.step_size": 0.4, "clock.snapshots": 8}  # fmt: skip

ROUNDING = 1e-9
"""Of what is recorded: a dozen steps, each with rounding of eps times a condition number of 1e4 or so, while
the residual falls by no more than a thousand times."""


def small(**knobs):
    return Experiment().replace({**SMALL, **{k.replace("__", "."): v for k, v in knobs.items()}})


def assert_same(e):
    """Assert that both engines tell the same of an experiment that does not amplify rounding."""
    a, b = both(e)
    assert list(a.status_text.values) == list(b.status_text.values)
    np.testing.assert_array_equal(a.evaluations, b.evaluations)
    assert_same_numbers(a, b, ROUNDING)
    for name in PER_STEP:
        np.testing.assert_allclose(b[name], a[name], rtol=ROUNDING, err_msg=name)
    return b


@pytest.mark.parametrize("seed", range(30))
def test_experiments_at_random(seed):
    e = stepping(seed)
    assert_same_steps(*both(e), shaken(e))


KNOWN = [(m, rule) for m in STEPPING for rule in parse_method(m).step_rules if rule in covers.STEP_RULES]


@pytest.mark.parametrize(("method", "rule"), KNOWN)
def test_every_method_with_every_rule_that_is_known(method, rule):
    assert_same(small(methods=[method], network__initialization="plain", clock__step_rule=rule))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation):
    assert_same(small(network__activation=activation, methods=["gradient-flow", "constant(rho=0.1)"]))


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("rule", covers.STEP_RULES)
def test_every_loss(kind, rule):
    methods = ["gradient-flow", "constant(rho=0.1)", "adaptive(c=1)"]
    assert_same(small(loss__kind=kind, methods=methods, clock__step_rule=rule))


@pytest.mark.parametrize("depth", [2, 3])
def test_depth(depth):
    assert_same(small(network__depth=depth, network__initialization="centred", network__width=5))


def test_ensembles_and_weights():
    wanted = {"ensemble.alphas": ["1", "30"], "ensemble.seeds": 3, "observe.weights": "all"}
    e = small(methods=["constant(rho=0.1)", "momentum"], clock__step_rule="stable").replace(wanted)
    a, b = both(e)
    assert_same_numbers(a, b, ROUNDING)
    for name in ("weights", "end_weights"):
        np.testing.assert_allclose(b[name], a[name], rtol=0, atol=1e-9, err_msg=name)


def test_a_factorization_that_fails_is_done_again_by_the_spectrum():
    methods = ["constant(rho=1e-15)", "exponential(start=1, floor=1e-15, rate=40)"]
    knobs = {
        "data.n": 8,
        "data.separation": 1e-7,
        "network.depth": 3,
        "clock.spacing": "linear",
        "clock.steps": 20,
    }
    a, b = both(small(methods=methods).replace(knobs))
    assert words(a) == words(b)
    np.testing.assert_array_equal(a.evaluations, b.evaluations)
    assert (b.evaluations.values > 20).all()  # what was taken again counts twice
    assert (b.evaluations.values < 40).all()  # and that is not all of it
    assert (gaps(a, b) < ROUNDING).all()


ENDS = {
    "one sample": {"data.n": 1, "network.width": 20},
    "one neuron": {"data.n": 2, "network.width": 1, "network.initialization": "plain"},
    "nothing to do": {"data.n": 1, "data.target": "wave"},
    "steps too long": {"methods": ["gradient-flow", "momentum"], "clock.step_size": 50.0},
    "a moderate step that diverges": {"methods": ["gauss-newton"], "clock.step_size": 2.5},
    "no residual left": {"methods": ["gauss-newton", "constant(rho=0.0001)"], "clock.steps": 400},
    "a tolerance": {"methods": ["constant(rho=0.001)"], "clock.gtol": 1e-2, "clock.steps": 400},
}


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_a_run_ends_it_in_the_same_words(end):
    e = small(**ENDS[end])
    assert_same_steps(*both(e), shaken(e))
