"""Parameters that only rounding depends on."""

import pytest
import torch
from checks import assert_close
from torch import nn

import gnviz
from gnviz import Experiment, make_problem
from gnviz.analysis.ends import loss_now

X = torch.linspace(-1, 1, 6, dtype=torch.float64)[:, None]
Y = torch.sin(3 * X[:, 0])
STEPS = Experiment().replace(
    {
        "methods": ["trust-region"],
        "clock.kind": "steps",
        "clock.steps": 60,
        "device": "cpu",
        "observe.optimum": False,
    }
)


def normalized():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def test_a_bias_in_front_of_a_batch_norm_stays():
    problem = make_problem(normalized(), X, Y)
    assert (~problem.model.used).nonzero()[:, 0].tolist() == [3, 4, 5]
    assert any("0.bias by no more than rounding" in note for note in problem.samples.notes)
    linear = problem.model.linearize(problem.starts, problem.samples.x)
    v, dw = torch.ones(1, 6).double(), torch.arange(16.0).double()[None]
    fresh = problem.model.linearize(problem.starts, problem.samples.x)
    assert not linear.jacobian()[0, :, 3:6].any()
    assert_close(fresh.vjp(v), linear.vjp(v), rtol=1e-12, label="J^T v without and with J")
    assert_close(fresh.jvp(dw), linear.jvp(dw), rtol=1e-12, label="J dw without and with J")


def test_the_best_line_is_found_through_a_batch_norm():
    """Such a network is a line; with units for columns that are rounding its weights went to 1e14."""
    ds = gnviz.run(STEPS, make_problem(normalized(), X, Y))
    line = torch.cat([X, torch.ones_like(X)], 1)
    left = Y - line @ torch.linalg.lstsq(line, Y[:, None]).solution[:, 0]
    assert_close(loss_now(ds), [0.5 * left.square().sum()], rtol=1e-6)
    assert abs(gnviz.weights(ds)[0, 3:6]).max() < 1


def test_a_bias_of_keys_stays():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
    model = nn.Sequential(nn.Linear(1, 4), layer, nn.Flatten(), nn.Linear(16, 1)).eval()
    problem = make_problem(model, torch.randn(6, 4, 1), Y)
    assert any("4 of the 12 entries of 1.self_attn.in_proj_bias" in note for note in problem.samples.notes)


@pytest.mark.parametrize(
    ("model", "w0"),
    [
        (lambda w, x: w[0] * x[:, 0] + w[1], [0.0, 0.0]),
        (lambda w, x: w[0] * torch.exp(-1e-15 * w[1] * x[:, 0]), [1e-17, 1e15]),
        (lambda w, x: w[0] * x[:, 0] + w[1] * x[:, 0] ** 3, [1e-300, -1e300]),
        (lambda w, x: (w[0] ** 2 - w[1] ** 2) * (x[:, 0] + w[2]), [0.1, 0.1, 0.3]),  # a symmetric start
        (lambda w, x: torch.sin(w[0]) * x[:, 0] + torch.cos(w[1]), [torch.pi / 2, 0.0]),  # at the top
        (lambda w, x: w[0] * 1e6 + w[1] * (1 + 1e-9 * x[:, 0]), [1.0, 1.0]),  # nearly the same columns
    ],
)
def test_no_other_parameter_is_held(model, w0):
    assert make_problem(model, X, Y, w0).model.used is None
