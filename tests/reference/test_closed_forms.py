"""The engine, from the public call on, against solutions in closed form on models that are not networks."""

import math

import numpy as np
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Experiment, fit_problem

SPHERE = 5e-10  # an order above what is reached, 5e-11, with clock.tol = 1e-8 and its safety

CHART = (
    1e-6  # two charts give two sequences of steps, each within clock.tol = 1e-8 of the path, over its length
)


def flow(*methods, horizon, **knobs):
    base = {"methods": list(methods), "clock.horizon": horizon, "clock.snapshots": 30}
    base |= {"clock.spacing": "linear", "clock.tol": 1e-8, "device": "cpu"}
    return Experiment().replace(base | {k.replace("__", "."): v for k, v in knobs.items()})


def sphere(w):
    a, b = w.unbind()
    return torch.stack([a.sin() * b.cos(), a.sin() * b.sin(), a.cos()])


def test_gauss_newton_on_the_sphere_follows_a_great_circle_at_a_known_pace():
    y = torch.tensor([0.9, -0.5, 1.1], dtype=torch.float64)
    ds = gnviz.run(flow("gauss-newton", horizon=6.0), fit_problem(sphere, y=y, w0=[1.2, 1.5]))
    u, size = ds.prediction[0].values, float(y.norm())
    to = y.numpy() / size
    psi = np.arctan2(np.linalg.norm(np.cross(u, to), axis=1), u @ to)
    expected = 2 * np.arctan(math.tan(psi[0] / 2) * np.exp(-size * ds.time.values))
    print(f"angle to the target: off by {np.abs(psi - expected).max():.1e}")
    assert_close(psi, expected, atol=SPHERE, label="angle to the target")
    normal = np.cross(u[0], to)
    assert_close(u @ normal, 0 * psi, atol=SPHERE, label="distance from the great circle")
    assert_close(np.linalg.norm(u, axis=1), np.ones(len(u)), atol=1e-14, label="the sphere")


def surface(w):
    a, b = w.unbind()
    return torch.stack([a, b, torch.sin(a) + 0.5 * b**2])


def skewed(v):
    """Return a and b of other coordinates: a = sinh v1, b = v2 + v1^2 (a bijection)."""
    return torch.stack([torch.sinh(v[0]), v[1] + v[0] ** 2])


def test_coordinates_move_gradient_descent_and_not_gauss_newton():
    y = torch.tensor([0.4, -0.3, 2.0], dtype=torch.float64)
    v0 = torch.tensor([1.1, -0.2], dtype=torch.float64)
    experiment = flow("gauss-newton", "gradient-flow", horizon=1.0)
    plain = gnviz.run(experiment, fit_problem(surface, y=y, w0=skewed(v0)))
    other = gnviz.run(experiment, fit_problem(lambda v: surface(skewed(v)), y=y, w0=v0))
    gap = np.abs(plain.prediction - other.prediction).max(("time", "sample"))
    print(f"paths in two charts: Gauss-Newton {float(gap[0]):.1e} apart, gradient flow {float(gap[1]):.2f}")
    assert_close(gap[0], 0, atol=CHART, label="Gauss-Newton")
    assert float(gap[1]) > 0.1
    assert float(np.abs(plain.weights - other.weights).max()) > 0.1


@pytest.mark.parametrize("rho", [1.0, 0.1, 1e-3])
def test_modes_of_a_constant_jacobian_decay_at_their_rates(rho):
    g = torch.Generator().manual_seed(1)
    # its kernel has kappa = 1e4: with 1e5 the reference's own smallest eigenvalue is off by 2e-11
    j = torch.randn(4, 6, generator=g, dtype=torch.float64) @ torch.diag(0.4 ** torch.arange(6).double())
    w0 = torch.randn(6, generator=g, dtype=torch.float64)
    method = "gradient-flow" if rho == 1 else f"constant(rho={rho:g})"
    ds = gnviz.run(flow(method, horizon=50.0), fit_problem(lambda w: j @ w, y=torch.ones(4), w0=w0))
    eigenvalues, v = torch.linalg.eigh(j @ j.T)
    rate = eigenvalues / (rho + (1 - rho) * eigenvalues)
    e = (ds.prediction[0].values - 1) @ v.numpy()
    expected = e[0] * np.exp(-np.outer(ds.time.values, rate.numpy()))
    print(f"rho = {rho:g}: off by {np.abs(e - expected).max():.1e}")
    assert_close(e, expected, atol=5e-12, label="residual modes")
