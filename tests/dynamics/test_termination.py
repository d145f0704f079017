"""What is said of a run is true, and what is recorded of it ends where it ended."""

import math
import re

import numpy as np
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Experiment, Status
from gnviz.analysis.certificates import APRIORI, light

ONES = torch.ones(2, dtype=torch.float64)


def run(problem, method, **knobs):
    values = {name.replace("_", ".", 1): value for name, value in knobs.items()}
    return gnviz.run(Experiment.from_dict({"methods": [method], "observe.optimum": False, **values}), problem)


def line(x, y, start):
    return gnviz.make_problem(lambda w, x: w[0] * x, x, y, [start])


def last(ds, name="weights"):
    """The last known values of the first run."""
    return ds[name][0].dropna("time").values[-1]


def verdict(ds):
    return Status(ds.status.item()), ds.status_text.item()


@pytest.mark.parametrize(("y", "best"), [([1.0, -1.0], 0.0), ([1.001, -0.999], 1e-3)])
def test_a_flow_that_converges_to_small_weights_is_not_a_breakdown(y, best):
    ds = run(line(ONES, y, 1.0), "gauss-newton", clock_horizon=50)
    assert verdict(ds)[0] is Status.CONVERGED
    assert_close(last(ds), [best], atol=1e-13)  # 1e-14 of a residual of norm 1.4


def test_a_start_at_the_optimum_has_nothing_left_to_do():
    problem = gnviz.make_problem(lambda w: torch.stack([w[0] ** 2 + 1, w[0]]), y=np.zeros(2), w0=[0.0])
    ds = run(problem, "gauss-newton", clock_horizon=50)
    assert verdict(ds)[0] is Status.CONVERGED
    assert "can still change of the residual is rounding" in verdict(ds)[1]
    assert ds.end_time.item() == 0


def test_rounding_is_relative_to_the_predictions_not_to_the_loss_at_the_start():
    problem = gnviz.make_problem(lambda w: torch.stack([w[0] ** 6, w[0] - 1]), y=np.zeros(2), w0=[100.0])
    ds = run(problem, "gauss-newton", clock_horizon=60)
    assert ds.loss.values[0, 0] > 1e23
    least = 0.047086939633413864  # of 1/2 (w^12 + (w - 1)^2), at w = 0.749274102581, by bisection
    assert_close(last(ds, "loss"), least, rtol=1e-9)


@pytest.mark.parametrize("method", ["gauss-newton", "gradient-flow", "adaptive(c=1)"])
@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_a_tiny_weight_is_no_converged_one(method, clock):
    x = torch.linspace(1, 2, 4, dtype=torch.float64)
    ds = run(line(x, 3e-17 * x, 1e-17), method, clock_kind=clock, clock_steps=60)
    assert ds.end_time.item() > 0
    # the default horizon ends at e^-16 of the residual
    assert_close(last(ds), [3e-17], rtol=3e-7)


def test_a_smallest_singular_value_that_rose_is_not_said_to_have_fallen():
    problem = gnviz.make_problem(
        lambda w: torch.stack([w[0].sqrt(), w[0].sqrt() + 0.1]), y=[-1.0, -1.0], w0=[1.0]
    )
    ds = run(problem, "gauss-newton", clock_horizon=50)
    status, text = verdict(ds)
    assert status is Status.UNDEFINED
    assert "not finite" in text
    assert "fell" not in text
    # u' = -(u - ybar) with ybar = -1.05 from 1 to 0
    assert ds.end_time.item() == pytest.approx(math.log(2.05 / 1.05), abs=1e-4)


def test_a_fold_is_told_with_numbers_that_agree():
    """The image of w^2 ends at 0, where J vanishes; the flow wants to go on."""
    problem = gnviz.make_problem(lambda w: torch.stack([w[0] ** 2, w[0] ** 2]), y=[-1.0, -1.0], w0=[1.0])
    ds = run(problem, "gauss-newton", clock_horizon=50)
    status, text = verdict(ds)
    assert status is Status.SINGULAR
    was, now = map(float, re.search(r"σ_min\(J\) fell from (\S+) to ([^;]+);", text).groups())
    assert now < 1e-2 * was
    # u' = -(u + 1) from 1: u = 2 e^-t - 1 is 0 at log 2
    assert ds.end_time.item() == pytest.approx(math.log(2), abs=1e-3)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_gradient_flow_of_large_and_small_targets_converges(size):
    x = torch.linspace(0, 1, 5, dtype=torch.float64)
    problem = gnviz.make_problem(
        lambda w, x: w[0] * x + w[1], x, size * np.array([1, 2.1, 2.9, 4, 5.2]), [size, 2 * size]
    )
    ds = run(problem, "gradient-flow", clock_horizon=200)
    assert verdict(ds)[0] is Status.CONVERGED
    assert_close(last(ds) / size, [4.12, 0.98], rtol=1e-12)


