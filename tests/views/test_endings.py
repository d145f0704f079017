"""What figures show of runs that ended: a mark where they did, and their last picture ever after."""

import numpy as np
import pytest
from made import HUES, ended, few_parameters, made_dataset
from made_surfaces import SPHERE, made_surface

from gnviz.lab.figures.live_figure import LiveFigure
from gnviz.views import VIEWS, draw
from gnviz.views.base import ENDED, NOW, PREDICTED
from gnviz.views.endings import BROKE_OFF, CONVERGED, WORDS
from gnviz.views.figures.excess import SO_FAR
from gnviz.views.figures.rates import MEASURED
from gnviz.views.plot import GREY
from gnviz.views.values import at

RUNS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
RUN = RUNS[1]
OVER_TIME = ["loss", "drift", "distance", "singular", "excess", "pl_ratio"]
OF_MODES = ["modes", "spectrum_time"]
MARKS = {
    "converged": CONVERGED,
    "diverged": BROKE_OFF,
    "singular": BROKE_OFF,
    "undefined": BROKE_OFF,
    "step-limit": BROKE_OFF,
}
LAST = 7
"""The last moment of the run that ended."""


def whole(name="loss"):
    ds = few_parameters() if name == "pl_ratio" else made_dataset(20).copy(deep=True)
    for k, variable in enumerate(("kernel_drift", "weight_drift", "path_length", "lazy_gap")):
        ds[variable].values[:] = 1e-3 * (k + 1 + np.arange(ds["loss"].size).reshape(ds["loss"].shape))
    return ds


def when(ds):
    """Between two recorded moments."""
    return float(ds["time"].values[LAST : LAST + 2].mean())


def point(table):
    across, up = list(table)[:2]
    return table[across][0], table[up][0], str(table["mark"][0])


@pytest.mark.parametrize("kind", MARKS)
@pytest.mark.parametrize("name", OVER_TIME)
def test_a_mark_stands_at_the_last_point_of_a_run_that_ended(name, kind):
    ds = whole(name)
    cut = ended(ds, 1, when(ds), kind)
    tables, before = VIEWS[name].tables(cut), VIEWS[name].tables(ds)
    time, value, mark = point(tables[RUN + ENDED])
    column = list(before[RUN])[1]
    place = LAST - 1  # on the logarithmic axis
    assert mark == MARKS[kind]
    assert value == pytest.approx(before[RUN][column][place], rel=1e-12)
    between = name == "loss" and kind != "diverged"
    assert time == (when(ds) if between else ds["time"].values[LAST])
    for other in (RUNS[0], RUNS[2]):
        assert np.isnan(point(tables[other + ENDED])[:2]).all()


def test_the_loss_reaches_its_end_between_two_moments_and_nothing_is_drawn_after():
    ds = whole()
    tables = VIEWS["loss"].tables(ended(ds, 1, when(ds), loss=1e-20), time_scale="linear")
    curve = tables[RUN]
    assert (curve["time"][LAST + 1], curve["loss"][LAST + 1]) == (when(ds), 1e-20)
    assert point(tables[RUN + ENDED]) == (when(ds), 1e-20, CONVERGED)
    np.testing.assert_array_equal(curve["loss"][: LAST + 1], ds["loss"].values[1, : LAST + 1])
    assert np.isnan(curve["loss"][LAST + 2 :]).all()
    assert (np.diff(curve["time"]) > 0).all()


def test_a_loss_that_ends_at_0_has_its_mark_where_its_curve_leaves_the_axis():
    ds = whole()
    tables = VIEWS["loss"].tables(ended(ds, 1, when(ds), loss=0.0))
    assert point(tables[RUN + ENDED]) == (ds["time"].values[LAST], ds["loss"].values[1, LAST], CONVERGED)


def test_an_end_does_not_lift_the_axis_of_a_loss_that_blew_up():
    ds = whole()
    ds["loss"].values[1, : LAST + 1] = np.geomspace(1, 1e25, LAST + 1)
    view = VIEWS["loss"]
    tables = view.tables(ended(ds, 1, when(ds), "diverged"), time_scale="linear")
    assert view.limits(tables)[1] <= 1e9


@pytest.mark.parametrize("status", ["finished", "running", "cancelled", "lost"])
@pytest.mark.parametrize("name", OVER_TIME)
def test_where_a_run_goes_on_or_got_to_the_last_moment_there_is_no_mark(name, status):
    ds = whole(name)
    ds["status"].values[1] = status
    if status == "finished":
        ds["end_time"].values[1], ds["end_loss"].values[1] = ds["time"].values[-1], ds["loss"].values[1, -1]
    for table in (VIEWS[name].tables(ds)[run + ENDED] for run in RUNS):
        assert np.isnan(point(table)[:2]).all()
    old = ds.drop_vars(["end_time", "end_loss", "apriori_until"])
    assert VIEWS[name].tables(old).keys() == VIEWS[name].tables(ds).keys(), "a file of an older version"


