"""The lazy limit: how fast training comes near that of the linearized model as alpha grows."""

import numpy as np
import pytest
from checks import assert_close

import gnviz
from gnviz import Experiment

ALPHAS = np.array([100.0, 300.0, 1000.0])

EXPONENT = 0.1  # the next power of 1/alpha, at alpha = 100 and up, changes a slope by some percent


def trained(initialization, **knobs):
    values = {
        "data.n": 6,
        "data.condition": 1e3,
        "network.width": 40,
        "network.initialization": initialization,
    }
    return gnviz.run(Experiment().replace(values | {k.replace("__", "."): v for k, v in knobs.items()}))


@pytest.mark.parametrize(("initialization", "power"), [("centred", -1), ("paired", -2)])
def test_the_gap_to_the_linearized_model_falls_with_a_power_of_alpha(initialization, power):
    ds = trained(
        initialization,
        methods=["constant(rho=0.1)"],
        ensemble__alphas=";".join(f"{a:g}" for a in ALPHAS),
        clock__horizon=3.0,
        clock__tol=1e-8,
        clock__snapshots=5,
    )
    v, t, y = ds.basis.values, float(ds.time[-1]), ds.y.values
    start = ds.isel(time=0)
    decay = np.exp(-start.rate[0].values * t)
    linear = y + v @ (decay * (v.T @ (start.prediction[0].values - y)))
    gap = np.linalg.norm(ds.prediction.isel(time=-1).values - linear, axis=1)
    for name, size in {"predictor": gap, "kernel": ds.kernel_drift.isel(time=-1).values}.items():
        slope = np.polyfit(np.log(ALPHAS), np.log(size), 1)[0]
        print(f"{initialization}: the {name}'s gap falls as alpha^{slope:.2f}")
        assert slope == pytest.approx(power, abs=EXPONENT)


def test_every_mode_of_a_lazy_residual_falls_by_one_minus_eta():
    ds = trained(
        "paired",
        methods=["gauss-newton"],
        network__alpha=1e6,
        clock__kind="steps",
        clock__steps=5,
        clock__step_size=0.25,
        clock__spacing="linear",
    )
    e = (ds.prediction[0].values - ds.y.values) @ ds.basis.values
    assert_close(
        e[1:] / e[:-1], np.full((5, 6), 0.75), rtol=1e-6, label="ratio"
    )  # O(alpha^-2) over eps-noise