def test_everything_is_missing_after_the_end():
    problem = gnviz.make_problem(lambda w: torch.stack([w[0] ** 2, w[0] ** 2]), y=[-1.0, -1.0], w0=[1.0])
    ds = run(problem, "gauss-newton", clock_horizon=2, clock_snapshots=5, clock_spacing="linear")
    after = ds.sel(time=ds.time > ds.end_time.item())
    assert after.sizes["time"] == 1  # the run ends at 0.69, and with it the recording at 1
    for name, values in after.data_vars.items():
        if {"run", "time"} <= set(values.dims):
            assert values.isnull().all(), name
    assert ds.loss.notnull().sum() == 2
    assert ds.end_loss.item() == pytest.approx(1, abs=1e-3)


def test_a_run_that_ends_leaves_the_others_alone():
    problem = gnviz.make_problem(lambda w: torch.stack([w[0] ** 2, w[0] ** 2]), y=[-1.0, -1.0], w0=[1.0])
    both = {"methods": ["gauss-newton", "gradient-flow"], "clock.horizon": 2, "clock.snapshots": 5}
    ds = gnviz.run(Experiment.from_dict({**both, "clock.spacing": "linear"}), problem)
    assert ds.loss[1].notnull().all()
    assert np.isnan(ds.end_time.values).tolist() == [False, False]
    assert ds.end_time.values[1] == 2


@pytest.mark.parametrize(
    ("method", "status", "words"),
    [
        ("gauss-newton", Status.CONVERGED, r"converged by step 1: loss \S+ is rounding"),
        ("trust-region", Status.CONVERGED, r"converged (by|at) step \d+: "),
        ("adam", Status.FINISHED, r"reached the last step, 60, with loss 18"),
    ],
)
def test_a_fit_that_is_done_and_one_that_is_not_have_words_of_their_own(method, status, words):
    x = torch.linspace(1, 2, 4, dtype=torch.float64)
    ds = run(line(x, 3 * x, 1.0), method, clock_kind="steps", clock_steps=60)
    assert verdict(ds)[0] is status
    assert re.match(words, verdict(ds)[1])


def test_a_trust_region_names_the_test_that_it_passed():
    x = torch.linspace(0, 4, 30, dtype=torch.float64)
    y = 2 * torch.exp(-1.3 * x) + 0.5 + 0.01 * torch.cos(40 * x)
    problem = gnviz.make_problem(lambda w, x: w[0] * torch.exp(-w[1] * x) + w[2], x, y, [1.0, 0.2, 0.0])
    for knob in ("gtol", "xtol", "ftol"):
        loose = {f"clock_{name}": 1e-6 if name == knob else 0.0 for name in ("gtol", "xtol", "ftol")}
        ds = run(problem, "trust-region", clock_kind="steps", clock_steps=60, **loose)
        assert verdict(ds)[0] is Status.CONVERGED
        assert f"clock.{knob} = 1e-06" in verdict(ds)[1]


def test_a_start_that_overflows_is_not_blamed_on_the_step_size():
    x = torch.linspace(1, 2, 4, dtype=torch.float64)
    problem = gnviz.make_problem(lambda w, x: w[0] * x, x, 3 * x, [1e200])
    ds = run(problem, "gradient-flow", clock_kind="steps", clock_steps=60)
    status, text = verdict(ds)
    assert status is Status.DIVERGED
    assert "overflow float64 at the start" in text
    assert "step_size" not in text


def bumpy():
    """One weight that crosses a region where the kernel nearly vanishes, between two recorded moments."""
    return gnviz.make_problem(
        lambda w: w - 0.97 * 0.25 * math.pi**0.5 * torch.erf((w - 1) / 0.5), y=[4.0], w0=[-1.0]
    )


def test_the_apriori_light_sees_what_happens_between_moments():
    ds = run(bumpy(), "gradient-flow", clock_horizon=4, clock_snapshots=2)
    assert ds.loss.values[0, 1] > ds.apriori.values[0, 1]
    assert ds.kernel_change.values[0, 1] < ds.eigenvalues.values[0, 0, 0] / 2
    seen = light(ds, "gradient-flow", APRIORI)
    assert seen.green.tolist() == [True, False]
    # the kernel is below half its start from about t = 0.4 on: steps are short there
    assert 0.3 < ds.apriori_until.item() < 0.45


@pytest.mark.parametrize("snapshots", [2, 40])
def test_a_green_apriori_light_has_no_loss_above_its_bound(snapshots):
    ds = run(bumpy(), "gradient-flow", clock_horizon=4, clock_snapshots=snapshots)
    seen = light(ds, "gradient-flow", APRIORI)
    slack = 1 + 1e-2  # clock.tol enters the loss twice
    assert (ds.loss.values[0] <= ds.apriori.values[0] * slack)[seen.green].all()
