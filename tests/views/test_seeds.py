"""Several seeds as their median and range."""

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import VArea

from gnviz import Experiment, run
from gnviz.views import VIEWS, draw
from gnviz.views.seeds import RANGE, groups, median_and_range, together

KNOBS = {"data.kind": "line", "data.n": 4, "network.width": 8, "clock.horizon": 30.0, "clock.snapshots": 6}


@pytest.fixture(scope="module")
def ds():
    own = {"methods": ["gradient-flow", "gauss-newton"], "ensemble.seeds": 5, "ensemble.alphas": [1.0, 4.0]}
    return run(Experiment().replace(KNOBS | own))


def test_median_and_range_are_those_of_sorted_logarithms():
    rng = np.random.default_rng(0)
    for count in (3, 4, 7):
        values = 10.0 ** rng.uniform(-12, 2, (count, 9))
        median, low, high = median_and_range(values)
        ranked = np.sort(values, axis=0)
        middle = np.sqrt(ranked[(count - 1) // 2] * ranked[count // 2])
        np.testing.assert_allclose(median, middle, rtol=1e-12)
        np.testing.assert_allclose(low, ranked[0], rtol=1e-12)
        np.testing.assert_allclose(high, ranked[-1], rtol=1e-12)


def test_a_run_that_has_ended_counts_with_its_last_value():
    values = np.array([[1.0, 1e-8, np.nan, np.nan], [1.0, 0.5, 0.3, np.nan], [2.0, 0.9, 0.8, 0.7]])
    median, low, high = median_and_range(values)
    np.testing.assert_allclose(median, [1.0, 0.5, 0.3, 0.3])
    np.testing.assert_allclose(low, [1.0, 1e-8, 1e-8, 1e-8])
    np.testing.assert_allclose(high, [2.0, 0.9, 0.8, 0.7])
    assert np.isnan(median_and_range(np.full((3, 2), np.nan))).all()
    ended = np.hstack([values, np.full((3, 2), np.nan)])
    np.testing.assert_allclose(median_and_range(ended)[0], [1.0, 0.5, 0.3, 0.3, np.nan, np.nan])


def test_runs_that_differ_in_their_seed_alone_are_one(ds):
    found = groups(ds)
    assert len(found) == 4
    for label, runs in found.items():
        assert len(runs) == 5
        assert len(set(ds.method.values[runs])) == len(set(ds.alpha.values[runs])) == 1
        assert all(str(ds.run.values[k]).startswith(label) for k in runs)


def test_more_than_three_seeds_are_drawn_together_unless_each_is_asked_for(ds):
    few = ds.isel(run=[k for k in range(20) if ds.seed.values[k] < ds.seed.values.min() + 3])
    assert together(ds, "usual")
    assert not together(ds, "each")
    assert not together(few, "usual")
    assert together(few, "median")
    assert not together(ds.isel(run=[0, 5]), "median"), "one seed has no range"


def test_the_figure_has_a_line_in_a_band_for_each_group(ds):
    view = VIEWS["loss"]
    tables = view.tables(ds)
    plot = view.marks(ds, tables)
    assert plot.entries == tuple(groups(ds))
    assert {mark.table for mark in plot.marks} == tables.keys()
    for label, runs in groups(ds).items():
        band, line = tables[label + RANGE], tables[label]
        there = np.isfinite(line["loss"])
        assert there.sum() > 2
        assert (band["low"] <= line["loss"])[there].all()
        assert (line["loss"] <= band["high"])[there].all()
        np.testing.assert_allclose(band["high"][0], ds.loss.values[runs, 1].max(), rtol=1e-12)
        assert [mark.kind for mark in plot.of(label)] == ["band", "line"]
    low, high = plot.upright
    assert low < min(np.nanmin(table["low"]) for name, table in tables.items() if name.endswith(RANGE)) < high


def test_both_backends_draw_the_bands(ds):
    bokeh, holoviews = (draw(ds, "loss", backend=backend) for backend in ("bokeh", "holoviews"))
    areas = [r.glyph for r in bokeh.renderers if isinstance(r.glyph, VArea) and r.glyph.y1 == "low"]
    assert len(areas) == sum(isinstance(part, hv.Area) for part in holoviews) == 4
    assert hv.render(holoviews, backend="bokeh") is not None
