"""Random experiments across all knobs: whatever is asked for, a run ends in a status.

100 experiments run by default, the same ones each time. For more, with a seed of one's own:

    GNVIZ_EXAMPLES=10000 python -m pytest -x tests/dynamics/flow/test_properties.py --hypothesis-seed=1
"""

import os

import numpy as np
import pytest
from drawn import SMOOTH
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from gnviz import Experiment, KnobError, simulate
from gnviz.analysis.certificates import APRIORI, light
from gnviz.analysis.ends import past
from gnviz.experiment import STEP_RULES
from gnviz.losses import LOSSES
from gnviz.methods import parse_method
from gnviz.results import PER_MODE, PER_RUN, PER_STEP, Recording, Status

ASKED = os.environ.get("GNVIZ_EXAMPLES")
EXAMPLES = int(ASKED or 100)
TWICE = 10
"""One experiment in this many is run twice, to compare; the others once."""

SLACK = {"float64": 1e-6, "float32": 1e-2}
"""Loss over certificate minus 1: the certificate is integrated over some hundred steps in this precision."""

METHODS = [
    "gradient-flow",
    "constant(rho=1)",
    "constant(rho=0.01)",
    "constant(rho=1e-06)",
    "constant(rho=1e-15)",
    "adaptive(c=1)",
    "adaptive(c=1e+06)",
    "adaptive(c=1e-06)",
    "gauss-newton",
    "exponential(rate=3)",
    "polynomial(power=4, floor=1e-15)",
    "hybrid(by=loss)",
    "hybrid(by=loss, switch=1e-30)",
    "hybrid(by=time, order=second-to-first, floor=1e-15)",
    "formula(exp(-t))",
    "formula(1-t)",
    "formula(log(1-t)+grad_norm)",
    "formula(lambda_min/lambda_max)",
    "formula(9**9**9**9*loss)",
    "momentum(beta=0)",
    "momentum(beta=0.9)",
    "momentum(beta=0.99, nesterov=true)",
    "adam",
    "adam(beta1=0, beta2=0)",
    "adam(beta1=0.9999, beta2=0.999999, eps=1e-30)",
    "trust-region",
    "trust-region(damping=1e+06)",
    "trust-region(damping=1e-15, update=marquardt)",
]
PARSED = {name: parse_method(name) for name in METHODS}

TABLE = "a,b,y\n0,1,2\n0,1,3\n1e9,-1,2\n3,4,3\n"
"""Two rows with the same inputs and different targets, and one far out."""

KNOBS = st.fixed_dictionaries(
    {
        "data.kind": st.sampled_from([*["circle", "ring", "line", "teacher"] * 5, "thurber", "csv"]),
        "data.n": st.sampled_from([*range(1, 10), 15]),
        "data.d": st.integers(1, 4),
        "data.condition": st.sampled_from([None, 1e3, 1e6, 1e12]),
        "data.separation": st.sampled_from([1e-7, 1e-3, 0.1, 3.0]),
        "data.target": st.sampled_from(["two-tone", "wave", "step", "equal-modes"]),
        "data.noise": st.sampled_from([0.0, 0.1, 10.0]),
        "data.seed": st.integers(0, 99),
        "data.test": st.sampled_from([0, 0, 3]),
        "network.width": st.integers(1, 12),
        "network.depth": st.integers(1, 4),
        "network.activation": st.sampled_from(sorted(SMOOTH)),
        "network.initialization": st.sampled_from(["paired", "centred", "plain"]),
        "network.alpha": st.sampled_from([1e-3, 0.1, 1.0, 5.0, 1e3, 1e6]),
        "network.seed": st.integers(0, 99),
        "loss.kind": st.sampled_from(sorted(LOSSES)),
        "loss.delta": st.sampled_from([1e-3, 1.0, 1e3]),
        "loss.condition": st.sampled_from([1.0, 1e6, 1e12]),
        "ensemble.alphas": st.sampled_from([*[[]] * 5, ["0.01", "100"]]),
        "ensemble.seeds": st.sampled_from([1, 1, 1, 1, 2]),
        "clock.kind": st.sampled_from(["flow", "steps"]),
        "clock.horizon": st.sampled_from([None, 1e-6, 1.0, 50.0]),
        "clock.snapshots": st.integers(2, 8),
        "clock.spacing": st.sampled_from(["log", "linear"]),
        "clock.tol": st.sampled_from([1e-4, 3e-3, 0.03]),
        "clock.steps": st.sampled_from([1, 2, 25]),
        "clock.step_rule": st.sampled_from(["fixed", *STEP_RULES]),
        "clock.step_size": st.sampled_from([None, 1e-12, 0.1, 10.0, 1e9]),
        "observe.sharpness": st.sampled_from([0, 0, 0, 0, 0, 2]),
        "dtype": st.sampled_from(["float64", "float32"]),
        "device": st.just("cpu"),
    }
)


