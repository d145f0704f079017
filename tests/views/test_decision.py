"""The predictor over the plane of two inputs: from a hand-made result, and from a run."""

import numpy as np
import pytest
from bokeh.models import ContourRenderer
from made import made_dataset, made_plane

from gnviz import Arrays, Experiment, Moons, run
from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.figures.decision import BANDS, DATA, GROUND, HELD_OUT, LINE, NEGATIVE, POSITIVE, WORDS
from gnviz.views.level_line import zero_line
from gnviz.views.style import CURVATURE_PALETTE, blend

VIEW = VIEWS["decision"]
SECOND, THIRD = "constant(rho=0.01)", "adaptive(c=1)"


@pytest.fixture(scope="module")
def ds():
    return made_plane()


def test_it_suits_what_has_a_plane(ds):
    assert VIEW.suits(ds)
    assert not VIEW.suits(made_dataset(3))
    for variable in VIEW.needs:
        with pytest.raises(ValueError, match=f"decision.*'{variable}'"):
            VIEW.tables(ds.drop_vars(variable))


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("moment", [0, 7, -1])
def test_each_glyph_draws_its_table(labels, held_out, moment):
    ds = made_plane(labels=labels, held_out=held_out)
    tables = VIEW.tables(ds, moment=moment)
    glyphs = {g.name: g for g in draw(ds, "decision", backend="bokeh", moment=moment).renderers if g.name}
    classes = [POSITIVE, NEGATIVE] if labels else [DATA]
    small = [label + HELD_OUT for label in classes] if held_out else []
    assert list(tables) == [GROUND, LINE, *small, *classes, WORDS]
    assert glyphs.keys() == tables.keys() - {GROUND}
    for label, glyph in glyphs.items():
        for column, values in tables[label].items():
            np.testing.assert_array_equal(glyph.data_source.data[column], values)


def test_the_ground_is_the_run_at_its_last_look(ds):
    for moment, look in ((0, 0), (2, 0), (3, 1), (11, 3), (-1, 6)):
        table = VIEW.tables(ds, run=SECOND, moment=moment)[GROUND]
        np.testing.assert_allclose(
            table["prediction"],
            (3 * look + 1) * (table["x1"] + table["x2"] - 0.25),
            rtol=1e-5, atol=1e-5,
        )  # fmt: skip
    with pytest.raises(ValueError, match="moment 20 is not recorded"):
        VIEW.tables(ds, moment=20)
    with pytest.raises(ValueError, match="no run is labelled 'newton'"):
        VIEW.tables(ds, run="newton")


def test_the_line_is_where_the_prediction_is_nought(ds):
    for run_, slope in (("gradient-flow", 0.0), (SECOND, 1.0), (THIRD, 2.0)):
        line = VIEW.tables(ds, run=run_)[LINE]
        known = np.isfinite(line["x1"])
        assert known.sum() > 20
        np.testing.assert_allclose((line["x1"] + slope * line["x2"])[known], 0.25, atol=1e-6)
    up = VIEW.tables(ds)[LINE]["x2"]
    assert (np.nanmin(up), np.nanmax(up)) == (-1.2, 1.0), "from end to end"


def test_no_line_where_predictions_are_nought_to_rounding(ds):
    ds = ds.copy(deep=True)
    ds["plane"].values[:] = 1e-7 * np.sin(1e3 * ds["plane"].values)
    tables = VIEW.tables(ds)
    assert not len(tables[LINE]["x1"])
    assert not tables[GROUND]["prediction"].any()


def test_samples_stand_where_they_are_in_the_colour_of_their_label(ds):
    tables, x = VIEW.tables(ds), ds["x"].values
    np.testing.assert_array_equal(tables[POSITIVE]["x1"], x[3:, 0])
    np.testing.assert_array_equal(tables[NEGATIVE]["x2"], x[:3, 1])
    np.testing.assert_array_equal(tables[POSITIVE + HELD_OUT]["x1"], x[3:4, 0] + 0.05)
    marks = {mark.table: mark for mark in VIEW.marks(ds, tables).marks}
    assert marks[POSITIVE].color == marks[POSITIVE + HELD_OUT].color == CURVATURE_PALETTE[-1]
    assert marks[NEGATIVE].color == CURVATURE_PALETTE[0]
    assert marks[POSITIVE].marker != marks[NEGATIVE].marker
    assert marks[POSITIVE].size > marks[POSITIVE + HELD_OUT].size
    shades = VIEW.marks(ds, tables).shades
    assert (shades.low, shades.high, shades.log) == (-1.5, 1.5, False)


def test_other_targets_have_the_colour_of_the_ground_that_fits_them():
    ds = made_plane(labels=False)
    table, palette = VIEW.tables(ds)[DATA], blend(CURVATURE_PALETTE, BANDS)
    high = 1.5 * 2.7
    edges = np.linspace(-high, high, BANDS + 1)
    for color, y in zip(table["color"], ds["y"].values, strict=True):
        band = palette.index(color)
        assert edges[band] <= y <= edges[band + 1]
    assert VIEW.tables(ds)[WORDS]["text"].tolist() == [""]


