"""A fit does not depend on the units of its inputs, its targets and any of its parameters."""

import numpy as np
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Experiment

RANGE = {"float64": 15, "float32": 6}
"""Decades up and down that units are drawn from."""

SAME = {"float64": 1e-8, "float32": 3e-3}
"""Relative agreement of two fits whose roundings differ, seen through a condition number of up to 1e4."""


def decay(w, x):
    return w[0] * torch.exp(-w[1] * x) + w[2]


def peak(w, x):
    return w[0] * torch.exp(-(((x - w[1]) / w[2]) ** 2))


def wave(w, x):
    return w[0] * torch.sin(w[1] * x + w[2])


MODELS = {
    "decay": (decay, [2.0, 1.3, 0.5], [1.0, 0.8, 0.2]),
    "peak": (peak, [1.2, 2.0, 0.5], [1.0, 2.2, 0.6]),
    "wave": (wave, [1.5, 1.1, 0.3], [1.2, 1.2, 0.1]),
}


def fit(name, method, dtype, *, noise, units_x=1.0, units_y=1.0, units_w=(1.0, 1.0, 1.0), **knobs):
    """Fit a model whose inputs, targets and parameters are each measured in units of their own."""
    function, truth, start = MODELS[name]
    scale = torch.tensor(units_w, dtype=torch.float64)
    x = torch.linspace(0.05, 4, 30, dtype=torch.float64)
    y = function(torch.tensor(truth, dtype=torch.float64), x)
    y = y + noise * torch.cos(41 * x + torch.arange(30) ** 2)
    problem = gnviz.make_problem(
        lambda w, x: units_y * function(w / scale.to(w), x / units_x),
        units_x * x,
        units_y * y,
        scale * torch.tensor(start),
    )
    values = {"methods": [method], "dtype": dtype, "observe.optimum": False, **knobs}
    ds = gnviz.run(Experiment.from_dict(values), problem)
    weights = ds.weights[0].dropna("time").values[-1] / np.array(units_w)
    return weights, ds.status.item(), ds.end_time.item()


def draws(dtype, count):
    """Yield random units: powers of ten, not of two, so that every rounding differs."""
    generator = np.random.default_rng(12)
    for _ in range(count):
        powers = generator.uniform(-RANGE[dtype], RANGE[dtype], 5)
        yield {"units_x": 10 ** powers[0], "units_y": 10 ** powers[1], "units_w": tuple(10 ** powers[2:])}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("noise", [0.0, 0.02])
@pytest.mark.parametrize("name", MODELS)
def test_a_trust_region_takes_the_same_steps_in_any_units(name, noise, dtype):
    knobs = {"clock.kind": "steps", "clock.steps": 60, "clock.snapshots": 61, "clock.spacing": "linear"}
    knobs |= {"clock.gtol": 0.0, "clock.ftol": 0.0, "clock.xtol": 1e-3 if dtype == "float32" else 1e-7}
    weights, status, steps = fit(name, "trust-region", dtype, noise=noise, **knobs)
    assert status == "converged"
    for units in draws(dtype, 6):
        other = fit(name, "trust-region", dtype, noise=noise, **units, **knobs)
        print(f"{name}, {dtype}: {steps} steps, weights the same to {abs(other[0] / weights - 1).max():.1e}")
        assert_close(other[0], weights, rtol=SAME[dtype], label=str(units))
        assert other[1:] == (status, steps)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", MODELS)
def test_the_gauss_newton_flow_is_the_same_in_any_units(name, dtype):
    knobs = {"clock.horizon": 12.0, "clock.snapshots": 10, "clock.gtol": 0.0}
    weights, status, end = fit(name, "gauss-newton", dtype, noise=0.02, **knobs)
    for units in draws(dtype, 3):
        other = fit(name, "gauss-newton", dtype, noise=0.02, **units, **knobs)
        assert_close(other[0], weights, rtol=1e-3, label=str(units))  # clock.tol
        assert other[1:] == (status, end)


@pytest.mark.parametrize("power", [-15, -7, 7, 15])
def test_gauss_newton_steps_are_the_same_in_any_units(power):
    knobs = {"clock.kind": "steps", "clock.steps": 30, "clock.step_size": 1.0}
    weights, status, end = fit("decay", "gauss-newton", "float64", noise=0.02, **knobs)
    units = {"units_x": 10.0**-power, "units_y": 10.0**power, "units_w": (10.0**power, 1.0, 10.0**-power)}
    other = fit("decay", "gauss-newton", "float64", noise=0.02, **units, **knobs)
    assert_close(other[0], weights, rtol=1e-9)
    assert other[1] == status == "converged"
    assert other[2] == end
