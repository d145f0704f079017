"""Small runs of the steps clock, step by step, for tests of what one step does."""

import torch

from gnviz import Squared
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.steps.clock import StepClock
from gnviz.experiment import Clock
from gnviz.methods import parse_method
from gnviz.problem.models.mlp import MLP

ALPHA = 3.0


def small_net(methods, *, n=6, width=8, depth=2, alpha=ALPHA, loss=None, space="auto"):
    """Return a system of these methods on random data (labels for logistic loss), and w0 (R, p)."""
    loss = loss or Squared()
    net = MLP(2, width, depth, "tanh")
    g = torch.Generator().manual_seed(1)
    w0 = net.initialize(g, paired=False).expand(len(methods), -1)
    x = torch.randn(n, 2, generator=g, dtype=torch.float64)
    y = torch.randn(n, generator=g, dtype=torch.float64)
    y = torch.where(y < 0, -1.0, 1.0).double() if loss.label == "logistic" else y
    one = torch.ones(len(methods), dtype=torch.float64)
    offset = torch.zeros(len(methods), n, dtype=torch.float64)
    parsed = [parse_method(m) for m in methods]
    return System(net, x, y, parsed, alpha * one, offset, loss, space), w0


def step_clock(system, w0, **knobs):
    """Return a steps clock at w0."""
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    return StepClock(system, w0, Clock(kind="steps", **knobs), first)


def go(clock, moment, running=None):
    """Advance all runs, or those given, to a moment."""
    running = torch.ones(len(clock.w), dtype=torch.bool) if running is None else torch.tensor(running)
    clock.advance(moment, running, lambda: None)
    return clock


def loss_of(system, w):
    """Return g(u), shape (R,)."""
    u = system.alpha[:, None] * system.model.outputs(w, system.x)
    return system.loss.value(u, system.y)


def one_step(system, w, eta):
    """Return the weights after one step of size eta with every run."""
    return go(step_clock(system, w, step_size=eta), 1).w
