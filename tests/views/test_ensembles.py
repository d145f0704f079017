"""Figures and status lines of many runs."""

import numpy as np
import pytest
from made import usual_figures

from gnviz import Experiment, run
from gnviz.lab.run.status import StatusLines
from gnviz.results import Recording
from gnviz.views import VIEWS, draw
from gnviz.views.headline import headline
from gnviz.views.runs import MOST_NAMED, MOST_RUNS, run_groups, run_looks, shown

KNOBS = {
    "data.kind": "line",
    "data.n": 4,
    "network.width": 8,
    "clock.horizon": 30.0,
    "clock.snapshots": 6,
    "methods": ["gradient-flow", "gauss-newton"],
}


@pytest.fixture(scope="module", params=[5, 20], ids=["10 runs", "40 runs"])
def ds(request):
    return run(Experiment().replace(KNOBS | {"ensemble.seeds": request.param}))


def test_the_legend_names_runs_or_their_methods(ds):
    groups, ranks = run_groups(ds), run_looks(ds)
    assert [label for labels in groups.values() for label in labels] == list(ds.run.values)
    assert set(ranks) == set(ds.run.values)
    few = len(ds.run) <= MOST_NAMED
    assert list(groups) == (list(ds.run.values) if few else ["gradient-flow", "gauss-newton"])
    assert {look.rank for look in ranks.values()} == set(range(len(groups)))
    assert len({look.color for look in ranks.values()}) == (6 if few else 2), "three shades of each method"


def test_figures_draw_some_of_many_runs_of_every_method(ds):
    drawn = shown(ds)
    assert drawn.sizes["run"] == min(len(ds.run), MOST_RUNS)
    assert set(drawn.method.values) == set(ds.method.values)
    tables = VIEWS["loss"].tables(ds, seeds="each")
    assert [label for label in tables if " · " not in label] == list(drawn.run.values)
    row = list(ds.run.values).index(drawn.run.values[-1])
    np.testing.assert_array_equal(tables[drawn.run.values[-1]]["loss"], ds.loss.values[row, 1:])


@pytest.mark.parametrize("name", usual_figures())
def test_every_figure_draws_an_ensemble(ds, name):
    for legend in draw(ds, name, backend="bokeh").legend:
        assert len(legend.items) <= MOST_NAMED + 3


def test_the_page_says_where_an_ensemble_stands(ds):
    recording = Recording.of(_moments(len(ds.run) // 2))
    lines = StatusLines()
    lines.tell(recording)
    text = lines.pane.lines
    if len(ds.run) <= MOST_NAMED:
        assert text.count("<b>") == len(ds.run)
        assert "Gauss-Newton, seed 4" in text
    else:
        assert text.count("<b>") == 2
        assert "<b>Gauss-Newton</b> 20 " in text
        assert "of 40 runs reached loss 10⁻¹⁰" in headline(ds)


def _moments(seeds):
    from gnviz import simulate

    return simulate(Experiment().replace(KNOBS | {"ensemble.seeds": seeds}))
