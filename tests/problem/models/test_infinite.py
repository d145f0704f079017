"""The kernel of infinite width, against expectations by quadrature and against wide networks."""

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz import Experiment, run
from gnviz.activations import ACTIVATIONS
from gnviz.problem.models.hermite import expectations
from gnviz.problem.models.infinite import infinite_kernel
from gnviz.problem.models.mlp import MLP

CLOSED = ("erf", "relu")


def inputs(n=6, d=3):
    x = torch.randn(n, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)


def by_quadrature(function, q, count=400):
    """E[function(z) function(z')] on a polar grid, of Gauss-Legendre radii and even angles."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    r, wr = 5 * (nodes + 1), 5 * weights
    t = 2 * np.pi * (np.arange(4 * count) + 0.5) / (4 * count)
    z = np.linalg.cholesky(q) @ np.stack([np.outer(r, np.cos(t)).ravel(), np.outer(r, np.sin(t)).ravel()])
    density = np.repeat(wr * r * np.exp(-(r**2) / 2), len(t)) / len(t)
    a, b = (function(torch.from_numpy(row)).numpy() for row in z)
    return density @ (a * b)


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.4, 0.99])
def test_expectations_are_those_of_quadrature(name, correlation):
    q = np.array([[1.5, correlation * np.sqrt(1.5 * 0.7)], [correlation * np.sqrt(1.5 * 0.7), 0.7]])
    sigma = ACTIVATIONS[name]()
    value, slope = sigma.expectations(torch.from_numpy(q))
    # jumps of relu's slope are met to one angle in 1600; all else far more exactly
    assert value[0, 1].item() == pytest.approx(by_quadrature(sigma.value, q), abs=1e-5)
    found = by_quadrature(lambda z: sigma.slope(z, sigma.value(z)), q)
    assert slope[0, 1].item() == pytest.approx(found, abs=1e-3 if name == "relu" else 1e-9)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in CLOSED])
@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.4, 0.99])
def test_series_are_those_of_quadrature(name, correlation):
    q = np.array([[1.5, correlation * np.sqrt(1.5 * 0.7)], [correlation * np.sqrt(1.5 * 0.7), 0.7]])
    sigma = ACTIVATIONS[name]()
    assert sigma.expectations(torch.from_numpy(q)) is None
    value, slope = expectations(sigma, torch.from_numpy(q))
    assert value[0, 1].item() == pytest.approx(by_quadrature(sigma.value, q), abs=1e-9)
    found = by_quadrature(lambda z: sigma.slope(z, sigma.value(z)), q)
    assert slope[0, 1].item() == pytest.approx(found, abs=1e-9)


def test_the_series_is_the_closed_form_also_where_samples_are_close():
    x = inputs()
    x[1] = x[0] + 1e-5
    q, sigma = x @ x.T + 1, ACTIVATIONS["erf"]()
    for series, closed in zip(expectations(sigma, q), sigma.expectations(q), strict=True):
        assert_close(series, closed, rtol=1e-12, label="expectations")
        ends = [torch.linalg.eigvalsh(of)[0].item() for of in (series, closed)]
        assert ends[0] == pytest.approx(ends[1], rel=1e-3), "the smallest eigenvalue, 1e-10 of the largest"


def test_a_series_that_is_too_long_is_refused():
    q = inputs() @ inputs().T + 1
    assert expectations(ACTIVATIONS["tanh"](), 100 * q) is None
    assert expectations(ACTIVATIONS["relu"](), q) is None, "its slope jumps"
    assert infinite_kernel(MLP(3, 4, 1, "tanh"), inputs(), 10.0) is None


@pytest.mark.parametrize("name", [*CLOSED, "tanh"])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(("paired", "spread"), [(False, 1.0), (True, 0.5)])
def test_wide_networks_come_near_like_one_over_the_root_of_the_width(name, depth, paired, spread):
    x, gaps = inputs(), []
    for width in (64, 1024):
        net = MLP(3, width, depth, name)
        limit = infinite_kernel(net, x, spread, paired=paired)
        g = torch.Generator().manual_seed(1)
        w = torch.stack([spread * net.initialize(g, paired=paired) for _ in range(40)])
        off = (net.linearize(w, x).kernel() - limit).flatten(1).norm(dim=1) / limit.norm()
        gaps.append(off.mean().item())
    assert gaps[1] < 3 / 1024**0.5
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.4), "16 times the width, a quarter of the gap"


def test_a_dataset_has_its_eigenvalues_and_the_figure_draws_them():
    from gnviz.views import VIEWS, draw
    from gnviz.views.figures.spectrum import INFINITE

    small = {
        "data.n": 6,
        "data.condition": None,
        "clock.horizon": 1.0,
        "clock.snapshots": 3,
        "engine": "torch",
    }
    wide = run(Experiment().replace(small | {"network.activation": "erf", "network.width": 4096}))
    x = torch.from_numpy(wide["x"].values)
    limit = torch.linalg.eigvalsh(infinite_kernel(MLP(2, 1, 1, "erf"), x)).flip(0)
    assert_close(wide["infinite_width"], limit, rtol=1e-12, label="eigenvalues")
    near = np.log(wide["eigenvalues"].values[0, 0] / limit.numpy())
    assert np.abs(near[:4]).max() < 0.3, "leading eigenvalues of a wide network"
    table = VIEWS["spectrum"].tables(wide)[INFINITE]
    np.testing.assert_array_equal(table["mode"], np.arange(1, 7))
    np.testing.assert_allclose(table["eigenvalue"], limit, rtol=1e-12)
    assert INFINITE in {drawn.name for drawn in draw(wide, "spectrum", backend="bokeh").renderers}
    for other in ({"network.spread": 10.0}, {"network.activation": "erf", "loss.kind": "log-cosh"}):
        assert "infinite_width" not in run(Experiment().replace(small | {"network.width": 20} | other))
