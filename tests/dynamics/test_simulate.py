"""Whole runs: the headline numbers, endings, certificates, and what the user is told."""

import math

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz import Experiment, KnobError, preset, run, simulate
from gnviz.analysis.time_to_loss import crossing
from gnviz.experiment.presets import PRESETS
from gnviz.results import PER_MODE, PER_RUN, Status

TOUCH = 1 + 1e-6
"""Loss over certificate: they are equal at t = 0, and wherever one mode decays at the certified rate."""


def go(**knobs):
    return run(Experiment().replace({k.replace("__", "."): v for k, v in knobs.items()}))


def small(**knobs):
    return go(**{"network__width": 30, "clock__snapshots": 20, "data__condition": 1e5, "data__n": 6, **knobs})


def final(ds, name, run=0):
    return ds[name].values[run][~np.isnan(ds.loss.values[run])][-1]


# kappa, time to loss 1e-10 with adaptive (c = 1), with gradient flow: measured with a cruder scheme ("within
# 2%"), kappa rounded; gaps: adaptive 1.3%, gradient flow 7.5% (first row).
TABLE = [(7.2e4, 17.9, 2.9e4), (3.0e6, 13.8, 8.8e5), (2.7e9, 12.0, 3.9e8)]


@pytest.mark.parametrize(("kappa", "adaptive", "gradient"), TABLE)
def test_the_headline_table(kappa, adaptive, gradient):
    ds = go(data__condition=kappa, methods=["gradient-flow", "adaptive(c=1)"], clock__snapshots=80)
    times = [crossing(ds.time.values, loss, 1e-10) for loss in ds.loss.values]
    assert ds.condition == pytest.approx(kappa, rel=1e-4)
    assert times[0] == pytest.approx(gradient, rel=0.1)
    assert times[1] == pytest.approx(adaptive, rel=0.03)
    assert 8 < times[1] < 25


def test_at_time_zero_nothing_has_happened():
    first = next(simulate(Experiment()))
    assert first.time == 0
    assert first.header.time[0] == 0
    assert (first.kernel_drift == 0).all()
    assert (first.weight_drift == 0).all()
    assert_close(first.bound, first.loss, rtol=1e-15, label="bound")
    assert_close(first.prediction, 0 * first.prediction, atol=1e-12, label="u of a paired network")
    assert_close(first.loss, 0.5 * (first.header.y**2).sum() * np.ones(3), rtol=1e-12, label="g")


def test_a_run_says_how_many_kernels_it_took():
    ds = go(methods=["gradient-flow", "adaptive(c=1)"])
    assert ds.evaluations.dims == ("run",)
    assert (ds.evaluations.values > 10).all()
    # down to 1e-24; down to 1e-12 up to 300 are allowed, measured 170
    assert (ds.evaluations.values <= 300).all()
    steps = small(clock__kind="steps", clock__steps=25, methods=["gradient-flow", "constant(rho=0.1)"])
    assert (steps.evaluations.values == 25).all()


@pytest.mark.parametrize("kind", ["line", "circle"])
def test_the_centred_predictor_starts_at_zero(kind):
    values = {"data.kind": kind, "network.initialization": "centred", "network.width": 9}
    first = next(simulate(Experiment().replace(values | {"data.condition": None})))
    assert (first.prediction == 0).all()
    assert (first.curve == 0).all()


def test_recorded_quantities_agree_with_each_other():
    ds = small()
    e = ds.prediction.values - ds.y.values
    for r in range(3):
        alive = ~np.isnan(ds.loss.values[r])
        assert_close(0.5 * (e[r] ** 2).sum(-1)[alive], ds.loss.values[r][alive], rtol=1e-13, label="g")
        norms = (ds.residual_modes.values[r] ** 2).sum(-1)
        assert_close(0.5 * norms[alive], ds.loss.values[r][alive], rtol=1e-12, label="||V^T e||")
        lam, rho = ds.eigenvalues.values[r][alive], ds.rho.values[r][alive, None]
        assert_close(ds.rate.values[r][alive], lam / (rho + (1 - rho) * lam), rtol=1e-12, label="rate")
    assert (np.diff(ds.eigenvalues.values, axis=-1)[~np.isnan(ds.loss.values)] <= 0).all()
    assert_close(ds.basis.values.T @ ds.basis.values, np.eye(6), atol=1e-13, label="basis")


