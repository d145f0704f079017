"""Figures of a sweep: what is drawn is what the sweep holds."""

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, HoverTool, Quad
from sweeps.here import Here, tiny

import gnviz
from gnviz.sweeps import Sweep
from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.sweeps import SWEEP_VIEWS
from gnviz.views.sweeps.reading import edges, shades_span
from gnviz.views.sweeps.regime_map import CELLS
from gnviz.views.sweeps.standing import COLORS

OVER = {"network.alpha": [10.0, 1.0, 100.0], "network.width": [8, 4], "network.seed": [0, 1, 2]}
MAP, OVER_KNOB = SWEEP_VIEWS["regime_map"], SWEEP_VIEWS["over_knob"]


@pytest.fixture(scope="module")
def ds():
    return gnviz.sweep(tiny(), OVER, level=1e-1, runner=Here())


def test_a_cell_is_the_median_over_all_other_knobs(ds):
    options = {"x": "network.alpha", "y": "network.width", "measure": "final_loss", "run": "gauss-newton"}
    cells = MAP.tables(ds, **options)[CELLS]
    assert cells["x"].tolist() == [1.0, 10.0, 100.0] * 2
    assert cells["y"].tolist() == [4.0] * 3 + [8.0] * 3
    for a, m, value, known in zip(cells["x"], cells["y"], cells["value"], cells["known"], strict=True):
        there = ds["final_loss"].sel({"network.alpha": a, "network.width": m, "run": "gauss-newton"})
        assert value == np.median(there.values)
        assert known == 3
    assert (cells["left"] < cells["x"]).all()
    assert (cells["x"] < cells["right"]).all()
    np.testing.assert_array_equal(cells["right"][:2], cells["left"][1:3])


def test_edges_lie_halfway_on_the_scale_of_the_axis():
    np.testing.assert_allclose(edges(np.array([1.0, 10.0, 100.0]), log=True), 10.0 ** np.arange(-0.5, 3))
    np.testing.assert_allclose(edges(np.array([1.0, 2.0, 4.0]), log=False), [0.5, 1.5, 3.0, 5.0])


def test_without_options_the_first_knobs_and_run_are_taken(ds):
    plot = MAP.marks(ds, MAP.tables(ds))
    assert (plot.x.label, plot.y.label) == ("network.alpha", "network.width")
    assert plot.x.log
    assert not plot.y.log
    assert plot.title.endswith("gradient descent")
    assert plot.shades.words == ds["time_to_loss"].attrs["long_name"]


def test_a_line_is_the_median_and_its_band_the_range(ds):
    tables = OVER_KNOB.tables(ds, x="network.alpha", measure="final_loss")
    found = ds["final_loss"].sortby("network.alpha").sel(run="gradient-flow")
    others = ["network.width", "network.seed"]
    np.testing.assert_array_equal(tables["gradient-flow"]["final_loss"], found.median(others))
    np.testing.assert_array_equal(tables["gradient-flow · range"]["low"], found.min(others))
    np.testing.assert_array_equal(tables["gradient-flow · range"]["high"], found.max(others))
    alone = ds.isel({"network.width": 0, "network.seed": 0})
    assert set(OVER_KNOB.tables(alone)) == {"gradient-flow", "gauss-newton"}


def test_both_backends_draw_them(ds):
    figure = draw(ds, "regime_map", backend="bokeh", measure="final_loss")
    (drawn,) = (r for r in figure.renderers if isinstance(r.glyph, Quad))
    mapper = drawn.glyph.fill_color.transform
    value = np.array(drawn.data_source.data["value"])
    assert (mapper.low, mapper.high) == shades_span(value, log=True)
    assert any(isinstance(bar, ColorBar) for bar in figure.right)
    (hover,) = figure.select(HoverTool)
    assert ("experiments", "@known{0}") in [tuple(tip) for tip in hover.tooltips]
    assert "from" in drawn.data_source.data["number"][0], "three seeds have a range"
    overlay = draw(ds, "regime_map", measure="final_loss")
    (cells,) = overlay.values()
    assert isinstance(cells, hv.Rectangles)
    np.testing.assert_array_equal(np.sort(cells.dimension_values("value")), np.sort(value))
    hv.render(overlay, backend="bokeh")
    assert len(draw(ds, "over_knob", backend="bokeh", measure="final_loss").renderers) == 4
    hv.render(draw(ds, "over_knob", measure="final_loss"), backend="bokeh")


