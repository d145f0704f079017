"""The paper's third figure: the excess loss over the in-class optimum falls as e^{-2t}."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from checks import assert_close
from reference.problems import LinearModel

from gnviz import Experiment, LogCosh, preset, run
from gnviz.analysis.excess import excess_loss, law_ratio, table
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.optimum import in_class_optimum, wanted
from gnviz.dynamics.measure.searches import TorchDescent
from gnviz.dynamics.simulate import assemble
from gnviz.methods import parse_method
from gnviz.problem.build import build
from gnviz.results import Status


@pytest.fixture(scope="module")
def figure3():
    return run(preset("figure3"))


def of(ds, method, alpha):
    return int(np.flatnonzero((ds.method.values == method) & (ds.alpha.values == alpha))[0])


@pytest.mark.parametrize("alpha", [100.0, 1000.0])
def test_gauss_newton_follows_the_law_over_eight_decades(figure3, alpha):
    i = of(figure3, "gauss-newton", alpha)
    excess, ratio = excess_loss(figure3)[i], law_ratio(figure3)[i]
    assert excess[0] / excess[-1] > 1e8
    # what is asked for is 1%; measured 6e-4, at a tenth of this clock.tol 1e-4
    assert_close(ratio, np.ones(len(ratio)), atol=2e-3, label="excess over the law")
    assert figure3.optimum_error.values[i] < 1e-4 * excess[-1], "g* is known well enough to say so"


def test_gradient_flow_falls_behind_and_small_alpha_breaks_down(figure3):
    assert excess_loss(figure3)[of(figure3, "gradient-flow", 1000.0), -1] > 0.1
    for alpha in (1.0, 10.0):
        i, damped = (of(figure3, method, alpha) for method in ("gauss-newton", "gradient-flow"))
        assert figure3.status.values[i] == Status.SINGULAR
        text = str(figure3.status_text.values[i])
        assert "left the region where the predictors form a manifold: σ_min(J) fell from" in text
        assert "stopped at t = " in text
        assert figure3.status.values[damped] == Status.FINISHED
        assert np.isfinite(figure3.loss.values[damped]).all(), "the other runs are not held up"


def test_the_table_has_a_row_for_each_run(figure3):
    rows = table(figure3)
    assert rows[0][2:] == ["t = 2", "t = 4", "t = 6", "t = 8", "t = 10"]
    assert [row[0] for row in rows[1:]] == list(figure3.run.values)
    row = rows[1 + of(figure3, "gauss-newton", 1000.0)]
    assert row[2].startswith("1.83")
    assert all("(1.00" in cell or "(0.99" in cell for cell in row[2:])
    assert rows[1 + of(figure3, "gauss-newton", 1.0)][-1] == "ended"


def test_the_optimum_is_where_the_flow_ends_in_the_long_run(figure3):
    values = preset("figure3").to_dict() | {"methods": ["gauss-newton"], "ensemble": {"alphas": ["1000"]}}
    experiment = Experiment().replace(values)
    system, w0 = assemble(experiment, build(experiment))
    clock = FlowClock(system, w0, 1e-4)
    clock.advance(20.0, torch.ones(1, dtype=torch.bool), lambda: None)
    reached = linearize_dynamics(system, clock.w, torch.zeros_like(system.alpha)).loss.item()
    # what is left at t = 20 is 10 e^{-40} = 4e-17
    optimum = figure3.optimum.values[of(figure3, "gauss-newton", 1000.0)]
    assert optimum == pytest.approx(reached, abs=1e-12)


def linear(loss=None, alpha=(1.0, 1.0, 2.0)):
    g = torch.Generator().manual_seed(3)
    j = torch.randn(9, 4, generator=g, dtype=torch.float64)
    runs = len(alpha)
    y = torch.randn(9, generator=g, dtype=torch.float64)
    zero = torch.zeros(runs, 9, dtype=torch.float64)
    schedules = [parse_method("gauss-newton")] * runs
    settings = {} if loss is None else {"loss": loss}
    system = System(
        LinearModel(j),
        torch.zeros(9, 1).double(),
        y,
        schedules,
        torch.tensor(alpha).double(),
        zero,
        **settings,
    )
    return system, torch.randn(runs, 4, generator=g, dtype=torch.float64)


def test_the_optimum_of_a_linear_model_is_least_squares():
    system, w = linear()
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    found, error = in_class_optimum(system, w, here, lambda: None, TorchDescent())
    residual = (
        system.y - system.model.j @ torch.linalg.lstsq(system.model.j, system.y[:, None]).solution[:, 0]
    )
    assert_close(found, 0.5 * residual.square().sum().item() * np.ones(3), rtol=1e-12, label="g*")
    assert (error < 1e-25).all()


def test_a_class_without_a_finite_run_has_no_optimum():
    system, w = linear()
    w[2] = torch.nan
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    found, error = in_class_optimum(system, w, here, lambda: None, TorchDescent())
    assert np.isfinite(found[:2]).all()
    assert np.isnan([found[2], error[2]]).all()


def test_no_optimum_where_none_is_needed_or_affordable():
    assert wanted(linear()[0])
    assert not wanted(linear(LogCosh())[0])
    assert not wanted(linear(alpha=tuple(float(a) for a in range(1, 40)))[0])
    long = replace(linear()[0], y=torch.zeros(300_000, dtype=torch.float64))
    assert not wanted(long), "300,000 x 4^2 is more than a search may cost"
    assert not wanted(replace(linear()[0], x=torch.zeros(9, 1, dtype=torch.float32)))
    ds = run(
        Experiment().replace({"network.width": 12, "data.kind": "line", "data.n": 3, "clock.horizon": 1.0})
    )
    assert np.isnan(ds.optimum.values).all()
    assert table(ds) == []