@st.composite
def experiments(draw):
    """Experiments that are seldom refused: methods that go with the clock, twin neurons in even numbers."""
    knobs = draw(KNOBS)
    clock, rule = knobs["clock.kind"], knobs["clock.step_rule"]
    fit = [n for n, m in PARSED.items() if clock in m.clocks and (clock == "flow" or rule in m.step_rules)]
    knobs["methods"] = draw(st.lists(st.sampled_from(fit), min_size=1, max_size=2, unique=True))
    if knobs["network.initialization"] == "paired":
        knobs["network.width"] += knobs["network.width"] % 2
    if knobs["data.n"] == 1:
        knobs["data.condition"] = None
    if knobs["loss.kind"] == "logistic" and knobs["data.target"] == "equal-modes":
        knobs["data.target"] = "step"
    if knobs["data.target"] == "equal-modes":  # every run starts from the same predictions and kernel
        knobs |= {"ensemble.seeds": 1, "ensemble.alphas": knobs["ensemble.alphas"][:1]}
    if knobs["data.kind"] == "csv":
        knobs["data.table"] = TABLE
    return knobs


def several(count):
    """Settings for so many examples, all of which run: those that are refused do not count."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=ASKED is None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def outcome(knobs):
    """Run to the end and return the Dataset; only what cannot be built may be refused, before the start."""
    try:
        stream = simulate(Experiment().replace(knobs))
        first = next(stream)
    except KnobError:
        reject()
    return Recording.of([first, *stream]).dataset()


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Hard flows may take 5,000 steps; that they are given up is seen as well with 60."""
    monkeypatch.setattr("gnviz.dynamics.flow.clock.MAX_STEPS", 60)


GROWING = {
    "data.n": 1, "data.d": 1, "data.condition": None, "data.separation": 1e-7, "data.test": 0,
    "network.width": 2, "network.depth": 3, "network.activation": "sin", "network.alpha": 1e-3,
    "loss.kind": "log-cosh", "clock.kind": "steps", "clock.snapshots": 2, "clock.steps": 25,
    "clock.step_size": 10.0, "clock.tol": 1e-4, "dtype": "float32", "device": "cpu",
    "methods": ["gradient-flow"],
}  # fmt: skip
"""A kernel that grows beyond the largest number of its precision, while the loss stays small."""


FAR = {
    "data.n": 1, "data.d": 1, "data.condition": None, "data.separation": 1e-7, "data.noise": 10.0,
    "data.test": 0, "network.width": 4, "network.depth": 4, "network.activation": "softplus",
    "network.alpha": 1e-3, "network.seed": 4, "loss.kind": "log-cosh", "loss.delta": 1e-3,
    "clock.kind": "steps", "clock.snapshots": 2, "clock.steps": 25, "clock.step_size": 0.1,
    "clock.tol": 1e-4, "dtype": "float32", "device": "cpu", "methods": ["gradient-flow"],
}  # fmt: skip
"""Weights that have gone far, and predictions that have not: a lazy gap beyond the precision's numbers."""

DEEP = FAR | {"loss.kind": "squared", "clock.steps": 2}
"""Weights that have not gone as far, but whose products over the layers have."""

