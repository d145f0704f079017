"""The a-priori bound: the promised rate, where there is none, and that it holds while its light is on."""

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz import Experiment, run
from gnviz.analysis.certificates import APRIORI, light, slack
from gnviz.analysis.ends import past
from gnviz.methods import METHODS, Schedule, ScheduleInputs, parse_method

LAZY = {"data.kind": "line", "data.n": 4, "network.width": 200, "network.alpha": 1e4, "clock.snapshots": 12,
        "clock.horizon": 30.0, "clock.tol": 1e-4}  # fmt: skip
METHODS_IN_TURN = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=3)", "gauss-newton", "hybrid",
                   "exponential", "formula(lambda_min/lambda_max)"]  # fmt: skip

LAZY_ERROR = 1e-3
"""Of a decay at alpha = 1e4: the kernel changes by some 1e-4 of itself."""


def rate(lam, rho):
    return lam / (rho + (1 - rho) * lam)


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if issubclass(m, Schedule)])
@pytest.mark.parametrize("smallest", [1e-9, 1e-3, 1.0, 50.0])
def test_no_rate_is_below_the_promised_one(name, smallest):
    """For every lambda_min >= smallest: the schedule's own rho there gives at least the promised rate."""
    schedule = parse_method(name)
    lam = smallest * torch.logspace(0, 12, 200, dtype=torch.float64)
    seen = ScheduleInputs(torch.full_like(lam, 2.0), torch.full_like(lam, 0.3), lam, lam.max(), lam)
    rho = schedule.rho_at(seen).clamp(schedule.least, 1.0)
    promised = rate(smallest, schedule.worst_rho(rho, torch.full_like(lam, smallest)))
    assert (rate(lam, rho) >= promised * (1 - 1e-12)).all(), "to rounding"


def test_the_adaptive_promise_does_not_depend_on_the_path():
    """(1 + c l) / (1 + c), by hand for c = 3, l = 0.2."""
    promised = parse_method("adaptive(c=3)").worst_rho(torch.tensor([0.9, 0.1]), torch.tensor([0.2, 0.2]))
    assert_close(rate(0.2, promised), [0.4, 0.4], rtol=1e-6)


def test_with_a_kernel_that_stays_the_bound_is_known_in_closed_form():
    ds = run(Experiment().replace({**LAZY, "methods": METHODS_IN_TURN[:4]}))
    half = ds.eigenvalues.values[:, 0, -1] / 2
    rho = np.array([1.0, 0.01, 3 * half[2] / (1 + 3 * half[2]), 0.0])
    exponent = np.log(ds.apriori.values / ds.loss.values[:, :1])
    early = ds.time.values < 5  # later it is within the rounding of alpha f
    expected = -2 * rate(half, rho)[:, None] * ds.time.values[early]
    off = abs(exponent[2, early] - expected[2]).max()
    print(f"adaptive: log(bound / loss) is known before the run to {off:.1e}")
    assert_close(exponent[:, early], expected, rtol=LAZY_ERROR, label="decay")


def test_change_is_the_spectral_norm():
    ds = run(Experiment().replace({**LAZY, "network.alpha": 1.0, "methods": ["gradient-flow"]}))
    spectral = ds.kernel_change.values[0]
    frobenius = ds.kernel_drift.values[0] * np.sqrt((ds.eigenvalues.values[0, 0] ** 2).sum())
    assert spectral[0] == 0
    assert (spectral[1:] <= frobenius[1:] * (1 + 1e-9)).all()
    assert (spectral[1:] >= frobenius[1:] / np.sqrt(4) * (1 - 1e-9)).all(), "of rank at most n = 4"


@pytest.mark.parametrize("kind", ["squared", "log-cosh", "weighted", "pseudo-huber"])
def test_it_holds_while_its_light_is_green(kind):
    knobs = {**LAZY, "ensemble.alphas": ["1", "30", "1000"], "clock.snapshots": 60}
    ds = run(Experiment().replace({**knobs, "methods": METHODS_IN_TURN, "loss.kind": kind}))
    assert ds.sizes["run"] == 3 * len(METHODS_IN_TURN)
    for i, label in enumerate(ds.run.values):
        x = light(ds, label, APRIORI)
        assert x is not None, label
        green = x.green & ~past(ds)[i]
        assert (ds.loss.values[i] <= ds.apriori.values[i] * (1 + slack(ds)))[green].all(), label


def test_the_light_goes_out_once_features_are_learned():
    """At alpha = 0.3 the kernel leaves lambda_0 / 2 at once, at alpha = 1e4 never."""
    ensemble = {"ensemble.alphas": ["0.3", "10000"], "methods": ["gradient-flow"]}
    ds = run(Experiment().replace({**LAZY, **ensemble}))
    near, lazy = (light(ds, label, APRIORI) for label in ds.run.values)
    assert near.since is not None
    assert lazy.since is None


@pytest.mark.parametrize(
    "knobs",
    [
        {"clock.kind": "steps", "methods": ["gradient-flow", "momentum", "adam", "trust-region"]},
        {"data.kind": "ring", "data.n": 20, "network.width": 3, "network.initialization": "centred"},
        {"data.kind": "circle", "data.condition": None, "data.separation": 1e-7, "dtype": "float32"},
    ],
    ids=["steps", "few parameters", "singular"],
)
def test_nothing_is_promised(knobs):
    knobs = {**LAZY, "clock.horizon": 1.0, "clock.steps": 5, "data.n": 4, **knobs}
    ds = run(Experiment().replace(knobs))
    assert ds.apriori.isnull().all()
    few = ds.sizes["mode"] < ds.sizes["sample"]
    assert ds.kernel_change.isnull().all() == few, "the change is measured all the same"
    assert all(light(ds, label, APRIORI) is None for label in ds.run.values)