def test_colours_span_a_decade_at_least_where_factors_count():
    assert shades_span(np.array([1.0, 100.0, np.nan, 0.0]), log=True) == (1.0, 100.0)
    low, high = shades_span(np.array([2.0, 3.0]), log=True)
    assert high / low == pytest.approx(10)
    assert low * high == pytest.approx(6)
    assert shades_span(np.array([np.nan]), log=True) == (1.0, 10.0)
    assert shades_span(np.array([3.0]), log=False) == (2.5, 3.5)


def test_a_map_that_fills_is_brought_up_in_place(ds):
    sweep, runner, options = Sweep(tiny(), OVER), Here(places=1), {"measure": "final_loss"}
    drawing = Drawing(MAP, sweep.dataset(), **options)
    mapper = drawing.glyphs[CELLS].glyph.fill_color.transform
    shown = []
    while not sweep.complete:
        sweep.advance(runner, most=6)
        tables, plot = read(MAP, sweep.dataset(), **options)
        assert drawing.shows(tables, plot)
        drawing.update(tables, plot)
        shown.append(int(np.sum(drawing.sources[CELLS].data["shown"])))
        for one in sweep._under_way:
            one.job.wait()
    assert shown == [0, 6, 6, 6], "the first seed's cells, then the others'"
    assert list(drawing.sources[CELLS].data["value"]) == MAP.tables(ds, **options)[CELLS]["value"].tolist()
    assert (mapper.low, mapper.high) == (plot.shades.low, plot.shades.high)


def test_how_cells_end_is_a_colour_for_each_word(ds):
    seeds = {"network.seed": [0, 1]}
    some = ds.sel(seeds).copy(deep=True)
    some["status"][0, 0, 0, 0] = "diverged"
    some["status"][1, 1, :, 0] = "refused"
    some["status_text"][1, 1, :, 0] = "too narrow"
    some["status"][2, :, :, 0] = "missing"
    cells = MAP.tables(some, measure="status")[CELLS]
    by_place = {(a, m): i for i, (a, m) in enumerate(zip(cells["x"], cells["y"], strict=True))}
    mixed, refused, missing = (by_place[p] for p in ((10.0, 8.0), (1.0, 4.0), (100.0, 4.0)))
    assert cells["said"][mixed] == "1 diverged, 1 finished"
    assert cells["said"][refused] == "refused: too narrow"
    assert cells["color"][refused] == COLORS["refused"]
    assert (cells["said"][missing], cells["shown"][missing]) == ("not computed yet", 0)
    plot = MAP.marks(some, {CELLS: cells}, measure="status", names={"network.alpha": "α"})
    assert {key.words for key in plot.key if key.there} >= {"refused", "finished"}
    assert not next(key for key in plot.key if key.words == "singular").there
    assert plot.x.label == "α"
    figure = draw(some, "regime_map", backend="bokeh", measure="status")
    (drawn,) = (r for r in figure.renderers if isinstance(r.glyph, Quad))
    assert drawn.glyph.fill_color.field == "color"
    hv.render(draw(some, "regime_map", measure="status"), backend="bokeh")


def test_what_never_reached_the_level_is_unknown_and_grey(ds):
    lower = ds.assign(time_to_loss=gnviz.analysis.sweeps.time_to_loss(ds, 1e-300))
    cells = MAP.tables(lower)[CELLS]
    assert np.isnan(cells["value"]).all()
    draw(lower, "regime_map", backend="bokeh")
    draw(lower, "over_knob", backend="bokeh")


@pytest.mark.parametrize(
    ("figure", "options", "words"),
    [
        (
            "regime_map",
            {"x": "network.alpa"},
            "unknown knob with several numbers 'network.alpa'; did you",
        ),
        ("regime_map", {"measure": "los"}, "unknown measure 'los'"),
        ("regime_map", {"run": "gauss"}, "unknown run 'gauss'; did you mean 'gauss-newton'"),
        ("loss", {}, "unknown figure 'loss'"),
    ],
)
def test_mistakes_are_named(ds, figure, options, words):
    with pytest.raises(ValueError, match=words):
        draw(ds, figure, **options)


def test_a_map_needs_two_knobs(ds):
    with pytest.raises(ValueError, match="no further knob with several numbers"):
        draw(ds.isel({"network.width": 0, "network.seed": 0}), "regime_map")


def test_they_are_no_figures_of_a_run():
    assert not set(SWEEP_VIEWS) & set(VIEWS)
