"""Other starts: how far they get below the optimum that the runs are heading for, and what they may cost."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from checks import assert_close
from reference.problems import LinearModel

from gnviz import Experiment, fit_problem, load, preset, run, save, simulate
from gnviz.best_known import best_known, verdicts
from gnviz.dynamics import multi_start
from gnviz.dynamics.multi_start import DISTANCES, EVALUATIONS, multi_start_wanted, other_starts
from gnviz.dynamics.optimum import MOST_EVALUATIONS, alone, search
from gnviz.dynamics.simulate import assemble
from gnviz.dynamics.tangent import System
from gnviz.dynamics.threads import threads_for
from gnviz.methods import parse_method
from gnviz.problem.build import build
from gnviz.problem.published import nist
from gnviz.results import Recording

WELLS = {"methods": ["gauss-newton"], "clock.kind": "flow", "clock.horizon": 20.0, "clock.snapshots": 5}


@pytest.fixture(autouse=True)
def few_threads():
    """Compute on as many threads as `simulate` takes for so little."""
    with threads_for(1):
        yield


def wells(start):
    """Return a problem whose loss 1/2 (w^2 - 1)^2 + 1/2 (0.3 (w + 1))^2 has two wells: one 0, one local."""
    x = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    y = torch.zeros(2, dtype=torch.float64)
    return fit_problem(
        lambda w, x: torch.stack([w[0] ** 2 - 1, 0.3 * (w[0] + 1)]), x, y=y, w0=[start], centred=False
    )


def system_of(rows=9, parameters=4, alphas=(1.0,)):
    g = torch.Generator().manual_seed(3)
    j = torch.randn(rows, parameters, generator=g, dtype=torch.float64)
    y, w0 = (
        torch.randn(rows, generator=g).double(),
        torch.randn(len(alphas), parameters, generator=g).double(),
    )
    alpha, zero = torch.tensor(alphas).double(), torch.zeros(len(alphas), rows).double()
    methods = [parse_method("gauss-newton")] * len(alphas)
    return System(LinearModel(j), torch.zeros(rows, 1).double(), y, methods, alpha, zero), w0


def of_figure3(alpha):
    e = preset("figure3").replace({"ensemble.alphas": [alpha], "methods": ["gauss-newton"]})
    return assemble(e, build(e))


def test_from_the_wrong_well_other_starts_find_the_right_one():
    ds = run(Experiment().replace(WELLS), wells(1.2))
    # g' = 2 w (w^2 - 1) + 0.09 (w + 1) = (w + 1) (2 w^2 - 2 w + 0.09): minima at -1 and at the upper root
    w = (1 + np.sqrt(1 - 2 * 0.09)) / 2
    local = 0.5 * (w**2 - 1) ** 2 + 0.5 * (0.3 * (w + 1)) ** 2
    assert_close(ds.optimum.values, [local], rtol=1e-12, label="the run's own well")
    (v,) = verdicts(ds)
    assert v.lower >= 1, "a start as far away as w0 is large crosses over"
    assert v.same >= 2, "those close by stay"
    assert best_known(ds)[0] < 1e-20


def test_from_the_right_well_nothing_less_is_found():
    (v,) = verdicts(run(Experiment().replace(WELLS), wells(-1.2)))
    assert (v.tried, v.lower) == (len(DISTANCES), 0)
    assert v.same >= 2


def test_in_a_linear_class_all_starts_agree():
    system, w0 = system_of(alphas=(1.0, 2.0))
    least = search(alone(system, 0), w0[0], MOST_EVALUATIONS, lambda: None).loss
    loss, left = other_starts(system, w0, np.full(2, least), lambda: None)
    assert_close(loss, np.full((2, len(DISTANCES)), least), rtol=1e-12, label="the one optimum there is")
    assert (left < 1e-25).all()


@pytest.mark.parametrize(("alpha", "optimum"), [("1", 7.064e-7), ("1000", 3.1705e-8)])
def test_the_third_figures_optimum_is_local_where_alpha_is_small(alpha, optimum):
    # the optima are those that figure3's runs head for, as `gnviz run figure3` prints them
    system, w0 = of_figure3(alpha)
    loss, _ = other_starts(system, w0, np.array([optimum]), lambda: None)
    if alpha == "1":
        assert loss.min() < 1e-8
        assert (loss < 0.9 * optimum).sum() >= 2
    else:
        assert loss.min() == pytest.approx(optimum, rel=1e-4), "the law's optimum is found again, none below"


@pytest.mark.parametrize("name", ["DanWood", "Chwirut2", "Misra1c"])
def test_no_other_start_undercuts_a_certified_minimum(name):
    regression = nist.read(name)
    steps = {"methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 100, "clock.snapshots": 3}
    ds = run(Experiment().replace(steps), regression.problem())
    least = regression.sum_of_squares / 2
    # eight of the certified eleven digits; searches from elsewhere end as sharply where they end there
    assert_close(ds.optimum.values, np.full(2, least), rtol=1e-8, label="the certified minimum")
    assert np.nanmin(ds.start_loss.values) == pytest.approx(least, rel=1e-8), "found again, and nothing below"


def test_the_same_experiment_finds_the_same():
    system, w0 = of_figure3("1")
    first, again = (other_starts(system, w0, np.array([7.064e-7]), lambda: None) for _ in range(2))
    # as far as searches have come to rest; MINPACK may round differently from call to call
    assert (np.abs(first[0] - again[0]) <= first[1] + again[1] + 1e-12).all()


def test_evaluations_are_capped_and_cancel_is_honoured():
    system, w0 = of_figure3("1")
    calls = []
    other_starts(system, w0, np.zeros(1), lambda: calls.append(None))
    assert 0 < len(calls) <= len(DISTANCES) * EVALUATIONS, "nothing is below 0: none goes on"
    calls.clear()
    other_starts(system, w0, np.full(1, np.inf), lambda: calls.append(None))
    assert not calls, "without an optimum there is nothing to compare with"

    def cancel():
        calls.append(None)
        if len(calls) == 7:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        other_starts(system, w0, np.zeros(1), cancel)
    assert len(calls) == 7


def test_a_start_without_finite_outputs_is_nan():
    system, w0 = system_of()
    found, left = other_starts(system, w0 * torch.nan, np.ones(1), lambda: None)
    assert np.isnan(found).all()
    assert np.isnan(left).all()


def test_size_limits_keep_the_search_short():
    assert multi_start_wanted(system_of()[0])
    assert not multi_start_wanted(system_of(alphas=tuple(range(1, 10)))[0]), "nine classes"
    wide = system_of(200, 50)[0]
    assert not multi_start_wanted(wide), "200 x 50^2 = 5e5 is more than a search from elsewhere may cost"
    assert not multi_start_wanted(replace(system_of()[0], x=torch.zeros(9, 1))), "no optimum in float32"


def test_only_the_last_snapshot_knows_and_files_keep_it(tmp_path, monkeypatch):
    e = Experiment().replace(WELLS)
    snapshots = list(simulate(e, problem=wells(1.2)))
    assert [s.start_loss is None for s in snapshots] == [True] * (len(snapshots) - 1) + [False]
    ds = Recording.of(snapshots).dataset()
    assert ds.start_loss.dims == ds.start_error.dims == ("run", "start")
    np.testing.assert_array_equal(load(save(ds, tmp_path / "x.nc")).start_loss.values, ds.start_loss.values)
    assert "start_loss" not in Recording.of(snapshots[:-1]).dataset()
    monkeypatch.setattr(multi_start, "MOST_STARTED_CLASSES", 0)
    without = run(e, wells(1.2))
    assert "start_loss" not in without
    np.testing.assert_array_equal(without.optimum.values, ds.optimum.values)
