"""Random experiments across all knobs: whatever is asked for, a run ends in a status."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gnviz import Experiment, KnobError, run
from gnviz.experiment import ACTIVATIONS, LOSSES
from gnviz.results import PER_MODE, PER_RUN, Status

SLACK = {"float64": 1e-6, "float32": 1e-2}
"""Loss over certificate minus 1: the certificate is integrated over some hundred steps in this precision."""

METHODS = st.sampled_from(
    [
        "gradient-flow",
        "constant(rho=0.01)",
        "constant(rho=1e-15)",
        "adaptive(c=1)",
        "adaptive(c=1e-06)",
        "gauss-newton",
        "exponential(rate=3)",
        "polynomial(power=4, floor=1e-15)",
        "hybrid(by=loss)",
        "hybrid(by=time, order=second-to-first, floor=1e-15)",
        "formula(exp(-t))",
        "formula(1-t)",
        "formula(log(1-t)+grad_norm)",
        "formula(lambda_min/lambda_max)",
        "formula(9**9**9**9*loss)",
        "momentum(beta=0.9)",
        "momentum(beta=0.99, nesterov=true)",
        "adam",
        "trust-region",
        "trust-region(damping=1e-15, update=marquardt)",
    ]
)

KNOBS = st.fixed_dictionaries(
    {
        "data.kind": st.sampled_from(["circle", "ring", "line", "teacher"]),
        "data.n": st.sampled_from([*range(1, 10), 30]),
        "data.d": st.integers(1, 4),
        "data.condition": st.sampled_from([None, 1e3, 1e6, 1e12]),
        "data.separation": st.sampled_from([1e-7, 1e-3, 0.1, 3.0]),
        "data.target": st.sampled_from(["two-tone", "wave", "step", "equal-modes"]),
        "data.noise": st.sampled_from([0.0, 0.1, 10.0]),
        "data.seed": st.integers(0, 99),
        "network.width": st.integers(1, 20),
        "network.depth": st.integers(1, 4),
        "network.activation": st.sampled_from(ACTIVATIONS),
        "network.initialization": st.sampled_from(["paired", "centred", "plain"]),
        "network.alpha": st.sampled_from([1e-3, 0.1, 1.0, 5.0, 1e3, 1e6]),
        "network.seed": st.integers(0, 99),
        "loss.kind": st.sampled_from(sorted(LOSSES)),
        "loss.delta": st.sampled_from([1e-3, 1.0, 1e3]),
        "loss.condition": st.sampled_from([1.0, 1e6, 1e12]),
        "methods": st.lists(METHODS, min_size=1, max_size=3, unique=True),
        "clock.kind": st.sampled_from(["flow", "steps"]),
        "clock.horizon": st.sampled_from([None, 1e-6, 1.0, 50.0]),
        "clock.snapshots": st.integers(2, 20),
        "clock.spacing": st.sampled_from(["log", "linear"]),
        "clock.tol": st.sampled_from([1e-4, 3e-3, 0.5]),
        "clock.steps": st.sampled_from([1, 2, 60]),
        "clock.step_rule": st.sampled_from(["fixed", "fixed", "stable", "line-search"]),
        "clock.step_size": st.sampled_from([None, 1e-12, 0.1, 10.0, 1e9]),
        "dtype": st.sampled_from(["float64", "float32"]),
        "device": st.just("cpu"),
    }
)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Hard flows may take 5,000 steps; that they are given up is seen as well with 100."""
    monkeypatch.setattr("gnviz.dynamics.flow_clock.MAX_STEPS", 100)


@settings(
    max_examples=90,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(KNOBS)
def test_every_experiment_ends_in_a_status(knobs):
    try:
        experiment = Experiment().replace(knobs)
        ds = run(experiment)
    except KnobError:
        return
    assert set(ds.status.values) <= set(Status) - {Status.RUNNING}
    assert all(ds.status_text.values)
    _numbers_are_sound(ds)
    if ds.clock == "flow":
        # with one mode the certificate is an equality, so the loss meets it to the flow's own tolerance;
        # where a run has broken down its numbers are NaN, which is no violation
        slack = max(SLACK[ds.dtype], experiment.clock.tol)
        assert not (ds.loss > ds.bound * (1 + slack)).any()


def _numbers_are_sound(ds):
    sound = np.isin(ds.status.values.astype(str), ["finished", "converged"])
    for name in (*PER_RUN, *PER_MODE, "prediction", "curve"):
        if name == "bound" and (ds.clock == "steps" or ds.sizes["mode"] < ds.sizes["sample"]):
            continue  # the certificate speaks of the flow, and of residuals that can decay to 0
        assert np.isfinite(ds[name].values[sound]).all(), name
    if ds.clock == "steps":
        later = ~np.isnan(ds.loss.values[:, 1:])
        for name in ("step_size", "accepted"):
            assert np.isfinite(ds[name].values[:, 1:][later]).all(), name
        assert ((ds.accepted.values[:, 1:][later] >= 0) & (ds.accepted.values[:, 1:][later] <= 1)).all()


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(KNOBS)
def test_identical_experiments_give_identical_numbers(knobs):
    try:
        a, b = (run(Experiment().replace(knobs)) for _ in range(2))
    except KnobError:
        return
    for name in (*PER_RUN, *PER_MODE, "prediction", "status_text"):
        np.testing.assert_array_equal(a[name].values, b[name].values)