@pytest.mark.parametrize(
    "name", [name for name in PRESETS if name not in ("enso", "thurber", "figure1", "figure3")]
)
def test_presets_keep_their_certificate_and_end_well(name):
    ds = run(preset(name))
    assert set(ds.status.values) <= {Status.FINISHED, Status.CONVERGED}
    if ds.clock == "flow":
        assert np.nanmax(ds.loss.values / ds.bound.values) <= TOUCH
        assert np.nanmax(np.diff(ds.loss.values)) <= 1e-12 * ds.loss.values[0, 0]


LIGHTER = {"enso": {"methods": ["gradient-flow", "constant(rho=0.01)"]}, "thurber": {"engine": "compiled"}}
"""Without the method that takes three quarters of the time; on the engine that a page has."""


@pytest.mark.slow
@pytest.mark.parametrize("name", LIGHTER)
def test_real_data_presets_end_well(name):
    ds = run(preset(name).replace(LIGHTER[name]))
    assert set(ds.status.values) <= {Status.FINISHED, Status.CONVERGED}
    assert np.nanmax(ds.loss.values / ds.bound.values) <= TOUCH
    losses = [final(ds, "loss", r) for r in range(len(ds.run))]
    assert min(losses[1:]) < losses[0] < 0.9 * ds.loss.values[0, 0], "all learn, damped Gauss-Newton more"


def test_together_or_alone_a_run_is_the_same():
    methods = ["gradient-flow", "constant(rho=0.01)", "gauss-newton"]
    together = small(methods=methods, clock__horizon=100)
    for r, method in enumerate(methods):
        alone = small(methods=[method], clock__horizon=100)
        # rounding differs between batched and single products; the loss goes down to 1e-24 of its start
        k = alone.sizes["time"]
        got, expected = together.loss.values[r][:k], alone.loss.values[0]
        assert_close(got**0.5, expected**0.5, atol=1e-9 * expected[0] ** 0.5, label=method)


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_the_same_experiment_gives_the_same_numbers(clock):
    a, b = (small(clock__kind=clock, clock__steps=50) for _ in range(2))
    for name in (*PER_RUN, *PER_MODE, "prediction"):
        np.testing.assert_array_equal(a[name].values, b[name].values)


def test_alpha_does_not_change_the_speed_of_a_lazy_network():
    grid = {"clock__horizon": 20.0, "methods": ["constant(rho=0.01)"]}
    a, b = (small(network__alpha=alpha, **grid) for alpha in (3e3, 3e4))
    # paired: the kernel's drift is O(alpha^-2), measured 1e-6 here
    k = min(a.sizes["time"], b.sizes["time"])
    assert_close(a.prediction.values[:, :k], b.prediction.values[:, :k], rtol=1e-4, label="u")


def test_too_long_steps_end_as_diverged_with_the_limit():
    ds = small(clock__kind="steps", clock__steps=5000, clock__step_size=1.0, methods=["gradient-flow"])
    assert ds.status.item() == Status.DIVERGED
    rate = ds.rate.values[0, 0].max()
    assert f"step_size = 1 is above the stability limit 2/r_max = {2 / rate:.3g}" in ds.status_text.item()
    assert np.isnan(ds.loss.values[0, -1])


