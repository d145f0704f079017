"""Every structured quantity of the MLP against its dense autograd twin."""

import pytest
import torch
from checks import assert_close

from gnviz.activations import ACTIVATIONS, Activation
from gnviz.activations.tanh import Tanh
from gnviz.problem.models.mlp import MLP

ROUNDING = 1e-12
"""float64 sums of up to some hundred terms: two computations agree to a few hundred eps."""

N, D, WIDTH = 5, 3, 6


def forward(net, w, x):
    """f(w) for one flat w, written out layer by layer, without the network's own code."""
    a, start = x, 0
    sigma = {
        "tanh": torch.tanh,
        "erf": torch.erf,
        "sigmoid": torch.sigmoid,
        "softplus": torch.nn.functional.softplus,
        "gelu": torch.nn.functional.gelu,
        "silu": torch.nn.functional.silu,
        "sin": torch.sin,
        "relu": torch.nn.functional.relu,
    }[net.activation]
    for layer in range(net.depth):
        k = a.shape[1]
        weight = w[start : start + net.width * k].reshape(net.width, k)
        start += net.width * k
        bias = w[start : start + net.width]
        start += net.width
        a = sigma(a @ weight.T * (1.0 if layer == 0 else k**-0.5) + bias)
    return a @ w[start:] * net.width**-0.5


@pytest.fixture(params=[(a, depth) for a in ACTIVATIONS for depth in (1, 2, 3)], ids=str)
def case(request):
    activation, depth = request.param
    net = MLP(D, WIDTH, depth, activation)
    g = torch.Generator().manual_seed(depth)
    w = torch.stack([net.initialize(g, paired=False) for _ in range(3)])
    x = torch.randn(N, D, generator=g, dtype=torch.float64)
    jacobians = torch.stack([torch.func.jacrev(lambda v: forward(net, v, x))(one) for one in w])
    return net, w, x, jacobians, g


def test_tangent_map_equals_its_dense_twin(case):
    net, w, x, jacobians, g = case
    linear = net.linearize(w, x)
    v = torch.randn(3, N, generator=g, dtype=torch.float64)
    dw = torch.randn(3, net.parameters, generator=g, dtype=torch.float64)
    f = torch.stack([forward(net, one, x) for one in w])
    assert_close(linear.outputs, f, rtol=ROUNDING, label="outputs of linearize")
    assert_close(net.outputs(w, x), f, rtol=ROUNDING, label="outputs")
    assert_close(linear.kernel(), jacobians @ jacobians.mT, rtol=ROUNDING, label="K")
    assert_close(linear.vjp(v), (jacobians.mT @ v[..., None])[..., 0], rtol=ROUNDING, label="J^T v")
    assert_close(linear.jvp(dw), (jacobians @ dw[..., None])[..., 0], rtol=ROUNDING, label="J dw")
    assert_close(linear.jacobian(), jacobians, rtol=ROUNDING, label="J, formed at once")
    rows = torch.stack([linear.vjp(e.expand(3, N)) for e in torch.eye(N, dtype=torch.float64)], 1)
    assert_close(rows, jacobians, rtol=ROUNDING, label="J")


def test_a_batch_equals_a_loop(case):
    net, w, x, _, _ = case
    together = net.linearize(w, x)
    for run in range(3):
        alone = net.linearize(w[run : run + 1], x)
        assert_close(alone.outputs[0], together.outputs[run], rtol=ROUNDING, label="f")
        assert_close(alone.kernel()[0], together.kernel()[run], rtol=ROUNDING, label="K")


def test_number_of_parameters(case):
    net, w, _, _, _ = case
    expected = (D + 1) * WIDTH + (net.depth - 1) * (WIDTH + 1) * WIDTH + WIDTH
    assert net.parameters == w.shape[1] == expected


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("width", [2, 6])
def test_paired_networks_start_at_zero(depth, width):
    net = MLP(D, width, depth, "gelu")
    w = net.initialize(torch.Generator().manual_seed(4), paired=True)
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    assert w.shape == (net.parameters,)
    assert_close(
        net.outputs(w[None], x), torch.zeros(1, N), atol=1e-15, label="f(w0)"
    )  # +c a - c a, reordered
    assert net.linearize(w[None], x).kernel()[0].diagonal().min() > 1e-3, "a zero network would pass"


def test_initial_weights_are_standard_normal_in_every_layer():
    net = MLP(D, 300, 2, "tanh")
    w = net.initialize(torch.Generator().manual_seed(6), paired=False)[None]
    layers, c = net.unflatten(w)
    for part in [t for layer in layers for t in layer] + [c]:
        noise = 5 / part.numel() ** 0.5  # five standard errors
        assert abs(part.mean().item()) < noise
        assert abs(part.std().item() - 1) < noise


class Undifferentiated(Tanh):
    """A tanh whose derivatives are left to automatic differentiation."""

    slope, second_derivative = Activation.slope, Activation.second_derivative


def test_the_derivatives_that_are_not_written_out_are_automatic():
    sigma, own, z = Tanh(), Undifferentiated(), torch.linspace(-3, 3, 13, dtype=torch.float64)
    a = sigma.value(z)
    assert_close(own.slope(z, a), sigma.slope(z, a), rtol=1e-14, label="slope")
    assert_close(own.second_derivative(z, a), sigma.second_derivative(z, a), rtol=1e-14, label="second")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative(name):
    sigma = ACTIVATIONS[name]()
    z = torch.linspace(-30, 30, 241, dtype=torch.float64, requires_grad=True)
    a = sigma.value(z)
    (derivative,) = torch.autograd.grad(a.sum(), z)
    assert_close(sigma.slope(z, a), derivative, rtol=1e-14, label=name)


def test_the_slope_of_a_ramp_is_nought_at_its_kink_and_what_is_not_known_stays():
    z = torch.tensor([-1.0, -0.0, 0.0, 1e-300, torch.nan], dtype=torch.float64)
    sigma = ACTIVATIONS["relu"]()
    a = sigma.value(z)
    assert a[:4].tolist() == [0, 0, 0, 1e-300]
    assert a[4].isnan()
    assert sigma.slope(z, a)[:4].tolist() == [0, 0, 0, 1]


def test_paired_needs_twins():
    from gnviz import Experiment, KnobError
    from gnviz.problem.build import build

    with pytest.raises(KnobError, match=r"network.width = 5 is odd.*use 6"):
        build(Experiment().replace({"network.width": 5}))


def test_a_kernel_computed_in_halves_is_the_same(case, monkeypatch):
    net, w, x, jacobians, _ = case
    monkeypatch.setattr("gnviz.problem.models.mlp.HALVED", 2)
    kernel = net.linearize(w, x).kernel()
    assert_close(kernel, jacobians @ jacobians.mT, rtol=ROUNDING, label="K")
    assert torch.equal(kernel[:, : N // 2, N // 2 :], kernel[:, N // 2 :, : N // 2].mT), "half by reflection"


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_second_derivatives_are_those_of_autograd(activation):
    net, n = MLP(2, 5, 1, activation), 7
    g = torch.Generator().manual_seed(3)
    w, x, v = (torch.randn(*size, generator=g).double() for size in ((2, net.parameters), (n, 2), (2, n)))
    for got, one, weights in zip(net.second_derivatives(w, x, v), w, v, strict=True):
        dense = torch.autograd.functional.hessian(lambda u, e=weights: net.outputs(u[None], x)[0] @ e, one)
        assert_close(got, dense, rtol=1e-13, label=activation)
