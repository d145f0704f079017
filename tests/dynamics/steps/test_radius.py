"""The radius of a trust region, against MINPACK itself."""

import numpy as np
import pytest
import torch
from checks import assert_close
from scipy.optimize import least_squares

import gnviz
from gnviz import Experiment
from gnviz.dynamics.steps.radius import damping
from gnviz.problem.published import nist

SAME = 1e-7
"""MINPACK factors by QR where gnviz has singular values; rounding grows with the steps that follow. Measured
1e-9 for MGH10 from its first start, else 2e-11."""


def minpack(function, w0):
    """Return the least loss up to each residual that MINPACK evaluates."""
    jacobian, losses = torch.func.jacrev(function), []

    def residual(w):
        r = function(torch.from_numpy(w)).numpy()
        losses.append(0.5 * r @ r)
        return r

    def slope(w):
        return jacobian(torch.from_numpy(w)).numpy()

    tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    least_squares(residual, w0, slope, method="lm", x_scale="jac", **tight)
    return np.minimum.accumulate(losses)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", ["Misra1a", "Chwirut2", "Thurber", "MGH10", "Eckerle4", "Rat43"])
def test_every_step_is_that_of_minpack(name, start):
    certified = nist.read(name)
    theirs = minpack(
        lambda w: certified.formula(w, certified.x) - certified.y, certified.starts[start].numpy()
    )
    knobs = {"methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 16, "device": "cpu"}
    knobs |= {"clock.snapshots": 17, "clock.spacing": "linear", "observe.optimum": False}
    ours = gnviz.run(Experiment().replace(knobs), certified.problem()).loss.values[start]
    known = min(len(theirs), (~np.isnan(ours)).sum(), 16)
    assert known > 8
    assert_close(ours[:known] / theirs[:known], np.ones(known), atol=SAME)


def test_the_step_is_as_long_as_the_radius_or_shorter():
    draw = np.random.default_rng(0)
    s, c = (torch.from_numpy(10.0 ** draw.uniform(-4, 4, (400, 5))) for _ in range(2))
    newton = (c / s).norm(dim=1)
    radius = newton * torch.from_numpy(10.0 ** draw.uniform(-6, 1, 400))
    before = torch.from_numpy(10.0 ** draw.uniform(-9, 9, 400))
    mu = damping(radius, before, s, c, torch.zeros(400, dtype=torch.float64))
    length = (s * c / (s.square() + mu[:, None])).norm(dim=1)
    inside = newton <= 1.1 * radius
    assert 50 < inside.sum() < 350
    assert (mu[inside] == 0).all()
    assert ((length / radius - 1).abs()[~inside] <= 0.1 + 1e-12).all()