def test_the_mark_stands_on_the_curve_over_the_least_so_far():
    ds = few_parameters(optimum=np.nan)
    tables = VIEWS["excess"].tables(ended(ds, 1, when(ds)), time_scale="linear")
    assert point(tables[RUN + ENDED])[1] == tables[RUN + SO_FAR]["value"][LAST]


def test_the_least_so_far_may_be_that_of_an_end_between_two_moments():
    ds = few_parameters(optimum=np.nan)
    tables = VIEWS["excess"].tables(ended(ds, 1, when(ds), loss=0.25), time_scale="linear")
    np.testing.assert_allclose(tables[RUNS[0] + SO_FAR]["value"], ds["loss"].values[0] - 0.25)


@pytest.mark.parametrize("kind", MARKS)
@pytest.mark.parametrize("name", OF_MODES)
def test_each_modes_curve_has_a_mark_at_its_end(name, kind):
    ds = whole()
    tables = VIEWS[name].tables(ended(ds, 1, when(ds), kind), run=RUN)
    marks = tables[ENDED]
    across, up = list(marks)[:2]
    curves = [t for label, t in tables.items() if label.startswith("mode ") and not label.endswith(PREDICTED)]
    assert len(marks[up]) == len(curves)
    np.testing.assert_array_equal(marks[up], [curve[up][LAST - 1] for curve in curves])
    assert (marks[across] == ds["time"].values[LAST]).all()
    assert set(marks["mark"]) == {MARKS[kind]}
    assert np.isnan(VIEWS[name].tables(ds, run=RUNS[0])[ENDED][up]).all()


def test_a_mode_that_sinks_into_rounding_has_not_ended_there():
    ds = whole()
    ds["residual_modes"].values[1, 3:, 0] = 1e-30
    marks = VIEWS["modes"].tables(ended(ds, 1, when(ds)), run=RUN)[ENDED]
    assert np.isnan([marks["time"][0], marks["size"][0]]).all()
    assert np.isfinite(marks["size"][1:]).all()


def test_curvature_has_its_mark_on_the_bend():
    ds = ended(made_surface(SPHERE), 1, float(made_surface(SPHERE)["time"].values[5]), "singular")
    tables = VIEWS["curvature"].tables(ds, time_scale="linear")
    run = str(ds["run"].values[1])
    assert point(tables[run + ENDED]) == (ds["time"].values[5], tables[run]["angle"][5], BROKE_OFF)


@pytest.mark.parametrize("name", [*OVER_TIME, *OF_MODES])
def test_marks_have_the_runs_colours_and_the_legend_explains_those_there_are(name):
    ds = whole(name)
    cut = ended(ended(ds, 0, when(ds)), 1, when(ds), "singular")
    for data, kinds in (
        (ds, set()),
        (cut, {"converged", "broke off"} if name in OVER_TIME else {"converged"}),
    ):
        fig = draw(data, name, backend="bokeh")
        legend = fig.legend[0]
        said = {i.label.value for i in legend.items if i.label.value in WORDS.values() and i.visible}
        assert said == kinds
        examples = [i.renderers[0] for i in legend.items if i.label.value in WORDS.values()]
        assert [drawn.glyph.line_color for drawn in examples] == [GREY, GREY]
    glyphs = {g.name: g.glyph for g in fig.renderers}
    marks = [glyph for label, glyph in glyphs.items() if label.endswith(ENDED)]
    assert all(glyph.marker == {"field": "mark"} or glyph.marker.field == "mark" for glyph in marks)
    if name in OVER_TIME:
        assert [glyphs[run + ENDED].fill_color for run in RUNS] == [
            HUES["gradient-flow"],
            HUES["constant"],
            HUES["adaptive"],
        ]


@pytest.mark.parametrize("name", OVER_TIME)
def test_a_mark_is_hidden_with_its_run_and_is_not_in_the_runs_entry(name):
    fig = draw(whole(name), name, backend="bokeh")
    found = {g.name: g for g in fig.renderers}
    for run, item in zip(RUNS, fig.legend[0].items, strict=False):
        mark = found[run + ENDED]
        assert mark not in item.renderers
        told = [
            callback
            for curve in item.renderers
            for callbacks in curve.js_property_callbacks.values()
            for callback in callbacks
        ]
        assert [callback.args["other"] for callback in told] == [mark]


MOMENT = {"spectrum": "eigenvalue", "fit": "value"}


