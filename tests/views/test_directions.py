"""Directions that paths are seen along: eigenvectors, principal components, and what they hold."""

import numpy as np
import pytest
import xarray as xr
from made import made_dataset

from gnviz.views import VIEWS
from gnviz.views.base import NOW
from gnviz.views.figures.function_space.directions import AXES, FAR, directions, percent
from gnviz.views.figures.function_space.principal import MOST
from gnviz.views.room import BOX, MARKS, NOTE

PATH = VIEWS["function_space"]
KERNEL, PRINCIPAL = AXES

SQUARED = 1e-12
"""Of shares, from sums of squares of a few thousand numbers in double precision."""

ALONG = 1e-6
"""Of directions found from squares, whose 16 digits leave 8 of one that is nearly as long as the first."""


def dataset(paths, y=None, basis=None):
    """Return a Dataset of paths r_t, shape (run, time, n), that end at `y`."""
    runs, times, n = paths.shape
    y = np.zeros(n) if y is None else y
    basis = np.eye(n)[:, : min(n, 5)] if basis is None else basis
    return xr.Dataset(
        {
            "prediction": (("run", "time", "sample"), paths + y),
            "y": ("sample", y),
            "basis": (("sample", "mode"), basis),
        },
        {"run": [f"run {k}" for k in range(runs)], "method": ("run", ["a"] * runs), "time": np.arange(times)},
    )


