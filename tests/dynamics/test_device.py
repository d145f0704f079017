"""The engine on a GPU, without one: on a device that has no numbers, fed with what the CPU told the host.

torch's meta device refuses operands on two devices, and whatever asks for a number. (A fake CUDA device
cannot be indexed where torch is built without CUDA.) The host's questions go through
`gnviz.dynamics.host.to_host` alone: on the CPU their answers are noted, on that device they are given.
That is the run on a GPU as far as the host sees it; what is indexed by masks or lists, or given to the
device, is counted on the CPU (`waits`).
"""

from dataclasses import replace

import pytest
import torch
from waits import Waits

from gnviz import Experiment
from gnviz.dynamics import host
from gnviz.dynamics.flow import second_order, state
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.simulate import assemble
from gnviz.dynamics.steps import clock as steps_clock
from gnviz.dynamics.steps import radius, step_sizes
from gnviz.dynamics.steps.clock import StepClock
from gnviz.problem.build import build

SMALL = {"data.n": 6, "data.condition": 1e4, "network.width": 10, "network.alpha": 1.0, "device": "cpu"}
FEW = SMALL | {"data.kind": "ring", "data.n": 20, "data.condition": None, "network.width": 3,
               "network.initialization": "centred"}  # fmt: skip
DEEP = SMALL | {"data.condition": 1e6, "network.depth": 3, "network.activation": "gelu"}
FLOW = {"methods": ["gradient-flow", "adaptive(c=1)", "gauss-newton", "formula(clip(loss, 0.1, 1))"]}
STEPS = {"methods": ["gradient-flow", "momentum", "adam", "constant(rho=0.1)", "adaptive(c=1)", "hybrid"]}
ASKED = (state, second_order, steps_clock)
"""Where the host asks the device within steps."""

CASES = {
    "flow": (SMALL | FLOW, 1),
    "flow, deep": (DEEP | FLOW, 1),
    "flow, log-cosh": (SMALL | FLOW | {"loss.kind": "log-cosh"}, 1),
    "flow, p < n": (FEW | FLOW, 2),  # whether second derivatives are of use is a question of its own
    "steps": (SMALL | STEPS, 0),
    "steps, deep": (DEEP | STEPS, 0),
    "steps, p < n": (FEW | STEPS, 0),
    "steps, logistic": (SMALL | STEPS | {"loss.kind": "logistic"}, 0),
    "steps, stable": (
        SMALL | {"methods": ["momentum", "constant(rho=0.1)"], "clock.step_rule": "stable"}, 0),
    "steps, line search": (
        SMALL | {"methods": ["gradient-flow", "constant(rho=0.1)"], "clock.step_rule": "line-search"}, 0),
    "trust region": (SMALL | {"methods": ["trust-region", "trust-region(acceleration=true)"]}, 0),
    "trust region, p < n": (FEW | {"methods": ["trust-region", "trust-region(scaling=columns)"]}, 0),
}  # fmt: skip
"""Experiments, and how often the host asks the device in one step."""


class Told:
    """Answers the host's questions: as the numbers say, or, once it is told to repeat, as it did before."""

    def __init__(self):
        self.answers, self.count, self.repeating = [], 0, False

    def __call__(self, *values):
        if not self.repeating:
            with torch._C.DisableTorchFunction():  # it is counted here
                self.answers.append(host.to_host(*values))
        answer = self.answers[self.count]
        self.count += 1
        assert len(answer) == len(values)
        assert {len(row) for row in answer} == {len(v) for v in values}
        assert not self.repeating or all(v.device.type == "meta" for v in values)
        return [list(row) for row in answer]

    def restart(self, *, repeating=False):
        """Forget all answers, or give them again."""
        self.answers = self.answers if repeating else []
        self.count, self.repeating = 0, repeating


def start(experiment):
    """Return system and weights of an experiment, on the CPU."""
    system, w0 = assemble(experiment, build(experiment))
    return system, w0, experiment.clock


def clock_for(system, w0, knobs):
    """Return a clock, started where the system is."""
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    if knobs.kind == "steps":
        return StepClock(system, w0, knobs, first)
    return FlowClock(system, w0, knobs.tol, first)


def go(clock, told, moment):
    """Take steps to a moment with all runs: how many, what was asked, and what else the host waited for."""
    ticks, before, everyone = [], told.count, tuple(range(len(clock.w)))
    with Waits() as waits:
        if isinstance(clock, FlowClock):
            clock._follow(moment, everyone, lambda: ticks.append(1))
            asked = told.count - before
            clock._read(moment, everyone)
        else:
            for batch in list(clock._batches):
                clock._advance(batch, range(int(moment)), lambda: ticks.append(1))
            asked = told.count - before
    return len(ticks), asked, waits.places


@pytest.fixture
def told(monkeypatch):
    answers = Told()
    for module in ASKED:
        monkeypatch.setattr(module, "to_host", answers)
    for module in (radius, step_sizes, steps_clock):
        monkeypatch.setattr(module, "settled", lambda done: False)  # what a device is never asked
    return answers


@pytest.mark.parametrize("case", CASES)
def test_steps_run_on_a_device_and_ask_it_once(case, told):
    knobs, questions = CASES[case]
    kind = "flow" if case.startswith("flow") else "steps"
    system, w0, clock = start(Experiment().replace(knobs | {"clock.kind": kind}))
    moment = 0.02 if kind == "flow" else 12
    go(clock_for(system, w0, clock), told, moment)  # constants are given once
    told.restart()
    steps, asked, waits = go(clock_for(system, w0, clock), told, moment)
    at_the_end = 0 if kind == "flow" else asked  # the steps clock asks each batch once, after its last step
    assert steps >= 5
    assert asked - at_the_end == questions * steps
    assert not waits, "nothing else is told, and nothing given"
    told.restart(repeating=True)
    names = ("x", "y", "alpha", "offset")
    there = clock_for(
        replace(system, **{name: getattr(system, name).to("meta") for name in names}), w0.to("meta"), clock
    )
    again, *_ = go(there, told, moment)
    assert again == steps
    assert there.w.device.type == "meta"


def test_the_steps_clock_asks_once_a_batch_however_many_steps(told):
    asked = []
    for steps in (3, 30):
        clock = clock_for(*start(Experiment().replace(SMALL | STEPS | {"clock.kind": "steps"})))
        asked.append(go(clock, told, steps)[1])
        assert asked[-1] <= len(clock._batches)
    assert asked[0] == asked[1]
