"""Quantities read off a result."""

import numpy as np
import pytest
import xarray as xr
from checks import assert_close
from made import made_dataset

from gnviz.analysis.measures import (
    LAZY,
    RICH,
    apart,
    effective_rank,
    feature_learning,
    kernel_limit_distance,
    regime,
    split,
    straightness,
)


@pytest.mark.parametrize(("eigenvalues", "rank"), [([3.0, 0, 0], 1.0), ([2.0, 2, 0], 2.0), ([1.0] * 3, 3.0)])
def test_the_effective_rank_counts_equal_directions(eigenvalues, rank):
    ds = xr.Dataset({"eigenvalues": (("run", "time", "mode"), np.array([[eigenvalues]]))})
    assert_close(effective_rank(ds), [[rank]], rtol=1e-14, label="rank")


@pytest.mark.parametrize("eigenvalues", [[np.nan] * 3, [0.0] * 3])
def test_no_spectrum_no_rank(eigenvalues):
    ds = xr.Dataset({"eigenvalues": (("run", "time", "mode"), np.array([[eigenvalues]]))})
    assert np.isnan(effective_rank(ds)).all()


def test_the_distance_to_the_kernel_limit():
    ds = made_dataset(moments=20)
    start = ds["curve"].values[:, :1]
    limit = ds["truth"].values + np.zeros((3, 1))
    ds["kernel_limit"] = (("run", "grid"), limit)
    found = kernel_limit_distance(ds)
    assert_close(found[:, 0], np.ones(3), rtol=1e-14, label="at the start")
    share = ds["curve"].values[:, :, 7] / ds["truth"].values[7]
    assert_close(found, 1 - share, atol=1e-12, label="the share that is missing")
    assert (start == 0).all()


def test_the_distance_needs_a_grid():
    ds = made_dataset(moments=5, grid=0)
    ds["kernel_limit"] = (("run", "grid"), np.empty((3, 0)))
    assert np.isnan(kernel_limit_distance(ds)).all()


def test_straightness():
    ds = xr.Dataset(
        {
            "weight_drift": (("run", "time"), np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 0.0]])),
            "path_length": (("run", "time"), np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])),
        }
    )
    assert_close(straightness(ds)[:, 1:], [[1, 1], [1, 0]], label="straightness")
    assert np.isnan(straightness(ds)[:, 0]).all()


def test_results_are_apart_by_their_predictions():
    a = made_dataset(moments=9)
    b = a.copy(deep=True)
    assert set(apart(a, b).values()) == {0.0}
    b["prediction"][1, 3, :2] += np.array([3.0, 4.0])
    b["prediction"][2, 5] = np.nan
    assert list(apart(a, b).values()) == pytest.approx([0, 5, 0])
    assert list(apart(a, b)) == list(a.run.values)
    assert list(apart(a, b.isel(time=slice(0, 3))).values()) == [0, 0, 0], "a run that ended early"
    b["prediction"][0] = np.nan
    assert np.isnan(apart(a, b)[str(a.run.values[0])])


def test_only_results_on_one_time_grid_are_compared():
    a = made_dataset(moments=9)
    with pytest.raises(ValueError, match=r"different time grids: moment 2 is .* set clock.horizon"):
        apart(a, a.assign_coords(time=np.where(np.arange(9) == 2, 7.0, a.time)))
    with pytest.raises(ValueError, match="different runs"):
        apart(a, a.isel(run=[0, 1]))
    with pytest.raises(ValueError, match="10 and 4 samples"):
        apart(a, a.isel(sample=slice(0, 4)))


def test_feature_learning_is_the_larger_distance():
    ds = made_dataset(3).copy(deep=True)
    ds["lazy_gap"].values[0] = 0.0, 0.2, np.nan
    ds["kernel_drift"].values[0] = 0.1, 0.05, np.nan
    np.testing.assert_array_equal(feature_learning(ds)[0], [0.1, 0.2, np.nan])


def test_regimes():
    assert [regime(x) for x in (0.0, LAZY, 0.3, RICH, 9.0)] == ["lazy", "lazy", "between", "rich", "rich"]


def test_a_residual_splits_into_a_part_along_the_plane_and_one_across():
    rng = np.random.default_rng(1)
    basis, _ = np.linalg.qr(rng.standard_normal((4, 9, 3, 2)))
    e = rng.standard_normal((4, 9, 3))
    along, across = split(basis, e)
    assert_close(along + across, e, atol=1e-14, label="sum")
    assert_close(
        np.einsum("...ij,...i->...j", basis, across), np.zeros((4, 9, 2)), atol=1e-14, label="across"
    )
    inside = np.einsum("...ij,...j->...i", basis, rng.standard_normal((4, 9, 2)))
    assert_close(split(basis, inside)[0], inside, atol=1e-14, label="a vector of the plane")
