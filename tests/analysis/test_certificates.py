"""Lights on hand-made results: each turns grey exactly where its condition fails."""

import numpy as np
import pytest
from made import few_parameters, made_dataset

from gnviz.analysis.certificates import (
    APRIORI,
    JACOBIAN,
    PL_SLACK,
    REFERENCE,
    RUNNING,
    SPECTRUM,
    light,
    lights,
    resolution,
    slack,
)
from gnviz.analysis.excess import pl_ratio, settled

RUN = "constant(rho=0.01)"
MOMENTS = 20


def made(count=MOMENTS, **settings):
    return made_dataset(count, **settings).copy(deep=True)


def test_what_is_claimed_of_a_flow_with_enough_parameters():
    ds = made()
    assert list(lights(ds)) == list(ds.run.values)
    for row in lights(ds).values():
        assert [x.name for x in row] == [RUNNING, SPECTRUM, APRIORI]
        for x in row:
            assert x.green.all()
            assert x.since is None
            assert x.value.shape == x.limit.shape == x.holds.shape == (MOMENTS,)
            assert x.words
            assert x.symbols


def test_what_is_claimed_few_parameters():
    ds = few_parameters()
    assert [x.name for x in lights(ds)[RUN]] == [REFERENCE, JACOBIAN]
    assert all(x.green.all() for row in lights(ds).values() for x in row)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.parametrize("settings", [{"n": 1}, {"n": 2}, {"runs": 1}, {"grid": 0}], ids=str)
def test_any_size_at_any_moment(count, settings):
    ds = made(count, **settings)
    assert list(lights(ds)) == list(ds.run.values)
    for row in lights(ds).values():
        assert [x.name for x in row] == ([RUNNING, SPECTRUM, APRIORI] if count else [])
        assert all(x.green.all() for x in row)


def test_nothing_is_said_of_steps():
    assert lights(made(clock="steps")) == {run: [] for run in made().run.values}


BREAKS = {
    RUNNING: lambda ds, at: ds["loss"].values.__setitem__((1, at), 1.1 * ds["bound"].values[1, at]),
    SPECTRUM: lambda ds, at: ds["eigenvalues"].values.__setitem__((1, at, -1), 1e-15),
    APRIORI: lambda ds, at: ds["kernel_change"].values.__setitem__((1, at), 1.01e-6),  # lambda_0 = 2e-6
}


@pytest.mark.parametrize("at", [0, 1, 7, MOMENTS - 1])
@pytest.mark.parametrize("name", BREAKS)
def test_grey_from_the_first_moment_that_fails_and_for_good(name, at):
    ds = made()
    if name == SPECTRUM and at == 0:
        ds["apriori"].values[1] = np.nan  # as the engine does where lambda_0 is below resolution
    BREAKS[name](ds, at)
    x = light(ds, RUN, name)
    assert x.since == at
    np.testing.assert_array_equal(x.green, np.arange(MOMENTS) < at)
    np.testing.assert_array_equal(x.holds, np.arange(MOMENTS) != at, "it holds again later")
    others = [y for run, row in lights(ds).items() for y in row if (run, y.name) != (RUN, name)]
    assert all(y.green.all() for y in others)


def test_exactly_at_the_limit_it_holds():
    ds = made()
    ds["kernel_change"].values[1] = 1e-6
    assert light(ds, RUN, APRIORI).green.all()
    ds["loss"].values[1] = ds["bound"].values[1] * (1 + slack(ds))
    assert light(ds, RUN, RUNNING).green.all()
    ds["eigenvalues"].values[1, 3:, -1] = resolution(ds)[1, 3:]
    assert light(ds, RUN, SPECTRUM).since == 3, "an eigenvalue must be above its rounding, not at it"


def test_what_is_not_known_does_not_hold():
    ds = made()
    for name in ("loss", "bound", "eigenvalues", "kernel_change", "apriori"):
        ds[name].values[1, 5:] = np.nan  # the run broke down
    assert [x.since for x in lights(ds)[RUN]] == [5, 5, 5]


def test_no_light_where_nothing_is_claimed():
    ds = made()
    ds["apriori"].values[1] = np.nan
    assert [x.name for x in lights(ds)[RUN]] == [RUNNING, SPECTRUM]
    assert light(ds, RUN, APRIORI) is None
    assert [x.name for x in lights(ds.drop_vars("apriori"))[RUN]] == [RUNNING, SPECTRUM]
    assert [x.name for x in lights(few_parameters(optimum=np.nan))[RUN]] == [JACOBIAN]


def test_resolution_follows_the_largest_eigenvalue():
    ds = made()
    ds["eigenvalues"].values[1, 4:, 0] *= 3
    np.testing.assert_allclose(resolution(ds)[0], ds.attrs["resolution"])
    np.testing.assert_allclose(resolution(ds)[1, 4:], 3 * ds.attrs["resolution"])


def test_slack_is_the_flows_own_tolerance():
    ds = made()
    assert slack(ds) == 2e-3
    assert slack(ds.assign_attrs(experiment='{"clock": {"tol": 0.1}}')) == 0.2
    assert slack(ds.assign_attrs(experiment='{"clock": {"tol": 1e-9}}')) == 1e-6
    assert slack(ds.assign_attrs(experiment='{"clock": {"tol": 1e-9}}', dtype="float32")) == 1e-2


def test_the_ratio_turns_grey_where_the_manifold_bends():
    ds = few_parameters()
    np.testing.assert_allclose(pl_ratio(ds), 1.0, rtol=1e-9)
    ds["residual_modes"].values[1, 6] *= np.sqrt(1 - 1.1 * PL_SLACK)
    ds["residual_modes"].values[2, 6] *= np.sqrt(1 - 0.9 * PL_SLACK)
    assert light(ds, RUN, REFERENCE).since == 6
    assert light(ds, "adaptive(c=1)", REFERENCE).since is None


def test_at_the_optimum_the_ratio_says_nothing_and_the_light_stays():
    ds = few_parameters(error=1e-4)
    done = settled(ds)
    assert done[0].any()
    assert not done[0].all()
    np.testing.assert_array_equal(np.isnan(pl_ratio(ds)), done)
    assert light(ds, RUN, REFERENCE).green.all()
    ds["loss"].values[1, 9:] = np.nan
    assert light(ds, RUN, REFERENCE).since == 9


def test_a_singular_jacobian_is_no_manifold():
    ds = few_parameters()
    ds["eigenvalues"].values[1, 8, -1] = ds.attrs["resolution"] / 2
    x = light(ds, RUN, JACOBIAN)
    assert x.since == 8
    np.testing.assert_allclose(x.value**2, ds["eigenvalues"].values[1, :, -1])


def test_a_light_of_another_run_is_not_there():
    with pytest.raises(KeyError):
        light(made(), "newton", RUNNING)
