"""Derivatives that autograd does not see: named where they are hidden, and not suspected elsewhere."""

import re

import pytest
import torch
from torch import nn

import gnviz
from gnviz import Experiment, make_problem

N = 12
X = torch.linspace(0.1, 2, N, dtype=torch.float64)
Y = torch.sin(X)


class Frozen(nn.Module):
    """Two layers, one of them hidden in some way."""

    def __init__(self, hide):
        super().__init__()
        self.hide, self.first, self.last = hide, nn.Linear(1, 4), nn.Linear(4, 1)

    def forward(self, x):
        z = torch.tanh(nn.functional.linear(x, self.hide(self.first.weight), self.first.bias))
        return self.last(z)


class Doubtful(torch.autograd.Function):
    """A square with the derivative of half a square."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z**2

    @staticmethod
    def backward(ctx, grad):
        return ctx.saved_tensors[0] * grad


def seeded(make):
    torch.manual_seed(0)
    return make()


HIDDEN = {
    "w[1] behind item": (
        r"does not see w\[1\], though",
        lambda: make_problem(lambda w, x: w[0] * x + w[1].item() * x**2, X, Y, [1.0, 0.5]),
    ),
    "w[2] behind detach": (
        r"does not see w\[2\], though",
        lambda: make_problem(lambda w, x: w[0] * torch.exp(-w[1] * x) + w[2].detach(), X, Y, [1.0, 1, 1]),
    ),
    "w[1] through numpy": (
        r"does not see w\[1\], though",
        lambda: make_problem(
            lambda w, x: w[0] * x + torch.from_numpy(w.detach().numpy()[1:] * x.numpy()), X, Y, [1.0, 0.5]
        ),
    ),
    "tiny among large": (
        r"does not see w\[1\], though",
        lambda: make_problem(lambda w, x: w[0] * x + 1e12 * w[1].detach(), X, Y, [1.0, 1e-12]),
    ),
    "from 0": (
        r"does not see w\[0\], w\[2\], though",
        lambda: make_problem(lambda w, x: w[0].detach() * x + w[1] * x + w[2].detach(), X, Y, [0.0, 1, 0]),
    ),
    "a tensor of a module": (
        r"does not see first\.weight, though",
        lambda: make_problem(seeded(lambda: Frozen(lambda t: t.detach())), X, Y),
    ),
    "many": (
        r"does not see w\[1\], w\[2\], w\[3\], w\[4\] and \d+ more, though",
        lambda: make_problem(lambda w, x: w[0] * x + (w.detach() * X[0]).sum() * x, X, Y, torch.ones(40)),
    ),
    "half of a product": (
        r"is not the function's: it differs for w\[0\];",
        lambda: make_problem(lambda w, x: w[0] * w[0].detach() * x + w[1], X, Y, [1.5, 0.5]),
    ),
    "half of a module": (
        r"is not the function's: it differs for first\.weight;",
        lambda: make_problem(seeded(lambda: Frozen(lambda t: (t + t.detach()) / 2)), X, Y),
    ),
    "a wrong backward": (
        r"is not the function's: it differs for w\[0\];",
        lambda: make_problem(lambda w, x: Doubtful.apply(w[0] * x) + w[1], X, Y, [1.5, 0.5]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDDEN)
def test_what_autograd_does_not_see_is_named(case):
    message, make = HIDDEN[case]
    with pytest.raises(ValueError, match=message):
        make()


def relu_net():
    return nn.Sequential(nn.Linear(1, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1))


def zeroed():
    module = relu_net()
    for name, value in module.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(value)
    return module


RIGHT = {
    "kinks": lambda: make_problem(seeded(relu_net), X, Y),
    "kinks at 0": lambda: make_problem(seeded(zeroed), torch.linspace(-1, 1, N), Y),
    "relu of 0": lambda: make_problem(lambda w, x: torch.relu(w[0] * x) + w[1] * x, X, Y, [0.0, 1]),
    "abs of 0": lambda: make_problem(lambda w, x: w[0].abs() * x + w[1], X, Y, [0.0, 1]),
    "a stationary point": lambda: make_problem(lambda w, x: w[0] ** 3 * x + w[1], X, Y, [0.0, 1]),
    "steep": lambda: make_problem(lambda w, x: torch.sin(1e5 * w[0] * x) + w[1], X, Y, [1.0, 1]),
    "large": lambda: make_problem(lambda w, x: torch.exp(300 * w[0] * x) * w[1], X, Y, [1.0, 1]),
    "rounding": lambda: make_problem(lambda w, x: (w[0] * x + 1e9) - 1e9, X, Y, [1e-6]),
    "all rounding": lambda: make_problem(lambda w, x: (w[0] * x + 1e9) - 1e9 + w[1], X, Y, [1e-12, 1]),
    "single inside": lambda: make_problem(lambda w, x: torch.sin(w[0].float() * x.float()), X, Y, [1.3]),
    "units": lambda: make_problem(
        lambda w, x: w[0] * torch.exp(-(((x - w[1]) / w[2]) ** 2)), X, Y, [1e-12, 2.2, 0.6]
    ),
    "near a pole": lambda: make_problem(lambda w, x: x / (w[0] - 1), X, Y, [1 + 1e-6]),
    "near the edge": lambda: make_problem(lambda w, x: (w[0] - 1e-9).sqrt() * x + w[1], X, Y, [1.1e-9, 1]),
    "ill-conditioned": lambda: make_problem(
        lambda w, x: torch.linalg.solve(
            1 / (torch.arange(8.0).double()[:, None] + torch.arange(8.0).double() + 1), w
        )[:1] * x,
        X, Y, torch.ones(8),
    ),
    "pooling": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Conv1d(1, 3, 2), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(6, 1))),
        X.reshape(1, 1, N)[..., :5].expand(N, 1, 5) * X[:, None, None], Y,
    ),
    "softmax": lambda: make_problem(lambda w, x: torch.softmax(w * 50, 0)[0] * x, X, Y, [1.0, 0.5, 0.2]),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_what_autograd_sees_rightly_is_not_refused(case):
    RIGHT[case]()


NOTES = {
    r"no sample depends on w\[2\]: it stays": lambda: make_problem(
        lambda w, x: w[0] * x + w[1], X, Y, [1.0, 2, 3]
    ),
    r"no sample depends on 8 of the 20 entries of 0.weight": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Embedding(10, 2), nn.Flatten(), nn.Linear(2, 1))),
        torch.arange(12) % 6, Y,
    ),
    r"no sample's derivative in w\[1\] is other than 0.*rounding": lambda: make_problem(
        lambda w, x: w[0] * x + torch.round(w[1] * x), X, Y, [1.0, 0.3]
    ),
    r"no sample's derivative in w\[1\] is other than 0.*off": lambda: make_problem(
        lambda w, x: w[0] * x + torch.relu(w[1] * x), X, Y, [1.0, -0.3]
    ),
}  # fmt: skip


@pytest.mark.parametrize("note", NOTES)
def test_parameters_that_do_not_move_are_noted(note):
    problem = NOTES[note]()
    assert re.search(note, "\n".join(problem.samples.notes)), problem.samples.notes


def test_the_note_is_in_the_results_and_the_parameter_stays():
    problem = make_problem(lambda w, x: w[0] * x + w[1], X, Y, [1.0, 2, 3])
    experiment = Experiment().replace(
        {"methods": ["gauss-newton"], "clock.horizon": 1.0, "clock.snapshots": 3, "observe.optimum": False}
    )
    ds = gnviz.run(experiment, problem)
    assert "no sample depends on w[2]" in ds.attrs["notes"]
    assert (ds.weights[0, :, 2] == 3).all()
