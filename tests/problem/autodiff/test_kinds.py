"""Models of many kinds: those that torch cannot batch run all the same, with the derivatives of autograd."""

import numpy as np
import pytest
import torch
from checks import assert_close
from torch import nn

import gnviz
from gnviz import Experiment, KnobError, make_problem
from gnviz.analysis.ends import loss_now

ROUNDING = 1e-9  # of derivatives of order 1 to 100 in float64, summed in another order

N = 6
SERIES = torch.sin(torch.arange(N * 4, dtype=torch.float64)).reshape(N, 4, 1)
POINTS = torch.linspace(-1, 1, N, dtype=torch.float64)
Y = torch.cos(POINTS)


class Last(nn.Module):
    """The last output of a recurrent layer, read by a linear one."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.out = layer, nn.Linear(layer.hidden_size, 1)

    def forward(self, x):
        return self.out(self.layer(x)[0][:, -1])


class OnceDifferentiable(torch.autograd.Function):
    """A cube in the old style: no rule for vmap, none for forward mode."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z**3

    @staticmethod
    def backward(ctx, grad):
        return 3 * ctx.saved_tensors[0] ** 2 * grad


def branching(w, x):
    return w[0] * x if w[0] > 0 else w[0] * x.square()


def halving(w, x):
    """Newton's iteration for sqrt(w^2 + x^2), until it is there: as many turns as it needs."""
    goal = w[0] ** 2 + x**2 + w[1] ** 2
    z = goal
    while ((z * z - goal).abs() > 1e-13 * goal).any():
        z = (z + goal / z) / 2
    return z


def solving(w, x):
    a = torch.eye(3, dtype=w.dtype) + torch.outer(w, w)
    return torch.linalg.solve(a, torch.stack([x, x**2, torch.ones_like(x)]))[0]


def scattering(w, x):
    out = torch.zeros(N, dtype=w.dtype, device=w.device)
    out[::2] = w[0] * x[::2]
    return out.index_add(0, torch.arange(1, N, 2), w[1] * x[1::2])


def with_a_slope_inside(w, x):
    """A model that asks autograd for its own derivative in x, as physics-informed ones do."""
    x = x.clone().requires_grad_()
    with torch.enable_grad():
        u = torch.tanh(w[0] * x + w[1])
        (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    return slope + u


def seeded(make):
    torch.manual_seed(0)
    return make()


KINDS = {
    "LSTM": lambda: make_problem(seeded(lambda: Last(nn.LSTM(1, 3, batch_first=True))), SERIES, Y),
    "LSTM of two layers": lambda: make_problem(
        seeded(lambda: Last(nn.LSTM(1, 2, num_layers=2, batch_first=True))), SERIES, Y
    ),
    "GRU": lambda: make_problem(seeded(lambda: Last(nn.GRU(1, 3, batch_first=True))), SERIES, Y),
    "RNN": lambda: make_problem(seeded(lambda: Last(nn.RNN(1, 3, batch_first=True))), SERIES, Y),
    "transformer": lambda: make_problem(
        seeded(
            lambda: nn.Sequential(
                nn.Linear(1, 4),
                nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True),
                nn.Flatten(),
                nn.Linear(16, 1),
            ).eval()
        ),
        SERIES, Y,
    ),
    "convolution": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Conv1d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(4, 1))),
        SERIES.mT, Y,
    ),
    "batch norm": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).eval()), POINTS, Y
    ),
    "batch norm that learns": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))), POINTS, Y
    ),
    "layer norm": lambda: make_problem(
        seeded(lambda: nn.Sequential(nn.Linear(1, 4), nn.LayerNorm(4), nn.GELU(), nn.Linear(4, 1))), POINTS, Y
    ),
    "old custom function": lambda: make_problem(
        lambda w, x: OnceDifferentiable.apply(w[0] * x + w[1]), POINTS, Y, [1.0, 0.5]
    ),
    "branching": lambda: make_problem(branching, POINTS, Y, [1.0]),
    "iterating": lambda: make_problem(halving, POINTS, Y, [1.0, 0.5]),
    "solving": lambda: make_problem(solving, POINTS, Y, [1.0, 0.5, -0.2]),
    "scattering": lambda: make_problem(scattering, POINTS, Y, [1.0, 0.5]),
    "slope inside": lambda: make_problem(with_a_slope_inside, POINTS, Y, [1.0, 0.5]),
    "eigenvalues": lambda: make_problem(
        lambda w, x: torch.linalg.eigvalsh(w[[0, 1, 1, 2]].view(2, 2))[0] + x * w[0],
        POINTS, Y, [1.0, 0.5, 3.0],
    ),
    "cumulative": lambda: make_problem(
        lambda w, x: torch.cumsum(w[0] * x, 0) + torch.logcumsumexp(w[1] * x, 0), POINTS, Y, [1.0, 0.5]
    ),
}  # fmt: skip


