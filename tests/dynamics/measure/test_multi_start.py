"""Other starts: how far they get below the optimum that the runs are heading for, and what they may cost."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from checks import assert_close
from reference.own_starts import own_search, random_problem
from reference.problems import LinearModel

from gnviz import Experiment, load, make_problem, preset, run, save, simulate
from gnviz.analysis.optimality import CAVEAT, best_known, remarks, verdicts
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure import multi_start
from gnviz.dynamics.measure.multi_start import (
    EVALUATIONS,
    FRESH,
    NEAR,
    ROUNDS,
    affordable,
    multi_start_wanted,
    other_starts,
)
from gnviz.dynamics.measure.optimum import MOST_EVALUATIONS, alone, search
from gnviz.dynamics.measure.searches import TorchDescent
from gnviz.dynamics.simulate import assemble
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
    return make_problem(
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


OPTIMA = {"1": 7.064e-7, "1000": 3.1705e-8}
"""Of the third figure at two alphas: those that its runs head for, as `gnviz run figure3` prints them."""


@pytest.fixture(scope="module")
def found():
    """Other starts of the third figure at alpha = 1."""
    with threads_for(1):
        return other_starts(*of_figure3("1"), np.array([OPTIMA["1"]]), lambda: None, TorchDescent())


@pytest.fixture(scope="module")
def hopeless():
    """The same where nothing comes near the optimum, and how often the search asked whether to go on."""
    calls = []
    with threads_for(1):
        return other_starts(*of_figure3("1"), np.zeros(1), lambda: calls.append(None), TorchDescent()), len(
            calls
        )


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
    assert (v.tried, v.lower) == (510, 0), "what WORK pays for, of a user's model with n = 2, p = 1"
    assert v.same >= 2


def test_in_a_linear_class_all_starts_agree():
    system, w0 = system_of(alphas=(1.0, 2.0))
    least = search(alone(system, 0), w0[0], MOST_EVALUATIONS, lambda: None, TorchDescent()).loss
    found = other_starts(system, w0, np.full(2, least), lambda: None, TorchDescent())
    assert_close(
        found.loss, np.full((2, affordable(system)), least), rtol=1e-12, label="the one optimum there is"
    )
    assert (found.left < 1e-15).all()


def test_the_third_figures_optimum_is_local_where_alpha_is_small(found):
    assert np.nanmin(found.loss) < 3e-9, "what five searches of MINPACK found"
    assert (found.loss < 0.9 * OPTIMA["1"]).sum() >= 8


def test_the_third_figures_optimum_is_the_best_where_alpha_is_large():
    loss = other_starts(*of_figure3("1000"), np.array([OPTIMA["1000"]]), lambda: None, TorchDescent()).loss
    assert np.nanmin(loss) == pytest.approx(OPTIMA["1000"], rel=1e-4), "the law's optimum again, none below"
    assert (loss < 1.01 * OPTIMA["1000"]).sum() >= 8


# seeds of `random_problem` with few parameters, whose 200 own searches take seconds
@pytest.mark.parametrize("seed", [0, 2, 3, 5])
def test_what_200_own_starts_find_is_found_or_not_claimed(seed):
    e = random_problem(seed)
    problem = build(e)
    x, y, w0 = (v.numpy() for v in (problem.samples.x, problem.samples.y, problem.w0))
    own = own_search(e, x, y, w0, 200, evaluations=150).min()
    ds = run(e)
    told = remarks(ds)
    assert best_known(ds)[0] <= 1.01 * own or ds.optimum.values[0] > 1.01 * best_known(ds)[0]
    assert told[-1].endswith(CAVEAT)
    (v,) = verdicts(ds)
    if v.optimum > 1.01 * own:
        assert "found less, down to" in told[0]
        assert v.lower


@pytest.mark.parametrize("name", ["DanWood", "Chwirut2", "Misra1c"])
def test_no_other_start_undercuts_a_certified_minimum(name):
    regression = nist.read(name)
    steps = {"methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 100, "clock.snapshots": 3}
    ds = run(Experiment().replace(steps), regression.problem())
    least = regression.sum_of_squares / 2
    # eight of the certified eleven digits; searches from elsewhere end as sharply where they end there
    assert_close(ds.optimum.values, np.full(2, least), rtol=1e-8, label="the certified minimum")
    assert np.nanmin(ds.start_loss.values) == pytest.approx(least, rel=1e-8), "found again, and nothing below"


def test_the_same_experiment_finds_the_same(found):
    again = other_starts(*of_figure3("1"), np.array([OPTIMA["1"]]), lambda: None, TorchDescent())
    # MINPACK, which ends the best search, may round differently from call to call
    assert (np.abs(found.loss - again.loss) <= found.left + again.left + 1e-12).all()
    assert (found.loss == again.loss).sum() >= found.loss.size - 1


def test_work_is_capped_and_cancel_is_honoured(hopeless):
    assert 0 < hopeless[1] <= sum(iterations for _, iterations in ROUNDS) + EVALUATIONS
    system, w0 = of_figure3("1")
    calls = []
    other_starts(system, w0, np.full(1, np.inf), lambda: calls.append(None), TorchDescent())
    assert not calls, "without an optimum there is nothing to compare with"

    def cancel():
        calls.append(None)
        if len(calls) == 7:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        other_starts(system, w0, np.zeros(1), cancel, TorchDescent())
    assert len(calls) == 7


def test_a_start_without_finite_outputs_is_nan():
    system, w0 = system_of()
    nowhere = replace(system, offset=system.offset * torch.nan)
    found = other_starts(nowhere, w0, np.ones(1), lambda: None, TorchDescent())
    assert np.isnan(found.loss).all()
    assert np.isnan(found.left).all()


def test_starts_lie_where_it_is_recorded(hopeless):
    system, w0 = of_figure3("1")
    found, _ = hopeless
    assert set(found.distance[found.fresh]) == set(FRESH)
    assert set(found.distance[~found.fresh]) == set(NEAR)
    w = multi_start._starts(w0[0], system.model, found.distance, found.fresh)
    away = torch.where(torch.tensor(found.fresh)[:, None], w, w - w0[0])
    size = away.square().mean(1).sqrt() / w0[0].square().mean().sqrt()
    # the root mean square of 24 normal numbers: 1, to five times 1/sqrt(48)
    assert_close(size.numpy() / found.distance, np.ones(len(w)), atol=0.72, label="distance over its record")


class Measured(LinearModel):
    """Its parameters have units of their own."""

    shared_units = False


def test_a_parameter_with_a_unit_is_moved_in_its_own():
    system, _ = system_of()
    w0 = torch.tensor([1e-9, 1.0, -1e9, 0.0]).double()
    w = multi_start._starts(w0, Measured(system.model.j), np.array([0.1, 1.0]), np.array([False, True]))
    ratio = w[0, :3] / w0[:3]
    assert (ratio != 1).all()
    assert_close(ratio.numpy(), np.ones(3), atol=0.5, label="near, each by its size")
    assert w[0, 3] != 0


def test_size_limits_keep_the_search_short():
    assert multi_start_wanted(system_of()[0])
    one, eight = (affordable(system_of(60, 24, tuple(range(1, k + 1)))[0]) for k in (1, 8))
    assert eight == pytest.approx(one / 8, abs=1), "more classes share the same work"
    wide = system_of(600, 60)[0]
    assert not multi_start_wanted(wide), "36,000 entries of J are more than six searches may cost"
    assert not multi_start_wanted(replace(system_of()[0], x=torch.zeros(9, 1))), "no optimum in float32"


def test_only_the_last_snapshot_knows_and_files_keep_it(tmp_path, monkeypatch):
    e = Experiment().replace(WELLS)
    snapshots = list(simulate(e, problem=wells(1.2)))
    assert [s.start_loss is None for s in snapshots] == [True] * (len(snapshots) - 1) + [False]
    ds = Recording.of(snapshots).dataset()
    assert ds.start_loss.dims == ds.start_error.dims == ("run", "start")
    again = load(save(ds, tmp_path / "x.nc"))
    for name in ("start_loss", "start_distance", "start_fresh"):
        np.testing.assert_array_equal(again[name].values, ds[name].values)
    assert remarks(again) == remarks(ds)
    assert "start_loss" not in Recording.of(snapshots[:-1]).dataset()
    monkeypatch.setattr(multi_start, "WORK", 0)
    without = run(e, wells(1.2))
    assert "start_loss" not in without
    np.testing.assert_array_equal(without.optimum.values, ds.optimum.values)
