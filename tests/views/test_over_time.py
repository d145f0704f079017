"""Figures of drift, distance, singular value, excess loss, Polyak-Lojasiewicz ratio, and rates."""

import numpy as np
import pytest
from made import HUES, few_parameters, made_dataset

from gnviz.views import VIEWS, draw
from gnviz.views.base import ENDED, PREDICTED, RESOLUTION
from gnviz.views.figures.distance import MOVED
from gnviz.views.figures.drift import GAP, WEIGHTS
from gnviz.views.figures.excess import LAW, SO_FAR
from gnviz.views.figures.pl_ratio import ONE
from gnviz.views.figures.rates import MEASURED
from gnviz.views.plot import GREY

RUNS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
ENDS = [run + ENDED for run in RUNS]
OVER_TIME = ["drift", "distance", "singular", "excess", "pl_ratio"]


@pytest.fixture
def ds():
    return made_dataset(30).copy(deep=True)


def counted(ds, *names):
    """Give some variables values that tell run and moment."""
    for k, name in enumerate(names):
        shape = ds[name].shape
        ds[name].values[:] = 1000.0 ** (k + 1) + np.arange(ds[name].size).reshape(shape)
    return ds


def test_drift_draws_three_quantities_of_each_run(ds):
    tables = VIEWS["drift"].tables(counted(ds, "kernel_drift", "weight_drift", "lazy_gap"))
    assert list(tables) == [run + end for run in RUNS for end in (WEIGHTS, GAP, "")] + ENDS
    for end, name in (("", "kernel_drift"), (WEIGHTS, "weight_drift"), (GAP, "lazy_gap")):
        np.testing.assert_array_equal(tables[RUNS[1] + end]["value"], ds[name].values[1, 1:])
    np.testing.assert_array_equal(tables[RUNS[1]]["time"], ds["time"].values[1:])


def test_distance_draws_length_and_what_it_led_to(ds):
    tables = VIEWS["distance"].tables(counted(ds, "path_length", "weight_drift"), time_scale="linear")
    assert list(tables) == [run + end for run in RUNS for end in (MOVED, "")] + ENDS
    np.testing.assert_array_equal(tables[RUNS[2]]["value"], ds["path_length"].values[2])
    np.testing.assert_array_equal(tables[RUNS[2] + MOVED]["value"], ds["weight_drift"].values[2])
    assert tables[RUNS[0]]["time"][0] == 0


def test_singular_values_are_roots_of_the_last_eigenvalue(ds):
    ds["eigenvalues"].values[1, :, -1] = np.arange(30.0) ** 2
    tables = VIEWS["singular"].tables(ds)
    np.testing.assert_allclose(tables[RUNS[1]]["value"], np.arange(1.0, 30))
    np.testing.assert_allclose(tables[RESOLUTION]["value"] ** 2, ds.attrs["resolution"])


def test_the_excess_follows_its_law_and_ends_at_the_optimums_error():
    ds = few_parameters(error=1e-4)
    tables = VIEWS["excess"].tables(ds, time_scale="linear")
    assert list(tables) == [LAW, *RUNS, *ENDS]
    law, run = tables[LAW]["value"], tables[RUNS[1]]["value"]
    np.testing.assert_allclose(law, 2.5 * np.exp(-2 * ds.time.values))
    known = law > 10 * 1e-4
    np.testing.assert_allclose(run[known], law[known], rtol=1e-9)
    assert np.isnan(run[~known]).all()
    assert known.sum() < 20


def test_while_a_run_goes_on_the_least_so_far_stands_in():
    ds = few_parameters(optimum=np.nan)
    tables = VIEWS["excess"].tables(ds, time_scale="linear")
    assert list(tables) == [LAW, *[run + SO_FAR for run in RUNS], *ENDS]
    loss = ds["loss"].values[1]
    np.testing.assert_allclose(tables[RUNS[1] + SO_FAR]["value"][:-1], loss[:-1] - loss[-1])
    assert draw(ds, "excess", backend="bokeh").yaxis[0].axis_label == "loss − least so far"


def test_the_least_so_far_is_that_of_runs_with_the_same_alpha_and_seed():
    ds = few_parameters(optimum=np.nan).assign_coords(alpha=("run", [1.0, 1.0, 2.0]))
    ds["loss"].values[1] -= 0.25
    ds["loss"].values[2, 3] = np.nan
    tables = VIEWS["excess"].tables(ds, time_scale="linear")
    assert np.nanmin(tables[RUNS[0] + SO_FAR]["value"]) == pytest.approx(0.25, rel=1e-6)
    assert np.nanmin(tables[RUNS[2] + SO_FAR]["value"]) < 1e-6