def test_weights_beyond_the_precision_end_a_run_whose_loss_is_small():
    bounded = {"data.n": 1, "network.width": 2, "network.depth": 3, "network.activation": "sin"}
    far = {"network.alpha": 1e-3, "loss.kind": "log-cosh", "dtype": "float32", "device": "cpu"}
    steps = {"clock.kind": "steps", "clock.steps": 25, "clock.step_size": 10.0, "methods": ["gradient-flow"]}
    ds = run(Experiment().replace({"data.condition": None, "data.d": 1, **bounded, **far, **steps}))
    assert ds.status.item() == Status.DIVERGED
    assert "a weight grew to " in ds.status_text.item()


def test_gauss_newton_steps_do_not_diverge_where_descent_would():
    ds = small(clock__kind="steps", clock__steps=100, clock__step_size=0.5, methods=["gauss-newton"])
    assert ds.status.item() == Status.CONVERGED


def test_zero_loss_at_the_start():
    ds = go(data__n=1, data__target="wave", data__condition=None)  # sin 0 = 0 = f(w0)
    assert set(ds.status.values) == {Status.CONVERGED}
    assert ds.sizes["time"] == 1
    assert "converged by t = 0" in ds.status_text.values[0]


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_one_sample(clock):
    ds = go(data__n=1, data__condition=None, network__width=20, clock__kind=clock)
    assert set(ds.status.values) <= {Status.CONVERGED, Status.FINISHED}
    assert ds.eigenvalues.shape[2] == 1
    # the default horizon is 16 time constants of the slowest rate: e^-32 of the loss if the kernel stays
    assert all(final(ds, "loss", r) < 1e-12 * ds.loss.values[r, 0] for r in range(3))


def test_float32_says_what_it_cannot_resolve():
    ds = small(dtype="float32", data__condition=1e9, clock__horizon=10)
    assert "float32 resolves κ up to" in ds.notes
    assert ds.dtype == "float32"
    assert (final(ds, "loss", 2) < 0.2 * ds.loss.values[2, 0]).all()


def test_in_float32_the_path_between_two_steps_is_as_good_as_they_are():
    values = {
        "data.n": 2,
        "data.condition": 1e6,
        "data.target": "equal-modes",
        "data.noise": 0.1,
        "data.seed": 20,
    }
    values |= {"network.width": 20, "network.depth": 3, "network.seed": 2, "network.initialization": "plain"}
    values |= {"network.alpha": 1000.0, "clock.tol": 3e-3, "clock.snapshots": 20, "dtype": "float32"}
    ds = run(Experiment().replace(values | {"methods": ["gradient-flow", "constant(rho=0.01)"]}))
    # rounding of the outputs is 1e-4 alpha here; steps of a million time units end well and must pass well
    assert np.nanmax(np.diff(ds.loss.values)) < 0.05 * ds.loss.values[0, 0]
    assert np.nanmax(ds.loss.values / ds.bound.values) <= 1.01


def test_float64_has_nothing_to_say():
    assert small(clock__horizon=1).notes == ""


def test_cuda_without_cuda_is_refused():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(KnobError, match=r"device = 'cuda' is not available.*'cpu'"):
        next(simulate(Experiment(device="cuda")))


def test_rho_to_zero_is_gauss_newton():
    ds = small(methods=["gauss-newton", "constant(rho=1e-12)"], clock__horizon=10)
    # rates differ by rho / lambda_min = 1e-12 * 1e5 / lambda_1
    assert_close(ds.loss.values[0] ** 0.5, ds.loss.values[1] ** 0.5, rtol=1e-5, label="||e||")


def test_the_default_horizon_lets_the_slowest_mode_decay():
    ds = small()
    slowest = ds.rate.values[:, 0].min()
    assert simulate_horizon() == pytest.approx(16 / slowest, rel=1e-9)


def test_a_method_that_moves_nothing_does_not_set_the_horizon():
    one = {"data.kind": "circle", "data.n": 1, "data.condition": None, "data.target": "wave"}
    methods = ["gradient-flow", "formula(9**9**9**9*loss)"]
    ds = run(Experiment().replace(one | {"network.width": 2, "network.alpha": 1e-3, "methods": methods}))
    assert ds.status.values[1] == "undefined"
    assert "no value" in ds.status_text.values[1]


