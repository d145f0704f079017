"""Where runs ended, the last that is known of them, and the levels that they reached by then."""

import numpy as np
import pytest
from made import ended, few_parameters, made_dataset

import gnviz
from gnviz.analysis.certificates import lights
from gnviz.analysis.ends import last_known, loss_now, past
from gnviz.analysis.excess import table
from gnviz.analysis.time_to_loss import time_to_loss

MOMENTS = 20
KINDS = ["converged", "diverged", "singular", "undefined", "step-limit"]


@pytest.fixture
def ds():
    return made_dataset(MOMENTS).copy(deep=True)


def between(ds, k):
    """A time between moments k and k + 1."""
    return float(ds["time"].values[k : k + 2].mean())


def test_the_last_moment_at_which_something_is_known():
    there = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 1], [1, 1, 1, 0]], dtype=bool)
    assert last_known(there).tolist() == [1, -1, 3, 2]
    assert last_known(there, 1).tolist() == [1, -1, 0, 1]
    assert last_known(there, 0).tolist() == [0, -1, 0, 0]
    assert last_known(there, -2).tolist() == [1, -1, 2, 2]
    assert last_known(there[:, :0]).tolist() == [-1] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_value_of_each_run_and_when_it_was(ds, kind):
    cut = ended(ds, 1, between(ds, 7), kind)
    for name in ("loss", "prediction", "eigenvalues"):
        last = gnviz.last(cut[name])
        np.testing.assert_array_equal(last.values[1], ds[name].values[1, 7])
        np.testing.assert_array_equal(last.values[[0, 2]], ds[name].values[[0, 2], -1])
    np.testing.assert_array_equal(last["time"].values, ds["time"].values[[-1, 7, -1]])
    assert last.dims == ("run", "mode")
    np.testing.assert_array_equal(last["run"].values, ds["run"].values)


def test_of_a_run_that_records_nothing_the_last_value_is_unknown(ds):
    ds["loss"].values[0] = np.nan
    assert np.isnan(gnviz.last(ds["loss"]).values).tolist() == [True, False, False]
    with pytest.raises(ValueError, match="nothing is recorded yet"):
        gnviz.last(made_dataset(0)["loss"])


def test_a_mode_that_is_unknown_does_not_end_a_run(ds):
    ds["eigenvalues"].values[0, :, 3] = np.nan
    np.testing.assert_array_equal(gnviz.last(ds["eigenvalues"]).values[0], ds["eigenvalues"].values[0, -1])


def test_what_comes_after_an_end(ds):
    time = ds["time"].values
    cut = ended(ended(ds, 1, time[7]), 2, between(ds, 7), "singular")
    assert past(cut).sum(axis=1).tolist() == [0, MOMENTS - 8, MOMENTS - 8]
    assert not past(cut.drop_vars("end_time")).any(), "a file of an older version"


def test_the_loss_of_a_run_by_now(ds):
    cut = ended(ended(ds, 1, between(ds, 7), loss=0.125), 2, between(ds, 7), "diverged")
    now = loss_now(cut)
    assert now[0] == ds["loss"].values[0, -1]
    assert now[1] == 0.125
    assert np.isnan(now[2]), "what a loss was before it diverged is not its loss now"
    np.testing.assert_array_equal(loss_now(ds.drop_vars("end_loss")), ds["loss"].values[:, -1])
    assert np.isnan(loss_now(made_dataset(0))).all()


def falling(moments=4):
    """Three runs whose loss is t^-2 at t = 1, 10, 100, 1000."""
    ds = made_dataset(moments).copy(deep=True).assign_coords(time=10.0 ** np.arange(moments))
    ds["loss"].values[:] = ds["time"].values ** -2.0
    return ds


def test_a_level_that_is_passed_between_the_last_moment_and_the_end():
    ds = ended(falling(), 1, 50.0, loss=50.0**-2)
    reached = time_to_loss(ds, 1e-3)
    assert reached == pytest.approx([10**1.5] * 3, rel=1e-12)
    assert np.isnan(ds["loss"].values[1, 2:]).all(), "no recorded moment is below"
    deeper = time_to_loss(ds, 1e-4)
    assert deeper[[0, 2]] == pytest.approx([100.0, 100.0])
    assert np.isnan(deeper[1]), "it ended before"


def test_the_end_itself_counts_also_where_the_loss_is_exactly_0():
    assert time_to_loss(ended(falling(), 1, 50.0, loss=0.0), 1e-10)[1] == 50.0
    assert time_to_loss(ended(falling(), 1, 50.0, loss=1e-3), 1e-3)[1] == pytest.approx(50.0)


def test_an_end_at_a_recorded_moment_changes_nothing():
    ds = ended(falling(), 1, 100.0)
    assert time_to_loss(ds, 1e-3) == pytest.approx([10**1.5] * 3, rel=1e-12)


def test_what_diverged_has_no_loss_at_its_end():
    assert np.isnan(time_to_loss(ended(falling(), 1, 50.0, "diverged"), 1e-3)[1])


def test_files_of_older_versions_do_not_say_where_runs_ended():
    ds = falling()
    old = ds.drop_vars(["end_time", "end_loss"])
    np.testing.assert_array_equal(time_to_loss(old, 1e-3), time_to_loss(ds, 1e-3))


@pytest.mark.parametrize("made", [made_dataset, few_parameters])
@pytest.mark.parametrize("kind", ["converged", "singular", "step-limit"])
def test_lights_stay_as_they_were_when_a_run_has_ended(made, kind):
    ds = made(MOMENTS)
    run = str(ds["run"].values[1])
    green = lights(ended(ds, 1, between(ds, 7), kind))[run]
    assert green
    assert all(x.green.all() for x in green)
    broken = ds.copy(deep=True)
    broken["loss"].values[1, 4] = 1e9
    grey = lights(ended(broken, 1, between(ds, 7), kind))[run][0]
    assert grey.since == 4
    assert not grey.green[4:].any()


def test_lights_go_out_where_a_run_diverges():
    ds = made_dataset(MOMENTS)
    when = float(ds["time"].values[8])
    for light in lights(ended(ds, 1, when, "diverged"))[str(ds["run"].values[1])]:
        assert light.since == 8


def test_the_a_priori_light_goes_out_where_the_engine_saw_its_condition_fail(ds):
    ds["apriori_until"].values[:] = [np.nan, between(ds, 5), ds["time"].values[-1]]
    since = [row[2].since for row in lights(ds).values()]
    assert since == [None, 6, None]


def test_the_table_of_excess_losses_says_that_a_run_has_ended():
    ds = few_parameters()
    rows = table(ended(ds, 1, 5.0))
    assert rows[2].count("ended") == 2, "t = 6.4 and 8"
    assert rows[1] == table(ds)[1]
    assert "-" not in rows[2]
