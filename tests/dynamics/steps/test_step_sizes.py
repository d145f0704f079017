"""Step rules: the stable one against eigenvalues, the line search against its own promise."""

import numpy as np
import pytest
import torch
from checks import assert_close
from dynamics.clocked import go, loss_of, small_net, step_clock
from reference.problems import linear_system

from gnviz import Experiment, KnobError, run
from gnviz.dynamics.steps import step_sizes
from gnviz.dynamics.steps.step_sizes import ARMIJO, EVERY, SAFETY, TRIALS
from gnviz.methods import parse_method

SINGULAR_VALUES = [3.0, 1.0, 0.1]


def linear(*methods):
    return linear_system(SINGULAR_VALUES, 6, [parse_method(m) for m in methods])[:2]


def test_stable_steps_of_a_linear_model_are_those_of_its_eigenvalues():
    system, w0 = linear("gradient-flow", "constant(rho=0.1)", "gauss-newton", "momentum(beta=0.5)")
    clock = go(step_clock(system, w0, step_rule="stable"), 25)
    rates = torch.tensor([9.0, 9 / (0.1 + 0.9 * 9), 1.0, 9 / 1.5], dtype=torch.float64)
    assert_close(clock.record.step_size, SAFETY * 2 / rates, rtol=1e-12, label="eta")


def test_stable_steps_follow_the_kernel():
    system, w0 = small_net(["gradient-flow"], alpha=1.0)
    clock = step_clock(system, w0, step_rule="stable")
    for look in range(1, 6):
        before = go(clock, EVERY * look).w
        largest = torch.linalg.eigvalsh(system.model.linearize(before, system.x).kernel())[0, -1]
        eta = go(clock, EVERY * look + 1).record.step_size.item()
        # a Rayleigh quotient after 4 products; measured 1e-4
        assert eta == pytest.approx(SAFETY * 2 / largest.item(), rel=1e-2)
    start = torch.linalg.eigvalsh(system.model.linearize(w0, system.x).kernel())[0, -1]
    assert abs(largest / start - 1) > 0.05, "the kernel has moved, else nothing was tested"


def test_stable_descent_goes_down_where_a_fixed_step_no_longer_does():
    system, w0 = small_net(["gradient-flow"], alpha=1.0)
    largest = torch.linalg.eigvalsh(system.model.linearize(w0, system.x).kernel())[0, -1].item()
    clocks = [step_clock(system, w0, **k) for k in ({"step_rule": "stable"}, {"step_size": 3.0 / largest})]
    losses = [[loss_of(system, go(clock, k).w).item() for k in range(1, 60)] for clock in clocks]
    assert (np.diff(losses[0]) < 0).all()
    assert (np.diff(losses[1]) > 0).any()


METHODS = ["gradient-flow", "constant(rho=0.1)", "adaptive(c=1)", "gauss-newton", "hybrid"]


@pytest.mark.parametrize("first", [None, 1e4])
def test_a_line_search_keeps_its_promise_in_every_step(first):
    system, w0 = small_net(METHODS, alpha=1.0)
    clock = step_clock(system, w0, step_rule="line-search", step_size=first)
    tried, taken = 0, 0
    for moment in range(1, 26):
        before = clock.w
        size, gain, accepted, _ = go(clock, moment).record
        fall = loss_of(system, before) - loss_of(system, clock.w)
        good = accepted == 1
        tried, taken = tried + len(METHODS), taken + int(good.sum())
        assert torch.equal(clock.w[~good], before[~good]), "what is not taken changes nothing"
        alive = good & (loss_of(system, before) > 1e-20)
        # gain = fall / (eta slope), so the promise is gain >= ARMIJO; slope by a finite difference
        assert (gain[alive] >= ARMIJO).all()
        assert (fall[alive] > 0).all()
        assert (size > 0).all()
    assert taken > 0.6 * tried


def test_the_gain_of_a_full_step_of_a_linear_model_is_one_half():
    system, w0 = linear("gauss-newton", "constant(rho=1e-9)")
    record = go(step_clock(system, w0, step_rule="line-search"), 1).record
    # along a Gauss-Newton direction the loss is (1 - eta)^2 of itself: gain = 1 - eta / 2
    assert_close(record.gain, 1 - record.step_size / 2, rtol=1e-6, label="gain")
    assert_close(record.step_size, torch.ones(2), rtol=1e-6, label="eta")


def test_backtracking_halves_as_often_as_it_takes():
    system, w0 = linear("gauss-newton")
    clock = go(step_clock(system, w0, step_rule="line-search", step_size=11.0), 1)
    assert clock.record.step_size.item() == 11 / 8  # the first half under 2, where the loss falls
    clock = go(step_clock(system, w0, step_rule="line-search", step_size=2.0**12), 1)
    assert clock.record.accepted.item() == 0, f"{TRIALS} trials were not enough, so it stays"
    assert torch.equal(clock.w, w0)
    go(clock, 3)  # the next steps go on from where the trials ended
    assert clock.record.accepted.item() == 0.5
    assert loss_of(system, clock.w) < loss_of(system, w0)


def test_asking_early_changes_nothing(monkeypatch):
    system, w0 = small_net(METHODS)
    early = go(step_clock(system, w0, step_rule="line-search"), 12)
    monkeypatch.setattr(step_sizes, "settled", lambda taken: False)
    late = go(step_clock(system, w0, step_rule="line-search"), 12)
    assert torch.equal(early.w, late.w)
    for a, b in zip(early.record, late.record, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"methods": "momentum"}, "clock.kind = 'flow' does not go with the method 'momentum'; "
         "allowed with it: clock.kind = steps"),
        ({"methods": "adam;constant"}, "clock.kind = 'flow' does not go with the method 'adam'"),
        ({"methods": "trust-region"}, "clock.kind = 'flow' does not go with the method 'trust-region'"),
        ({"methods": "momentum", "clock.kind": "steps", "clock.step_rule": "line-search"},
         "clock.step_rule = 'line-search' does not go with the method 'momentum'; allowed with it: "
         "clock.step_rule = fixed or stable"),
        ({"methods": "adam", "clock.kind": "steps", "clock.step_rule": "stable"}, "allowed with it: "
         "clock.step_rule = fixed"),
    ],
)  # fmt: skip
def test_methods_that_do_not_go_with_the_clock_are_refused(knobs, message):
    with pytest.raises(KnobError) as error:
        run(Experiment().replace(knobs))
    assert message in str(error.value)