def falling(runs=3, times=40, n=12, seed=0):
    """Return random paths that fall by a factor of 100."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((runs, times, n)) * np.geomspace(1, 1e-2, times)[:, None]


def drawn(ds, **options):
    """Return the titles of the axes, and the note above."""
    tables = PATH.tables(ds, **options)
    words = tables[MARKS]
    return [str(words["text"][words["axis"] == k][-1]) for k in range(3)], list(tables[NOTE]["text"])


def points(ds, **options):
    """Return the tables of paths and points, without the box around them."""
    around = (BOX, MARKS, NOTE)
    return {label: table for label, table in PATH.tables(ds, **options).items() if label not in around}


@pytest.mark.parametrize("n", [12, 300], ids=["few samples", "more samples than moments"])
def test_components_and_shares_are_those_of_a_singular_value_decomposition(n):
    paths = falling(n=n)
    _, sizes, rows = np.linalg.svd(paths.reshape(-1, n), full_matrices=False)
    seen = directions(dataset(paths, y=np.linspace(-1, 1, n)), PRINCIPAL)
    np.testing.assert_allclose(seen.shares, sizes[:3] ** 2 / (sizes**2).sum(), rtol=SQUARED)
    np.testing.assert_allclose(np.abs((seen.vectors * rows[:3].T).sum(axis=0)), 1, rtol=ALONG)
    np.testing.assert_allclose(seen.vectors.T @ seen.vectors, np.eye(3), atol=SQUARED)


def test_the_share_of_eigenvectors_is_that_of_the_path_drawn():
    basis, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((12, 12)))
    paths = falling()
    seen = directions(dataset(paths, basis=basis), KERNEL)
    by_hand = [sum((r @ basis[:, k]) ** 2 for r in paths.reshape(-1, 12)) for k in range(3)]
    np.testing.assert_allclose(seen.shares, by_hand / (paths**2).sum(), rtol=SQUARED)
    assert seen.shares.sum() < directions(dataset(paths), PRINCIPAL).shares.sum(), "components hold most"


def test_a_path_in_three_dimensions_is_held_whole():
    flat = np.linalg.qr(np.random.default_rng(2).standard_normal((12, 3)))[0]
    ds = dataset(falling(n=3) @ flat.T)
    seen = directions(ds, PRINCIPAL)
    assert seen.shares.sum() == pytest.approx(1, abs=SQUARED)
    np.testing.assert_allclose(seen.vectors @ (seen.vectors.T @ flat), flat, atol=ALONG)
    assert drawn(ds, axes=PRINCIPAL)[1] == ["The axes hold 100 % of all squared distance to the target"]


def test_of_many_samples_and_moments_the_components_are_nearly_those_of_all():
    times, n = 500, MOST + 100
    rates, modes = (
        np.geomspace(1e-2, 10, 6),
        np.linalg.qr(np.random.default_rng(3).standard_normal((n, 6)))[0],
    )
    paths = np.exp(-np.outer(np.linspace(0, 20, times), rates))[None] @ modes.T
    sizes = np.linalg.svd(paths[0], compute_uv=False)
    best = (sizes[:3] ** 2).sum() / (sizes**2).sum()
    share = directions(dataset(paths), PRINCIPAL).shares.sum()
    assert best - 1e-4 < share <= best + SQUARED, (
        "stated for what is drawn, which every other moment changes little"
    )


@pytest.mark.parametrize("settings", [{}, {"runs": 1}, {"runs": 2}, {"clock": "steps"}, {"n": 4}], ids=str)
def test_signs_stay_while_moments_arrive(settings):
    ds = made_dataset(**settings)
    before = directions(ds.isel(time=slice(1)), PRINCIPAL)
    for count in range(2, ds.sizes["time"] + 1):
        now = directions(ds.isel(time=slice(count)), PRINCIPAL)
        turned = (before.vectors * now.vectors).sum(axis=0)
        assert (turned[before.vectors.any(axis=0)] > 0.9).all(), f"at moment {count}"
        before = now


def test_the_first_run_starts_on_the_positive_side():
    paths = falling()
    for sign in (1, -1):
        seen = directions(dataset(sign * paths).isel(time=slice(1)), PRINCIPAL)
        assert seen.vectors[:, 0] @ (sign * paths[0, 0]) > 0


def test_what_is_not_finite_or_far_away_is_left_out():
    paths = falling()
    whole = directions(dataset(paths[:2]), PRINCIPAL)
    for bad in (np.nan, np.inf, 1e308, 3 * FAR * np.linalg.norm(paths, axis=2).max()):
        broken = paths.copy()
        broken[2] = np.nan
        broken[2, 5:, 0] = bad
        seen = directions(dataset(broken), PRINCIPAL)
        np.testing.assert_array_equal(seen.vectors, whole.vectors)
        np.testing.assert_array_equal(seen.shares, whole.shares)
        assert not seen.counted[2].any()
        table = PATH.tables(dataset(broken), axes=PRINCIPAL)
        assert not len(table["run 2" + NOW]["x"]) or abs(table["run 2" + NOW]["x"][0]) > 10


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("n", [1, 2, 3, 10])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_missing_directions_are_padded(axes, n, count):
    ds = made_dataset(count, n=n)
    seen = directions(ds, axes)
    assert seen.vectors.shape == (n, 3)
    assert not seen.vectors[:, n:].any()
    assert not any(np.any(table["z"]) for table in points(ds, axes=axes).values() if n < 3)
    titles, notes = drawn(ds, axes=axes)
    assert all("nan" not in text for text in titles + notes)
    assert len(notes) == (count > 0)


@pytest.mark.parametrize("axes", AXES)
def test_paths_that_do_not_move_or_are_not_there(axes):
    still = directions(dataset(np.ones((2, 9, 4))), axes)
    assert still.shares.sum() == pytest.approx(1.0 if axes == PRINCIPAL else 0.75)
    for paths in (np.zeros((2, 9, 4)), np.full((2, 9, 4), np.nan)):
        ds = dataset(paths)
        assert directions(ds, axes).sentence == ""
        titles, notes = drawn(ds, axes=axes)
        assert not notes
        assert all("%" not in title for title in titles)


def test_ranges_hold_every_path_along_components():
    ds = made_dataset()
    box = PATH.tables(ds, axes=PRINCIPAL)[BOX]
    for table in points(ds, axes=PRINCIPAL).values():
        for name, values in table.items():
            assert (values > np.nanmin(box[name])).all()
            assert (values < np.nanmax(box[name])).all()


def test_shares_are_said_on_the_axes_and_above():
    titles, notes = drawn(made_dataset(), axes=PRINCIPAL)
    shares = directions(made_dataset(), PRINCIPAL).shares
    assert titles == [f"PC {k} ({100 * share:.2g} %)" for k, share in enumerate(shares, 1)]
    assert notes == [f"The axes hold {100 * shares.sum():.3g} % of all squared distance to the target"]
    assert drawn(made_dataset())[0][0].startswith("mode 1 (")


def test_other_axes_are_refused():
    with pytest.raises(ValueError, match="'pca'; it may be kernel eigenvectors, principal components"):
        PATH.tables(made_dataset(3), axes="pca")


def test_a_share_is_never_said_to_be_all_or_nothing_where_it_is_not():
    said = [percent(share) for share in (0, 1e-5, 0.1234, 0.9996, 1 - 1e-12, 1)]
    assert said == ["0 %", "< 0.1 %", "12.3 %", "> 99.9 %", "100 %", "100 %"]
    assert [percent(share, 2) for share in (0.1234, 0.996, 1)] == ["12 %", "> 99 %", "100 %"]
