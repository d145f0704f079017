"""Runs whose course is known in closed form, on models that are not networks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.problem.user.make import make_problem
from gnviz.verify.check import Finding, largest, small


def constant_jacobian() -> Iterator[Finding]:
    """Modes of a linear model decay as exp(-r_i t), r_i = lambda_i / (rho + (1 - rho) lambda_i)."""
    g = torch.Generator().manual_seed(1)
    # its kernel has kappa = 1e4: with 1e5 the reference's own smallest eigenvalue is off by 2e-11
    j = torch.randn(4, 6, generator=g, dtype=torch.float64) @ torch.diag(0.4 ** torch.arange(6).double())
    w0 = torch.randn(6, generator=g, dtype=torch.float64)
    eigenvalues, v = (q.numpy() for q in torch.linalg.eigh(j @ j.T))
    for rho in (1.0, 0.1, 1e-3):
        problem = make_problem(lambda w: j @ w, y=torch.ones(4), w0=w0)
        ds = run(_flow("gradient-flow" if rho == 1 else f"constant(rho={rho:g})", horizon=50.0), problem)
        rate = eigenvalues / (rho + (1 - rho) * eigenvalues)
        e = (ds["prediction"].values[0] - 1) @ v
        expected = e[0] * np.exp(-np.outer(ds["time"].values, rate))
        error = largest(ds, np.abs(e - expected)) / np.abs(e[0]).max()
        yield small(f"constant Jacobian: every mode decays as exp(-r t), rho = {rho:g}", error, 11)


def sphere() -> Iterator[Finding]:
    """Gauss-Newton on the unit sphere: tan(psi/2) = tan(psi_0/2) exp(-||y|| t), on a great circle."""
    y = np.array([0.9, -0.5, 1.1])
    ds = run(_flow("gauss-newton", horizon=6.0), make_problem(on_sphere, y=y, w0=[1.2, 1.5]))
    size, t = np.linalg.norm(y), ds["time"].values
    u, to = ds["prediction"].values[0], y / size
    psi = np.arctan2(np.linalg.norm(np.cross(u, to), axis=1), u @ to)
    expected = 2 * np.arctan(math.tan(psi[0] / 2) * np.exp(-size * t))
    yield small("unit sphere: angle to the target over time", largest(ds, np.abs(psi - expected)), 9)
    yield small("unit sphere: the path is a great circle", largest(ds, np.abs(u @ np.cross(u[0], to))), 9)
    off = np.abs(np.linalg.norm(u, axis=1) - 1)
    yield small("unit sphere: the path stays on it", largest(ds, off), 14)


def charts() -> Iterator[Finding]:
    """Gauss-Newton takes the same path in other coordinates of the same manifold, gradient flow another."""
    y = torch.tensor([0.4, -0.3, 2.0], dtype=torch.float64)
    v0 = torch.tensor([1.1, -0.2], dtype=torch.float64)
    flow = _flow("gauss-newton", "gradient-flow", horizon=1.0)
    plain = run(flow, make_problem(_surface, y=y, w0=_skewed(v0)))
    other = run(flow, make_problem(lambda v: _surface(_skewed(v)), y=y, w0=v0))
    apart = np.abs(plain["prediction"].values - other["prediction"].values)
    second, first = (largest(plain, gap) for gap in apart)
    yield small("change of coordinates: Gauss-Newton's path stays", second, 8)
    moved = f"moves by {first:.2g}"
    yield Finding("change of coordinates: gradient flow's path moves", "> 0.1", moved, math.nan, first > 0.1)


def _flow(*methods: str, horizon: float) -> Experiment:
    values = {"methods": list(methods), "clock.horizon": horizon, "clock.snapshots": 30, "device": "cpu"}
    return Experiment().replace(values | {"clock.spacing": "linear", "clock.tol": 1e-8})


def on_sphere(w: Tensor) -> Tensor:
    """Return the point of the unit sphere with polar angle w1 and azimuth w2, shape (3,)."""
    a, b = w.unbind()
    return torch.stack([a.sin() * b.cos(), a.sin() * b.sin(), a.cos()])


def _surface(w: Tensor) -> Tensor:
    a, b = w.unbind()
    return torch.stack([a, b, torch.sin(a) + 0.5 * b**2])


def _skewed(v: Tensor) -> Tensor:
    """Return a and b of other coordinates: a = sinh v1, b = v2 + v1^2 (a bijection)."""
    return torch.stack([torch.sinh(v[0]), v[1] + v[0] ** 2])