@pytest.mark.parametrize("kind", MARKS)
@pytest.mark.parametrize("name", MOMENT)
def test_the_last_picture_of_a_run_stays(name, kind):
    ds, column = whole(), MOMENT[name]
    cut = ended(ds, 1, when(ds), kind)
    for moment in (LAST + 1, 15, -1):
        now, then = VIEWS[name].tables(cut, moment=moment), VIEWS[name].tables(ds, moment=moment)
        np.testing.assert_array_equal(now[RUN][column], VIEWS[name].tables(ds, moment=LAST)[RUN][column])
        np.testing.assert_array_equal(now[RUNS[0]][column], then[RUNS[0]][column])
    early = VIEWS[name].tables(cut, moment=3)[RUN][column]
    np.testing.assert_array_equal(early, VIEWS[name].tables(ds, moment=3)[RUN][column])


def test_a_moment_that_is_not_recorded_is_named_also_after_an_end():
    ds = whole()
    with pytest.raises(ValueError, match="moment 20 is not recorded; there are 20"):
        at(ended(ds, 1, when(ds)), "loss", 20)


def test_rates_are_measured_until_the_end():
    ds = whole()
    now = VIEWS["rates"].tables(ended(ds, 1, when(ds)), run=RUN)
    then = VIEWS["rates"].tables(ds, run=RUN, moment=LAST)
    for label in (MEASURED, MEASURED + PREDICTED):
        assert np.isfinite(now[label]["rate"]).any()
        np.testing.assert_array_equal(now[label]["rate"], then[label]["rate"])


def test_a_path_goes_to_its_end_and_the_run_stands_there():
    ds = whole()
    cut = ended(ds, 1, when(ds))
    now, then = VIEWS["function_space"].tables(cut), VIEWS["function_space"].tables(ds, moment=LAST)
    for c in "xyz":
        assert now[RUN + NOW][c] == then[RUN + NOW][c]
        assert now[RUN][c][LAST] == now[RUN + NOW][c][0]
        assert np.isnan(now[RUN][c][LAST + 1 :]).all()


def test_of_a_thinned_path_the_end_is_kept():
    ds = made_dataset(moments=2500).copy(deep=True)
    last = 1501  # an odd one: no position of a thinned path
    tables = VIEWS["function_space"].tables(ended(ds, 1, float(ds["time"].values[last])))
    assert len(tables[RUN]["x"]) < 1300
    for c in "xyz":
        path = tables[RUN][c][np.isfinite(tables[RUN][c])]
        assert path[-1] == tables[RUN + NOW][c][0]


@pytest.mark.parametrize("name", ["manifold", "parameter_plane"])
def test_on_a_surface_a_run_stands_where_it_ended(name):
    ds = made_surface(SPHERE)
    last, run = 4, str(ds["run"].values[1])
    cut = ended(ds, 1, float(ds["time"].values[last]), "singular")
    now, then = VIEWS[name].tables(cut), VIEWS[name].tables(ds, moment=last)
    for column, value in now[run + NOW].items():
        np.testing.assert_array_equal(value, then[run + NOW][column])
        path = now[run][column][np.isfinite(now[run][column])]
        assert path[-1] == value[0], "the path goes to its end"


def legend_of(live):
    return {i.label.value: i.visible for i in live.figure.legend[0].items if i.label.value in WORDS.values()}


@pytest.mark.parametrize("names_runs", [True, False])
def test_a_live_figure_shows_the_mark_once_the_run_has_ended(names_runs):
    ds = whole()
    live = LiveFigure(VIEWS["loss"], time_range=(1e-2, 1e7), legend=names_runs)
    live.begin(ds.isel(time=slice(LAST + 1)))
    drawing = live.figure
    assert np.isnan(live.sources[RUN + ENDED].data["time"][0])
    assert legend_of(live) == {"converged": False, "broke off": False}
    assert drawing.legend[0].visible, "it explains the certified bound"
    cut = ended(ds, 1, when(ds), "singular")
    live.update(cut.isel(time=slice(LAST + 2)))
    assert live.figure is drawing, "nothing is drawn anew"
    assert live.sources[RUN + ENDED].data["time"][0] == when(ds)
    assert live.sources[RUN + ENDED].data["mark"][0] == BROKE_OFF
    assert live.sources[RUN].data["time"][LAST] == when(ds), "without the moment 0"
    assert legend_of(live) == {"converged": False, "broke off": True}
    both = ended(cut, 2, float(ds["time"].values[12]))
    live.update(both)
    assert live.sources[RUNS[2] + ENDED].data["mark"][0] == CONVERGED
    assert legend_of(live) == {"converged": True, "broke off": True}
    live.begin(ds)
    assert legend_of(live) == {"converged": False, "broke off": False}, "another run"
    assert np.isnan(live.sources[RUN + ENDED].data["time"][0])


def test_a_live_figure_without_lines_to_explain_has_a_legend_once_there_are_marks():
    ds = whole()
    live = LiveFigure(VIEWS["spectrum_time"], time_range=(1e-2, 1e7), legend=False, run=RUN)
    live.begin(ds.isel(time=slice(LAST + 1)))
    assert not live.figure.legend[0].visible
    live.update(ended(ds, 1, when(ds)))
    assert live.figure.legend[0].visible
