"""When each part of the residual is learned."""

import numpy as np
import pytest
from made import made_dataset

import gnviz
from gnviz.analysis.learning_times import frozen_learning_times, learning_times


def with_modes(ds, sizes):
    """Return the Dataset with other residual modes, shape (run, time, mode)."""
    return ds.assign(residual_modes=(ds["residual_modes"].dims, sizes))


def test_an_exponential_decay_is_timed_exactly():
    ds = made_dataset(30)
    time, rates = ds["time"].values, np.geomspace(0.3, 30, ds.sizes["mode"])
    sizes = np.exp(-rates * time[:, None]) * np.ones((ds.sizes["run"], 1, 1)) * -3.0
    reached = np.log(10) / rates <= time[-1]
    found = learning_times(with_modes(ds, sizes), left=0.1)
    assert reached.any()
    for row in found:
        np.testing.assert_allclose(row[reached], np.log(10) / rates[reached], rtol=1e-12)
        assert np.isnan(row[~reached]).all()


def test_the_first_time_counts_and_what_never_falls_has_none():
    ds = made_dataset(5)
    sizes = np.ones_like(ds["residual_modes"].values)
    sizes[:, :, 0] = [1, 0.5, 0.001, 1, 0.001]  # comes back
    sizes[:, :, 1] = [1, 0.5, 0, 0, 0]  # seen to be gone
    sizes[:, :, 2] = [1, 2, np.nan, np.nan, np.nan]  # ended
    sizes[:, :, 3] = 0  # was never there
    time = ds["time"].values
    found = learning_times(with_modes(ds, sizes))[0]
    share = np.log(0.5 / 0.01) / np.log(0.5 / 0.001)
    assert found[0] == pytest.approx(time[1] + share * (time[2] - time[1]), rel=1e-12)
    assert found[1] == time[2]
    assert np.isnan(found[2:]).all()


def test_one_moment_is_no_course():
    assert np.isnan(learning_times(made_dataset(1))).all()


def test_if_the_kernel_stayed_the_time_is_the_logarithm_over_the_rate():
    small = {"network.width": 50, "data.condition": 1e5, "clock.snapshots": 30}
    ds = gnviz.run(gnviz.preset("figure2").replace(small))
    lazy, rates = frozen_learning_times(ds), ds["rate"].values[:, 0]
    steady = ["gradient-flow", "constant(rho=0.01)"]  # the adaptive damping changes with its residual
    for run in map(list(ds["run"].values).index, steady):
        known = np.isfinite(lazy[run])
        assert known.sum() >= 9
        np.testing.assert_allclose(lazy[run][known], np.log(100) / rates[run][known], rtol=1e-6)


def test_a_file_without_frozen_courses_has_no_such_times():
    assert frozen_learning_times(made_dataset(5).drop_vars("frozen_modes", errors="ignore")) is None