STRIDES = FAR | {
    "data.seed": 1, "network.width": 10, "network.depth": 1, "network.activation": "silu",
    "network.alpha": 1e6, "network.seed": 0, "loss.kind": "pseudo-huber", "loss.delta": 1e3,
    "clock.step_size": 1e9, "dtype": "float64", "methods": ["adaptive(c=1)"],
}  # fmt: skip
"""As `FAR`, in float64."""

RETURNED = STRIDES | {
    "data.seed": 43, "network.depth": 2, "network.seed": 84, "methods": ["adaptive(c=1e-06)"],
}  # fmt: skip
"""Weights so far out that all units are off: the output is back to within 1e-286 of its start."""


@pytest.mark.timeout(max(900, EXAMPLES))
@several(EXAMPLES - EXAMPLES // TWICE)
@given(experiments())
@example(GROWING)
@example(FAR)
@example(STRIDES)
@example(DEEP)
@example(RETURNED)
def test_every_experiment_ends_in_a_status(knobs):
    check(knobs)


def check(knobs):
    ds = outcome(knobs)
    assert set(ds.status.values) <= set(Status) - {Status.RUNNING}
    assert all(ds.status_text.values)
    _numbers_are_sound(ds, knobs["data.test"])
    if ds.clock == "flow":
        # with one mode the certificate is an equality, so the residual meets it to the flow's own tolerance,
        # and the loss to that of its square; where a run has broken down its numbers are NaN: no violation
        slack = (1 + max(SLACK[ds.dtype], knobs["clock.tol"])) ** 2 - 1
        excess = (ds.loss / ds.bound).max().item()
        assert not (ds.loss > ds.bound * (1 + slack)).any(), f"loss over bound {excess:.6g}"
        _promises_are_kept(ds, slack)


def _promises_are_kept(ds, slack):
    """The a-priori bound holds at every moment at which its light is green."""
    for run in range(ds.sizes["run"]):
        x = light(ds.isel(run=[run]), str(ds.run.values[run]), APRIORI)
        if x is not None:
            green = x.green & ~past(ds)[run]
            loss, bound = ds.loss.values[run, green], ds.apriori.values[run, green]
            assert (loss <= bound * (1 + slack)).all(), f"loss over a-priori bound {(loss / bound).max():.6g}"


def _numbers_are_sound(ds, tests):
    meaningful = ["finished", "converged", "step-limit"]
    sound = np.isin(ds.status.values.astype(str), meaningful)
    known = ~past(ds) & sound[:, None]  # nothing is recorded after a run's end
    for name in (*PER_RUN, *PER_MODE, "prediction", "curve"):
        if name == "test_accuracy" or (name == "test_loss" and not tests):
            continue  # which speaks of labels only
        few = ds.sizes["mode"] < ds.sizes["sample"]
        if name in ("bound", "apriori") and (ds.clock == "steps" or few):
            continue  # certificates speak of the flow, and of residuals that can decay to 0
        if name == "kernel_change" and few:
            continue  # nothing rests on it
        if name == "apriori":
            promised = np.isfinite(ds[name].values)
            assert ((promised | ~known).all(1) | ~(promised & known).any(1)).all(), "at all or none"
            continue
        assert np.isfinite(ds[name].values[known]).all(), name
        assert np.isnan(ds[name].values[past(ds)]).all(), f"{name} after the end"
    if ds.clock == "steps":
        later = ~np.isnan(ds.loss.values[:, 1:])
        later[ds.evaluations.values == 0] = False  # done before a first step, of which nothing can be said
        for name in ("step_size", "accepted"):
            assert np.isfinite(ds[name].values[:, 1:][later]).all(), name
        assert ((ds.accepted.values[:, 1:][later] >= 0) & (ds.accepted.values[:, 1:][later] <= 1)).all()


@pytest.mark.timeout(max(900, EXAMPLES))
@several(EXAMPLES // TWICE)
@given(experiments())
def test_identical_experiments_give_identical_numbers(knobs):
    a, b = outcome(knobs), outcome(knobs)
    for name in (*PER_RUN, *PER_MODE, *PER_STEP, "prediction", "curve", "evaluations", "status_text"):
        np.testing.assert_array_equal(a[name].values, b[name].values, err_msg=name)