def test_words_count_what_is_right(ds):
    text = VIEW.tables(ds, moment=4)[WORDS]["text"].item()
    assert text == "right: 83.33 % of the samples, 87.5 % of those held out", "x1 = 0.2 is left of 0.25"
    text = VIEW.tables(made_plane(held_out=False), run=SECOND)[WORDS]["text"].item()
    u = ds["x"].values.sum(1) - 0.25
    assert text == f"right: {100 * np.mean((u >= 0) == (ds['y'].values > 0)):.4g} % of the samples"


def test_a_run_that_has_ended_stays_where_it_was(ds):
    ds = ds.copy(deep=True)
    before = VIEW.tables(ds, moment=8)
    ds["plane"].values[0, 3:] = np.nan
    ds["prediction"].values[0, 9:] = np.nan
    ds["test_accuracy"].values[0, 9:] = np.nan
    after = VIEW.tables(ds)
    for label, table in before.items():
        for column, values in table.items():
            np.testing.assert_array_equal(after[label][column], values)


def test_nothing_recorded_yet_still_renders(ds):
    early = ds.isel(time=slice(0, 0), look=slice(0, 0))
    tables = VIEW.tables(early)
    assert np.isnan(tables[GROUND]["prediction"]).all()
    assert draw(early, "decision", backend="bokeh").renderers


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_broken_runs_break_no_figure(ds, bad):
    ds = ds.copy(deep=True)
    for name in ("plane", "prediction"):
        ds[name].values[0] = bad
    tables = VIEW.tables(ds)
    assert np.isnan(tables[GROUND]["prediction"]).all()
    assert draw(ds, "decision", backend="bokeh").renderers


def test_another_moment_and_run_are_brought_up_in_place(ds):
    drawing = Drawing(VIEW, ds, moment=0)
    (bands,) = [r for r in drawing.figure.renderers if isinstance(r, ContourRenderer)]
    before = dict(bands.fill_renderer.data_source.data)
    tables, plot = read(VIEW, ds, run=THIRD, moment=12)
    assert drawing.shows(tables, plot)
    drawing.update(tables, plot)
    assert bands.fill_renderer.data_source.data["xs"] != before["xs"]
    assert not bands.line_renderer.data_source.data["xs"], "bands without lines"
    np.testing.assert_allclose(bands.levels, np.linspace(-1.5, 1.5, BANDS + 1), rtol=1e-6)


def test_a_table_is_shown_in_its_own_units(ds):
    own = ds.assign_attrs(standardized="true", x_offset=np.array([50.0, -3.0]), x_scale=np.array([4.0, 0.5]))
    for label, table in VIEW.tables(own).items():
        for name, offset, scale in (("x1", 50.0, 4.0), ("x2", -3.0, 0.5)):
            plain = VIEW.tables(ds)[label][name]
            np.testing.assert_allclose(table[name], offset + scale * plain, rtol=1e-12, equal_nan=True)


def test_a_line_around_a_point_and_across_a_saddle():
    across, up = np.linspace(-2, 2, 60), np.linspace(-1, 1, 50)
    height = across**2 + (2 * up[:, None]) ** 2 - 1
    x, y = zero_line(across, up, height).T
    known = np.isfinite(x)
    # a chord of a cell of 0.07 is off its circle by 0.07^2 / 8 at most, and so is the linear interpolation
    np.testing.assert_allclose(np.hypot(x, 2 * y)[known], 1, atol=2e-3)
    lengths = np.hypot(x[1::3] - x[::3], 2 * (y[1::3] - y[::3]))
    assert lengths.sum() == pytest.approx(2 * np.pi, rel=1e-2), "all around, once"
    x, y = zero_line(across, up, across * up[:, None] - 0.01).T
    np.testing.assert_allclose((x * y)[np.isfinite(x)], 0.01, atol=2e-3)
    assert not len(zero_line(across, up, np.full((50, 60), np.nan)))
    assert not len(zero_line(across, up, np.ones((50, 60))))


@pytest.mark.parametrize("engine", ["torch", "compiled"])
def test_a_run_on_two_classes(engine):
    wanted = Experiment(data=Moons(n=12, test=10), methods=["adaptive(c=1)"], engine=engine)
    result = run(wanted.replace({"network.width": 30, "clock.horizon": 30.0, "clock.snapshots": 9}))
    assert VIEW.suits(result)
    start, end = (VIEW.tables(result, moment=k) for k in (0, -1))
    assert not start[GROUND]["prediction"].any(), "the paired start predicts 0"
    assert start[WORDS]["text"].item().startswith("right: 50 % of the samples")
    assert end[WORDS]["text"].item().startswith("right: 100 % of the samples, ")
    grid = result["plane"].values[0, -1].astype(float)
    nearest = [
        grid[np.abs(result["up"].values - b).argmin(), np.abs(result["across"].values - a).argmin()]
        for a, b in result["x"].values
    ]
    assert (np.sign(nearest) == result["y"].values).mean() > 0.9, "the ground agrees with the samples on it"


def test_own_arrays_with_names_of_their_own():
    x = np.random.default_rng(0).standard_normal((8, 2))
    result = run(Experiment(data=Arrays(x, x[:, 0]), methods=["adaptive(c=1)"]).replace(
        {"network.width": 20, "clock.horizon": 3.0, "clock.snapshots": 3, "engine": "torch"}
    ))  # fmt: skip
    assert DATA in VIEW.tables(result)
    fig = draw(result, "decision", backend="bokeh")
    assert [fig.xaxis[0].axis_label, fig.yaxis[0].axis_label] == [str(n) for n in result["feature"].values]