def simulate_horizon():
    values = {"network.width": 30, "clock.snapshots": 20, "data.condition": 1e5, "data.n": 6}
    return next(simulate(Experiment().replace(values))).header.time[-1]


def test_a_checkpoint_may_cancel():
    class CancelledError(Exception):
        pass

    def checkpoint():
        raise CancelledError

    stream = simulate(Experiment(), checkpoint)
    assert next(stream).index == 0, "the first moment needs no step"
    with pytest.raises(CancelledError):
        next(stream)


@pytest.mark.parametrize("spacing", ["log", "linear"])
@pytest.mark.parametrize("kind", ["flow", "steps"])
def test_the_time_grid_rises_from_zero_to_the_horizon(kind, spacing):
    knobs = {"clock.kind": kind, "clock.spacing": spacing, "clock.horizon": 50.0, "clock.steps": 37}
    time = next(simulate(Experiment().replace(knobs))).header.time
    assert time[0] == 0
    assert time[-1] == (50 if kind == "flow" else 37)
    assert (np.diff(time) > 0).all()
    assert math.isclose(len(time), 160 if kind == "flow" else 38, abs_tol=25)


def test_a_formula_that_leaves_its_range_is_clipped_and_said_to_be():
    ds = small(methods=["formula(1.5-t)"], clock__horizon=4.0, clock__spacing="linear", clock__snapshots=9)
    assert ds.rho.values[0].tolist() == [1, 1, 0.5, *[1e-15] * 6]
    assert "its formula left (0, 1] first at t = 0 (1.5) and was clipped" in ds.status_text.item()
    ds = small(methods=["formula(0.5-t)"], clock__horizon=4.0, clock__spacing="linear", clock__snapshots=9)
    assert "its formula left (0, 1] first at t = 0.5 (0) and was clipped" in ds.status_text.item()


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_a_formula_without_a_value_ends_the_run(clock):
    ds = small(methods=["formula(sqrt(3.5-t))", "constant(rho=0.01)"], clock__kind=clock, clock__steps=9,
               clock__horizon=9.0, clock__spacing="linear", clock__snapshots=10)  # fmt: skip
    where = "step 4" if clock == "steps" else "t = 4"
    assert ds.status.values[0] == Status.UNDEFINED
    assert ds.status_text.values[0].startswith(f"stopped at {where}: the formula for rho has no value there")
    assert ds.status.values[1] != Status.UNDEFINED


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_a_formula_equals_the_schedule_it_spells(clock):
    knobs = {"clock__kind": clock, "clock__steps": 30, "clock__horizon": 20.0}
    pairs = [
        ("formula(0.001 + 0.999*exp(-t))", "exponential"),
        ("formula(lambda_min/(1+lambda_min))", "adaptive(c=1)"),
        ("formula(0.001^(0.1/(0.1+loss)))", "hybrid"),
    ]
    for formula, schedule in pairs:
        a, b = small(methods=[formula], **knobs), small(methods=[schedule], **knobs)
        assert a.sizes == b.sizes
        # the same numbers up to rounding of rho, amplified by at most 1/lambda_min = 1e5
        assert_close(a.rho.values, b.rho.values, rtol=1e-6, label=f"rho of {schedule}")
        assert_close(a.loss.values**0.5, b.loss.values**0.5, rtol=1e-6, label=schedule)


def test_the_gradient_norm_that_a_formula_sees_is_that_of_autograd():
    ds = small(methods=["formula(grad_norm/1e3)"], clock__horizon=1.0, clock__snapshots=2)
    e = ds.prediction.values[0, 0] - ds.y.values
    # ||J^T e||^2 = e^T K e = sum_i lambda_i (v_i^T e)^2
    expected = np.sqrt((ds.eigenvalues.values[0, 0] * ds.residual_modes.values[0, 0] ** 2).sum())
    assert ds.rho.values[0, 0] == pytest.approx(expected / 1e3, rel=1e-9)
    assert len(e) == 6
