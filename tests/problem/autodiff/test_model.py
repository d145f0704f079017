"""Dense models against the structured network and against autograd, whichever way they take derivatives."""

import pytest
import torch
from checks import assert_close

from gnviz.problem.autodiff import derivatives
from gnviz.problem.autodiff.cost import evaluation_cost
from gnviz.problem.autodiff.model import DenseModel, find_way
from gnviz.problem.models.mlp import MLP

ROUNDING = 1e-12  # sums of some hundred products of order 1 in float64, in another order

NETWORK = MLP(2, 6, 2, "tanh")


def function(w, x):
    return NETWORK.outputs(w[None], x)[0]


@pytest.fixture
def points():
    g = torch.Generator().manual_seed(0)
    w = torch.stack([NETWORK.initialize(g, paired=False) for _ in range(3)])
    return w, torch.randn(7, 2, generator=g, dtype=torch.float64), g


@pytest.mark.parametrize("formed", [False, True])
@pytest.mark.parametrize("way", ["forward", "reverse", "loop", "rows"])
def test_every_way_equals_the_structured_network(points, way, formed):
    w, x, g = points
    dense = DenseModel(function, NETWORK.parameters, way).linearize(w, x)
    exact = NETWORK.linearize(w, x)
    if formed:
        assert_close(dense.jacobian(), exact.jacobian(), rtol=ROUNDING, label="J")
    v = torch.randn(3, 7, generator=g, dtype=torch.float64)
    dw = torch.randn(3, NETWORK.parameters, generator=g, dtype=torch.float64)
    assert_close(dense.outputs, exact.outputs, rtol=ROUNDING, label="f")
    assert_close(dense.vjp(v), exact.vjp(v), rtol=ROUNDING, label="J^T v")
    assert_close(dense.jvp(dw), exact.jvp(dw), rtol=ROUNDING, label="J dw")
    assert_close(dense.kernel(), exact.kernel(), rtol=ROUNDING, label="K")
    assert not dense.outputs.requires_grad


@pytest.mark.parametrize("at_once", [1, 5, 40])
@pytest.mark.parametrize("way", ["forward", "reverse", "loop"])
def test_pieces_are_the_whole(points, monkeypatch, way, at_once):
    w, x, g = points
    whole = DenseModel(function, NETWORK.parameters, way).linearize(w, x)
    monkeypatch.setattr(derivatives, "CHUNK", 1000 * at_once)
    parts = DenseModel(function, NETWORK.parameters, way, cost=1000, rows=7).linearize(w, x)
    v = torch.randn(3, 7, generator=g, dtype=torch.float64)
    dw = torch.randn(3, NETWORK.parameters, generator=g, dtype=torch.float64)
    assert_close(parts.outputs, whole.outputs, rtol=ROUNDING, label="f")
    assert_close(parts.vjp(v), whole.vjp(v), rtol=ROUNDING, label="J^T v")
    assert_close(parts.jvp(dw), whole.jvp(dw), rtol=ROUNDING, label="J dw")
    assert_close(parts.jacobian(), whole.jacobian(), rtol=ROUNDING, label="J")


def test_no_more_directions_at_once_than_were_asked_for():
    for runs, directions, most in [(3, 7, 1), (3, 7, 5), (3, 7, 20), (5, 2, 7), (1, 1, 10**9)]:
        covered = torch.zeros(runs, directions)
        for here, part in derivatives.tiles(runs, directions, most):
            covered[here, part] += 1
            assert covered[here, part].numel() <= max(most, 1), (runs, directions, most)
        assert (covered == 1).all()


def test_the_cost_of_an_evaluation_counts_what_is_made():
    w, x = torch.ones(1, dtype=torch.float64), torch.ones(1000, 1, dtype=torch.float64)
    made = evaluation_cost(lambda w, x: (w[0] * x[:, 0]).exp(), w, x)
    assert 3 * 1000 <= made <= 9 * 1000, "w x, its exponential, their derivatives, J and f"
    assert evaluation_cost(lambda w, x: (w[0] * x[:, 0]).view(10, 100).T.T.view(-1).exp(), w, x) == made


def test_the_size_decides_the_mode(points):
    w, x, _ = points
    many = torch.cat([x] * 20)
    assert NETWORK.parameters > 7
    assert find_way(function, w[0], x, torch.ones(7).double()) == ("reverse", "")
    assert find_way(function, w[0], many, torch.ones(140).double()) == ("forward", "")


class NoForwardMode(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(z):
        return z.square()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx, grad):
        return 2 * ctx.saved_tensors[0] * grad


def test_without_a_forward_mode_the_reverse_one_is_taken(points):
    _, x, g = points
    w, weights = torch.ones(2).double(), torch.ones(7).double()

    def squares(w, x):
        return NoForwardMode.apply(w[0] * x[:, 0]) + w[1]

    way, _ = find_way(squares, w, x, weights)
    assert way == "reverse"
    linear = DenseModel(squares, 2, way).linearize(w[None], x)
    dw = torch.randn(1, 2, generator=g, dtype=torch.float64)
    assert_close(linear.jvp(dw)[0], 2 * x[:, 0] ** 2 * dw[0, 0] + dw[0, 1], rtol=ROUNDING)


def test_what_cannot_be_batched_is_looped_and_the_reason_is_given(points):
    _, x, _ = points

    def branching(w, x):
        return w[0] * x[:, 0] if w[0].item() > 0 else -w[0] * x[:, 0]

    way, reason = find_way(branching, torch.ones(1).double(), x, torch.ones(7).double())
    assert way == "loop"
    assert "item" in reason
    linear = DenseModel(branching, 1, way).linearize(torch.tensor([[2.0], [-3.0]]).double(), x)
    assert_close(linear.jacobian()[:, :, 0], torch.stack([x[:, 0], -x[:, 0]]))
    assert_close(linear.outputs, torch.stack([2 * x[:, 0], 3 * x[:, 0]]))


def test_outputs_that_leave_a_parameter_out_have_a_zero_column(points):
    _, x, _ = points
    linear = DenseModel(lambda w, x: torch.stack([w[0], w[0] * w[1]]), 3, "loop").linearize(
        torch.tensor([[2.0, 3.0, 4.0]]).double(), x
    )
    assert_close(linear.jacobian()[0], [[1, 0, 0], [3, 2, 0]])
