"""Batches of the steps clock: who advances with whom changes no number, and nothing waits for the device."""

import pytest
import torch
from checks import assert_close
from dynamics.clocked import go, small_net, step_clock
from reference.problems import linear_system
from torch.utils._python_dispatch import TorchDispatchMode

from gnviz.dynamics.steps import clock as clock_module
from gnviz.dynamics.steps import step_sizes
from gnviz.experiment import STEP_RULES
from gnviz.methods import METHODS, parse_method

ALONE = 1e-11
"""Batched against single products over 20 steps, relative to the largest weight; measured 1e-13."""

EVERY_METHOD = [*METHODS, "constant(rho=0.3)", "momentum(beta=0.5, nesterov=true)", "formula(exp(-t)+0.01)"]
WAITING = ("aten._local_scalar_dense", "aten.nonzero", "aten.item", "aten.is_nonzero", "aten.equal")


def allowed(rule):
    return [m for m in EVERY_METHOD if rule in parse_method(m).step_rules]


@pytest.mark.parametrize("rule", STEP_RULES)
def test_together_or_alone_a_run_takes_the_same_steps(rule):
    methods = allowed(rule)
    system, w0 = small_net(methods)
    together = go(step_clock(system, w0, step_rule=rule), 20)
    for run, method in enumerate(methods):
        alone = go(step_clock(*small_net([method]), step_rule=rule), 20)
        assert_close(together.w[run], alone.w[0], rtol=ALONE, label=method)


def test_runs_that_ended_stay_where_they_are():
    system, w0 = small_net(EVERY_METHOD)
    clock = go(step_clock(system, w0), 3)
    there = clock.w.clone()
    running = [run % 2 == 0 for run in range(len(EVERY_METHOD))]
    go(clock, 9, running)
    whole = go(step_clock(*small_net(EVERY_METHOD)), 9)
    for run, on in enumerate(running):
        if on:
            assert_close(clock.w[run], whole.w[run], rtol=ALONE, label=EVERY_METHOD[run])
        else:
            assert torch.equal(clock.w[run], there[run])


def test_a_factorization_that_fails_is_done_again_by_the_spectrum():
    methods = ["constant(rho=1e-15)", "constant(rho=0.1)", "exponential(floor=1e-15, rate=30)"]
    system, w0, _ = linear_system([2.0, 1.0, 0.0], 7, [parse_method(m) for m in methods])
    clock = go(step_clock(system, w0, step_size=1.0), 6)
    undamped, _, _ = linear_system([2.0, 1.0, 0.0], 7, [parse_method("gauss-newton")] * 3)
    e = system.alpha[:, None] * system.model.outputs(clock.w, system.x) - system.y
    # the two modes that can be trained are, one step after the damping is gone; the third stays
    assert_close((e @ system.model.j)[[0, 2]], torch.zeros(2, 7), atol=1e-9, label="J^T e")
    assert clock.w.isfinite().all()
    well = go(
        step_clock(*linear_system([2.0, 1.0, 0.0], 7, [parse_method(methods[1])])[:2], step_size=1.0), 6
    )
    assert_close(clock.w[1], well.w[0], rtol=ALONE, label="the run beside them")
    assert len(undamped.methods) == 3


class Waits(TorchDispatchMode):
    """Counts the operations that make the host wait for a device."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += any(str(func).startswith(name) for name in WAITING)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("rule", STEP_RULES)
def test_more_steps_do_not_wait_more_often(rule, monkeypatch):
    for asks in (step_sizes, clock_module):  # what a device is never asked
        monkeypatch.setattr(asks, "settled", lambda done: False)
    waits = []
    for steps in (5, 45):
        clock = step_clock(*small_net(allowed(rule)), step_rule=rule)
        with Waits() as counted:
            go(clock, steps)
        waits.append(counted.count)
    assert waits[0] == waits[1]
    assert waits[0] < 10, "once per batch and moment"


def test_the_counter_of_waits_counts():
    with Waits() as counted:
        bool((torch.ones(3) > 0).all())
        torch.ones(3).nonzero()
    assert counted.count == 2