def settings(**knobs):
    base = {"methods": ["gauss-newton", "gradient-flow"], "clock.snapshots": 3, "clock.horizon": 0.3}
    return Experiment().replace(
        base | {"device": "cpu"} | {k.replace("__", "."): v for k, v in knobs.items()}
    )


def plain_jacobian(model, w, x):
    """Return J by plain autograd, row by row."""
    w = w.clone().requires_grad_()
    rows = model.one(w, x)
    return torch.stack([torch.autograd.grad(r, w, retain_graph=True)[0] for r in rows])


@pytest.mark.parametrize("kind", KINDS)
def test_products_of_every_kind_are_those_of_autograd(kind):
    problem = KINDS[kind]()
    model, x, w = problem.model, problem.samples.x, problem.starts[0]
    two = torch.stack([w, 1.01 * w + 0.01])
    jacobian = torch.stack([plain_jacobian(model, row, x) for row in two])
    v, dw = torch.arange(2 * N).double().view(2, N), torch.linspace(-1, 1, len(w)).double().expand(2, -1)
    linear = model.linearize(two, x)
    assert_close(linear.outputs, torch.stack([model.one(row, x) for row in two]).detach(), rtol=ROUNDING)
    assert_close(linear.vjp(v), (v[:, None] @ jacobian)[:, 0], rtol=ROUNDING, label="J^T v")
    assert_close(linear.jvp(dw), (jacobian @ dw[:, :, None])[:, :, 0], rtol=ROUNDING, label="J dw")
    assert_close(model.linearize(two, x).jacobian(), jacobian, rtol=ROUNDING, label="J")
    noted = "cannot be batched" in "".join(problem.samples.notes)
    assert noted == (model.way not in ("forward", "reverse"))


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "old custom function", "batch norm that learns"])
def test_what_cannot_be_batched_runs_on_both_clocks(kind):
    problem = KINDS[kind]()
    assert problem.model.way == "loop"
    ds = gnviz.run(settings(), problem)
    assert (loss_now(ds) < ds.loss[:, 0]).all()
    steps = settings(
        methods=["trust-region", "constant(rho=0.5)", "gradient-flow"],
        clock__kind="steps",
        clock__steps=12,
        observe__sharpness=1,
        observe__optimum=False,  # which was looked for above
    )
    ds = gnviz.run(steps, problem)
    assert (loss_now(ds) < ds.loss[:, 0]).all()
    assert np.isfinite(ds.sharpness[:, 0]).all()


class Once(torch.autograd.Function):
    """A square that can be differentiated once."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z**2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return 2 * ctx.saved_tensors[0] * grad


def test_sharpness_of_what_has_no_second_derivative_is_refused():
    problem = make_problem(lambda w, x: Once.apply(w[0] * x), POINTS, Y, [1.0])
    with pytest.raises(
        KnobError, match=r"observe.sharpness = 2 needs second derivatives.*allowed with it: 0"
    ):
        problem.problem(settings(observe__sharpness=2))
    problem.problem(settings())


def test_in_single_precision_too():
    ds = gnviz.run(settings(dtype="float32", clock__horizon=0.1), KINDS["LSTM"]())
    assert (loss_now(ds) < ds.loss[:, 0]).all()