def test_with_enough_parameters_the_loss_is_the_excess(ds):
    tables = VIEWS["excess"].tables(ds)
    np.testing.assert_array_equal(tables[RUNS[0]]["value"], ds["loss"].values[0, 1:])
    assert LAW not in VIEWS["excess"].tables(made_dataset(9, clock="steps")), "steps follow no flow"


def test_the_ratio_is_one_where_the_excess_follows_the_law():
    tables = VIEWS["pl_ratio"].tables(few_parameters())
    assert list(tables) == [ONE, *RUNS, *ENDS]
    np.testing.assert_allclose(tables[RUNS[0]]["value"], 1.0, rtol=1e-9)
    assert (tables[ONE]["value"] == 1).all()
    unknown = VIEWS["pl_ratio"].tables(few_parameters(optimum=np.nan))
    assert np.isnan(unknown[RUNS[0]]["value"]).all(), "without an optimum there is no ratio"


@pytest.mark.parametrize("name", OVER_TIME)
def test_runs_keep_their_colours_and_references_are_grey(name):
    fig = draw(few_parameters(), name, backend="bokeh")
    colors = dict(zip(RUNS, (HUES[x] for x in ("gradient-flow", "constant", "adaptive")), strict=True))
    drawn = [glyph for glyph in fig.renderers if glyph.name]
    assert len(drawn) >= 3
    for glyph in drawn:
        run = next((run for run in RUNS if glyph.name.startswith(run)), None)
        assert glyph.glyph.line_color == colors.get(run, GREY)


@pytest.mark.parametrize("name", OVER_TIME)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1.0])
def test_broken_numbers_break_no_figure_of_few_parameters(name, bad):
    for optimum in (0.5, np.nan, bad):
        ds = few_parameters(optimum=optimum)
        for variable in ("loss", "eigenvalues", "residual_modes", "kernel_drift", "path_length", "lazy_gap"):
            ds[variable].values[0] = bad
        tables = VIEWS[name].tables(ds)
        assert not any(np.isinf(t["value"]).any() for t in tables.values())
        assert np.isfinite(VIEWS[name].limits(tables)).all()


def test_measured_rates_meet_the_predicted_ones(ds):
    for run in RUNS[1:]:
        tables = VIEWS["rates"].tables(ds, run=run, moment=5)
        measured, predicted = tables[MEASURED]["rate"], tables[MEASURED + PREDICTED]["rate"]
        np.testing.assert_allclose(predicted, ds["rate"].values[RUNS.index(run), 5], rtol=1e-14)
        known = np.isfinite(measured)
        assert known.sum() >= 5, "the fast modes have sunk into rounding"
        np.testing.assert_allclose(measured[known], predicted[known], rtol=1e-9)


def test_rates_by_hand(ds):
    sizes = ds["residual_modes"].values[0]
    sizes[:] = 1.0
    sizes[:, 0] = np.exp(-0.5 * np.arange(30))  # a hundredth is left after moment 9.2
    sizes[20:, 0] = 0.5  # fed by another mode
    sizes[5:, 1] = 2.0  # grows
    sizes[:, 2] = 1e-30  # rounding
    sizes[5:, 3] = 1e-30  # falls into rounding from its start's height
    sizes[:, 4] = np.exp(-0.1 * np.arange(30))  # never down to a hundredth
    ds["rate"].values[0] = np.arange(1.0, 31.0)[:, None]
    tables = VIEWS["rates"].tables(ds.assign_coords(time=2.0 * np.arange(30)))
    rates, predicted = tables[MEASURED]["rate"], tables[MEASURED + PREDICTED]["rate"]
    np.testing.assert_allclose(rates[[0, 4]], [0.25, 0.05])
    assert np.isnan(np.delete(rates, [0, 4])).all(), "growing, in rounding, standing still"
    np.testing.assert_allclose(predicted[:6], [6.0, 15.5, 1.0, 3.0, 15.5, 15.5])


def test_a_mode_singled_out_too_early_is_measured_so_far(ds):
    tables = VIEWS["rates"].tables(ds, moment=2)
    sizes, time = ds["residual_modes"].values[0], ds["time"].values
    np.testing.assert_allclose(
        tables[MEASURED]["rate"][-1], np.log(sizes[0, -1] / sizes[2, -1]) / (time[2] - time[0])
    )


def test_before_the_first_moment_nothing_is_measured(ds):
    tables = VIEWS["rates"].tables(ds, moment=0)
    assert np.isnan(tables[MEASURED]["rate"]).all()
    np.testing.assert_array_equal(tables[MEASURED + PREDICTED]["rate"], ds["rate"].values[0, 0])
    assert list(VIEWS["rates"].tables(made_dataset(9, clock="steps"))) == [MEASURED]
    with pytest.raises(ValueError, match="moment 30"):
        VIEWS["rates"].tables(ds, moment=30)
