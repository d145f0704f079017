"""What `clock.tol` promises, ||u - u_exact|| <= tol ||u - y|| and rounding, far from the targets too."""

from dataclasses import replace

import pytest
import torch
from reference.promises import Case, drawn, measure

from gnviz import Experiment, run
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.flow.second_order import SecondOrderPart, linear_part
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.simulate import assemble
from gnviz.methods import parse_method
from gnviz.problem.build import build

FAR_OUT = {
    "data.kind": "ring",
    "data.n": 7,
    "network.width": 16,
    "network.depth": 3,
    "network.activation": "silu",
    "network.initialization": "plain",
    "network.alpha": 100,
    "loss.kind": "pseudo-huber",
    "methods": ["constant(rho=0.01)"],
    "clock.horizon": 10,
    "clock.snapshots": 12,
}
"""Residuals of 100 where the loss turns straight at 1: errors were 10 to 78 times what is promised."""


def damping(seen):
    return 0.01


damping.looks = False


def judged(case, tols):
    outcomes = measure(case, tols)
    assert not isinstance(outcomes, str), outcomes
    return outcomes


@pytest.mark.slow
def test_a_straight_loss_far_out_keeps_the_promise():
    for outcome in judged(Case(FAR_OUT, damping), [1e-2, 1e-4]):
        assert outcome.judged == 12, "the reference knows every moment"
        assert outcome.ratio <= 1, f"{outcome.ratio:.3g} times the promise at tol {outcome.tol}"
        assert not outcome.said
    assert outcome.kernels < 600  # measured 300


ABOVE = [
    (11, 1e-5),  # log-cosh, constant damping
    (21, 1e-3),  # log-cosh, by the gradient's norm
    (12, 1e-3),  # pseudo-Huber, hybrid
    (152, 1e-3),  # pseudo-Huber, undamped
    (13, 1e-3),  # logistic, constant damping
    (103, 1e-3),  # logistic, adaptive
]
"""Problems drawn with seed 0, and tolerances: errors were 2.9 to 1,900 times what is promised while they were
measured in the metric of G alone. Each loss with two laws."""


@pytest.mark.slow
@pytest.mark.parametrize(("index", "tol"), ABOVE)
def test_runs_that_were_above_are_not_any_more(index, tol):
    (outcome,) = judged(drawn(0, index), [tol])
    assert outcome.ratio <= 1 or outcome.said


@pytest.mark.slow
def test_a_small_survey_finds_no_broken_promise():
    results = [measure(drawn(5, index), [1e-4]) for index in range(10)]
    outcomes = [o for result in results if not isinstance(result, str) for o in result]
    assert len(outcomes) >= 7, "most of what is drawn can be judged"
    broken = [o for o in outcomes if o.ratio > 1 and not o.said]
    assert not broken, broken
    assert sum(bool(o.said) for o in outcomes) < len(outcomes) / 3, "most runs have nothing to excuse"


def test_a_slow_mode_that_outlives_the_residual_is_said():
    """A residual that falls from 2,800 to 1e-3 leaves the slow modes what was allowed at the start."""
    case = drawn(0, 0)
    (outcome,) = judged(case, [1e-4])
    assert "clock.tol may not have been kept" in outcome.said
    assert 0.5 < outcome.ratio < 3, "and it is no false alarm"  # measured 1.21


def test_a_curvature_that_stands_for_another_is_said_where_it_shows():
    far = FAR_OUT | {"loss.kind": "log-cosh", "network.depth": 1, "clock.tol": 1e-3, "clock.horizon": 1.0}
    undamped = run(Experiment().replace(far | {"methods": ["gauss-newton", "gradient-flow"]}))
    first, second = undamped.status_text.values
    assert "a larger one stood for it" in first
    assert "larger one" not in second, "gradient flow does not look at curvature"


STALLED = {
    "data.kind": "teacher",
    "data.d": 2,
    "data.n": 25,
    "data.seed": 82,
    "network.width": 2,
    "network.activation": "erf",
    "network.initialization": "centred",
    "network.alpha": 10,
    "methods": ["gauss-newton"],
    "clock.horizon": 10,
}
"""Eight parameters, a residual that stays: without second derivatives these were given up."""


@pytest.mark.parametrize(
    "more", [{"data.target": "equal-modes"}, {"network.seed": 82, "data.noise": 0.1}], ids=["modes", "noise"]
)
def test_a_residual_that_stays_does_not_stall_the_flow(more):
    experiment = Experiment().replace(STALLED | more)
    system, w0 = assemble(experiment, build(experiment))
    clock = FlowClock(system, w0, experiment.clock.tol)
    clock.advance(10.0, torch.tensor([True]), lambda: None)
    assert clock.stopped(0) is None
    print(f"{clock.evaluations.item():.0f} kernels")
    assert clock.evaluations.item() < 250  # they were given up after 5,000


@pytest.mark.slow
def test_a_flow_that_is_given_up_advises_what_helps(monkeypatch):
    """sigma_min(J) is 5e-7 where it stops: no accuracy that is asked for brings it past there."""
    monkeypatch.setattr("gnviz.dynamics.flow.clock.MAX_STEPS", 400)
    experiment = Experiment().replace(STALLED | {"network.seed": 82, "data.noise": 1.0})
    system, w0 = assemble(experiment, build(experiment))
    clock = FlowClock(system, w0, 1e-3)
    clock.advance(10.0, torch.tensor([True]), lambda: None)
    assert "constant(rho=0.0001)" in clock.stopped(0).why
    helped = FlowClock(replace(system, methods=[parse_method("constant(rho=0.0001)")]), w0, 1e-3)
    helped.advance(10.0, torch.tensor([True]), lambda: None)
    assert helped.stopped(0) is None  # measured 123 kernels


def test_the_linear_part_is_the_derivative_of_the_flow_where_only_the_normal_residual_is_left():
    """Against differences of F at a stationary point, where the terms in J^T e that L leaves out vanish."""
    experiment = Experiment().replace(STALLED | {"data.noise": 0.1, "methods": ["constant(rho=0.01)"]})
    system, w0 = assemble(experiment, build(experiment))
    clock = FlowClock(system, w0, 1e-6)
    clock.advance(300.0, torch.tensor([True]), lambda: None)
    w = clock.w
    here = linearize_dynamics(system, w, torch.zeros(1, dtype=torch.float64))
    linear = linear_part(system, here)
    assert isinstance(linear, SecondOrderPart)
    eye, step = torch.eye(w.shape[1], dtype=torch.float64), 1e-5
    frozen = torch.stack([-linear.pull_back(linear.gain * linear.push_forward(v[None]))[0] for v in eye], 1)

    def speed(v):
        there = linearize_dynamics(system, v, torch.zeros(1, dtype=torch.float64))
        return -there.pull_back(there.gain * there.coefficients)[0] / system.alpha[0]

    exact = torch.stack([(speed(w + step * v) - speed(w - step * v)) / (2 * step) for v in eye], 1)
    assert (frozen - exact).norm() < 1e-3 * exact.norm()
    plain = torch.stack([-here.pull_back(here.gain * here.push_forward(v[None]))[0] for v in eye], 1)
    assert (plain - exact).norm() > 10 * (frozen - exact).norm(), "without second derivatives it is not"
