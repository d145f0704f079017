"""Figure of the time that each part of the error takes."""

import numpy as np
from made import made_dataset

import gnviz
from gnviz.analysis.learning_times import learning_times
from gnviz.views import VIEWS
from gnviz.views.base import FROZEN
from gnviz.views.figures.learned import MOMENT

VIEW = VIEWS["learned"]


def test_each_part_stands_at_its_eigenvalue_and_its_time():
    ds = made_dataset(30)
    tables = VIEW.tables(ds)
    for i, run in enumerate(map(str, ds["run"].values)):
        np.testing.assert_array_equal(tables[run]["eigenvalue"], ds["eigenvalues"].values[i, 0])
        np.testing.assert_array_equal(tables[run]["time"], learning_times(ds)[i])
    assert np.isnan(tables[MOMENT]["time"]).all(), "the latest moment has no line"
    assert VIEW.tables(ds, moment=7)[MOMENT]["time"].tolist() == [ds["time"].values[7]] * 2


def test_gradient_flow_waits_for_small_eigenvalues_and_gauss_newton_does_not():
    small = {"network.width": 50, "data.condition": 1e6, "clock.snapshots": 40}
    ds = gnviz.run(gnviz.preset("figure2").replace(small))
    tables = VIEW.tables(ds)
    for run, slope in (("gradient-flow", -1.0), ("adaptive(c=1)", 0.0)):
        table = tables[run]
        known = np.isfinite(table["time"])
        x, y = (np.log10(table[name][known]) for name in ("eigenvalue", "time"))
        assert abs(np.polyfit(x, y, 1)[0] - slope) < 0.12, run
    assert tables["gradient-flow" + FROZEN]["time"].max() > 1e5


def test_only_new_numbers_come_with_another_moment():
    ds = made_dataset(30)
    plots = [VIEW.marks(ds, VIEW.tables(ds, moment=moment), moment=moment) for moment in (-1, 3)]
    assert plots[0] == plots[1]
    assert plots[0].upright == plots[1].upright


def test_nothing_recorded_is_no_error():
    ds = made_dataset(5).isel(time=slice(0))
    assert np.isnan(VIEW.tables(ds)["gradient-flow"]["time"]).all()


def test_axes_reach_as_far_as_time_does():
    ds = made_dataset(30)
    tables = VIEW.tables(ds)
    own, far = VIEW.marks(ds, tables), VIEW.marks(ds, tables, time_range=(1e-2, 1e12))
    assert far.across[0] <= 1e-12 < own.across[0]
    assert far.upright[1] >= 1e12 > own.upright[1]
    assert (far.across[1], far.upright[0]) == (own.across[1], own.upright[0])
