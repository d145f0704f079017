import subprocess
import sys

import numpy as np
import pytest
from made import HUES, eigenvalues, made_dataset, usual_figures

from gnviz.views import FIGURES, VIEWS, draw
from gnviz.views.base import APRIORI, BELOW, BOUND, ENDED, NOW, PREDICTED, RESOLUTION, TEST, VOID, takes
from gnviz.views.room import BOX
from gnviz.views.style import SPARES, luminance, mode_color, shades_of
from gnviz.views.values import log_limits, picked, positive

USUAL = usual_figures()
SHAPES = [{"n": 1}, {"n": 2}, {"grid": 0}, {"clock": "steps"}, {"runs": 1}]
RUNS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
ENDS = [run + ENDED for run in RUNS]


@pytest.fixture(scope="module")
def ds():
    return made_dataset()


def rendered(name, ds, **options):
    return draw(ds, name, backend="bokeh", **options)


def renderers(fig):
    return {drawn.name: drawn for drawn in fig.renderers if drawn.name}


def horizon(name):
    """What a live page tells a figure over time in advance."""
    return {"time_range": (0, 1e7)} if takes(type(VIEWS[name]), "time_scale") else {}


def assert_tables_are_clean(tables):
    for label, table in tables.items():
        columns = list(table.values())
        assert all(c.ndim == 1 and len(c) == len(columns[0]) for c in columns), label
        assert not any(np.isinf(c).any() for c in columns if c.dtype.kind == "f"), label


@pytest.mark.parametrize("name", USUAL)
def test_each_glyph_draws_its_table(name, ds):
    tables = VIEWS[name].tables(ds)
    found = renderers(rendered(name, ds))
    assert found.keys() == tables.keys()
    for label, glyph in found.items():
        assert list(glyph.data_source.data) == list(tables[label])
        for column, values in tables[label].items():
            np.testing.assert_array_equal(glyph.data_source.data[column], values)


@pytest.mark.parametrize("name", USUAL)
def test_a_missing_variable_is_named(name, ds):
    for variable in VIEWS[name].needs:
        with pytest.raises(ValueError, match=f"{name}.*'{variable}'"):
            VIEWS[name].tables(ds.drop_vars(variable))


@pytest.mark.parametrize("name", FIGURES)
def test_words_for_the_reader(name):
    view = VIEWS[name]
    assert view.label == name
    assert view.title
    assert view.caption.endswith(".")


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize(
    "settings", [{"n": 1}, {"n": 2}, {"grid": 0}, {"clock": "steps"}, {"runs": 1}], ids=str
)
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_any_data_at_any_moment(name, settings, count):
    ds = made_dataset(count, **settings)
    assert_tables_are_clean(VIEWS[name].tables(ds))
    assert rendered(name, ds).renderers


@pytest.mark.parametrize("name", USUAL)
def test_nothing_recorded_yet_still_renders(name):
    assert rendered(name, made_dataset(0), **horizon(name)).renderers


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1.0])
@pytest.mark.parametrize("name", USUAL)
def test_broken_runs_break_no_figure(name, bad):
    ds = made_dataset(20).copy(deep=True)
    for variable in ("loss", "bound", "eigenvalues", "rate", "residual_modes", "prediction", "curve"):
        ds[variable].values[0] = bad
    tables = VIEWS[name].tables(ds)
    assert_tables_are_clean(tables)
    assert np.isfinite(VIEWS[name].limits(tables)).all()
    rendered(name, ds)


def test_loss_is_masked_on_the_log_axis():
    ds = made_dataset(10).copy(deep=True)
    ds["loss"].values[0, 3], ds["loss"].values[0, 4] = 0.0, -1.0
    loss = VIEWS["loss"].tables(ds)["gradient-flow"]
    assert loss["time"][0] == pytest.approx(1e-2)
    assert np.isnan(loss["loss"][[2, 3]]).all()
    assert np.isfinite(np.delete(loss["loss"], [2, 3])).all()


def test_loss_options(ds):
    tables = VIEWS["loss"].tables(ds, time_scale="linear", bound=False, apriori="never")
    assert list(tables) == RUNS + ENDS
    assert tables[RUNS[0]]["time"][0] == 0
    never = VIEWS["loss"].tables(ds, apriori="never")
    assert list(never) == [x for r in RUNS for x in (r + BOUND, r)] + ENDS
    every = [x for r in RUNS for x in (r + APRIORI, r + VOID, r + BOUND, r)] + ENDS
    assert list(VIEWS["loss"].tables(ds)) == every
    assert VIEWS["loss"].tables(ds.drop_vars("apriori")).keys() == never.keys(), "a file of an older version"


def test_the_test_loss_is_drawn_dotted_where_there_is_one():
    ds = made_dataset()
    ds["test_loss"] = 3 * ds["loss"]
    view = VIEWS["loss"]
    tables = view.tables(ds)
    ends = (APRIORI, VOID, BOUND, TEST, "")
    assert list(tables) == [r + end for r in RUNS for end in ends] + ENDS
    np.testing.assert_allclose(tables[RUNS[0] + TEST]["loss"], 3 * tables[RUNS[0]]["loss"])
    fig = rendered("loss", ds)
    glyphs = {g.name: g.glyph for g in fig.renderers}
    assert glyphs[RUNS[1] + TEST].line_color == glyphs[RUNS[1]].line_color
    assert glyphs[RUNS[1] + TEST].line_dash == [1, 3]
    assert len(fig.legend[0].items[0].renderers) == len(ends)
    assert TEST not in "".join(view.tables(ds.drop_vars("test_loss")))


def test_a_diverging_loss_leaves_the_figure():
    ds = made_dataset(20, clock="steps").copy(deep=True)
    ds["loss"].values[0] = 10.0 ** (np.arange(20) ** 2 / 2)
    assert VIEWS["loss"].limits(VIEWS["loss"].tables(ds))[1] <= 1e9


def test_log_axes_have_explicit_ranges(ds):
    fig = rendered("loss", ds, time_range=(0, 1e7))
    assert fig.x_range.start == pytest.approx(1e-2 / 1.3)
    assert fig.x_range.end == pytest.approx(1.3e7)
    assert (fig.y_range.start, fig.y_range.end) == VIEWS["loss"].limits(VIEWS["loss"].tables(ds))
    assert fig.xaxis[0].axis_label == "flow time t"
    assert fig.toolbar.logo is None


def test_clock_names_the_axis():
    assert rendered("loss", made_dataset(9, clock="steps")).xaxis[0].axis_label == "step"


def test_spectrum_parts_at_the_floor():
    ds = made_dataset(3)
    ds.attrs["resolution"] = 1e-4
    tables = VIEWS["spectrum"].tables(ds)
    resolved, below = tables[RUNS[0]]["eigenvalue"], tables[RUNS[0] + BELOW]["eigenvalue"]
    assert (np.isfinite(resolved) ^ np.isfinite(below)).all()
    np.testing.assert_allclose(np.where(np.isnan(below), resolved, below), eigenvalues(10))
    assert np.nanmax(below) < 1e-4
    assert (tables[RESOLUTION]["eigenvalue"] == 1e-4).all()
    assert (np.round(tables[RUNS[0]]["mode"]) == np.arange(1, 11)).all()


def test_moment_chooses(ds):
    first = VIEWS["fit"].tables(ds, moment=0)[RUNS[0]]["value"]
    assert not np.any(first)
    assert np.any(VIEWS["fit"].tables(ds)[RUNS[0]]["value"])
    with pytest.raises(ValueError, match="moment 160"):
        VIEWS["spectrum"].tables(ds, moment=160)


def test_run_chooses(ds):
    tables = VIEWS["modes"].tables(ds, run="adaptive(c=1)")
    np.testing.assert_allclose(tables["mode 1"]["size"][:5], np.abs(ds["residual_modes"].values[2, 1:6, 0]))
    with pytest.raises(ValueError, match=r"'newton'.*gradient-flow"):
        VIEWS["modes"].tables(ds, run="newton")


def test_predicted_decay_meets_the_constant_kernel(ds):
    tables = VIEWS["modes"].tables(ds)
    for mode in range(1, 11):
        measured, predicted = tables[f"mode {mode}"]["size"], tables[f"mode {mode}{PREDICTED}"]["size"]
        np.testing.assert_allclose(measured, predicted, rtol=1e-9)
    assert np.nanmin(tables["mode 1"]["size"]) > 1e-16  # rounding is masked


def test_no_prediction_for_steps():
    assert not any(PREDICTED in label for label in VIEWS["modes"].tables(made_dataset(9, clock="steps")))


def test_many_modes_are_thinned():
    ds = made_dataset(3, n=60)
    assert len([k for k in VIEWS["modes"].tables(ds) if PREDICTED not in k and k != ENDED]) == 12
    labels = list(VIEWS["spectrum_time"].tables(ds))
    assert len(labels) == 26
    assert labels[1] == "mode 1"
    assert labels[-2:] == ["mode 60", ENDED]


def test_fit_without_a_curve_sets_predictions_against_targets():
    ds = made_dataset(grid=0)
    tables = VIEWS["fit"].tables(ds)
    assert list(tables) == ["shape of the mode", "exact fit", *RUNS]
    np.testing.assert_array_equal(tables[RUNS[2]]["target"], ds["y"].values)
    assert renderers(rendered("fit", ds))[RUNS[2]].glyph.x == "target"


@pytest.mark.parametrize("grid", [0, 200])
def test_the_fit_shows_the_shape_of_a_mode_over_the_samples(grid):
    ds = made_dataset(grid=grid)
    assert np.isnan(VIEWS["fit"].tables(ds)["shape of the mode"]["value" if grid else "prediction"]).all()
    where, height = VIEWS["fit"].tables(ds, mode=4)["shape of the mode"].values()
    over = ds["coordinate"] if grid else ds["y"]
    order = np.argsort(over.values, kind="stable")
    np.testing.assert_array_equal(where, over.values[order])
    vector = ds["basis"].values[order, 3]
    np.testing.assert_allclose(height / height[0], vector / vector[0], rtol=1e-12)
    assert np.abs(height).max() == pytest.approx(np.abs(ds["y"].values).max())
    with pytest.raises(ValueError, match="mode 11 does not exist; the modes are 1 to 10"):
        VIEWS["fit"].tables(ds, mode=11)


@pytest.mark.parametrize("name", ["modes", "spectrum_time"])
def test_a_mode_asked_for_is_among_those_shown(name):
    ds = made_dataset(n=60)
    assert "mode 30" not in VIEWS[name].tables(ds)
    shown = VIEWS[name].tables(ds, mode=30)
    assert {"mode 1", "mode 30", "mode 60"} <= set(shown)
    column = list(shown["mode 30"].values())[1]
    variable = np.abs(ds["residual_modes"]) if name == "modes" else ds["eigenvalues"]
    np.testing.assert_allclose(column[0], variable.values[0, 1, 29])


def test_unknown_truth_is_not_drawn():
    ds = made_dataset(3).copy(deep=True)
    ds["truth"].values[:] = np.nan
    assert "target function" not in VIEWS["fit"].tables(ds)
    rendered("fit", ds)


def test_the_path_says_where_the_runs_stood_at_a_moment(ds):
    tables = VIEWS["function_space"].tables(ds, moment=7)
    basis, y = ds["basis"].values[:, :3], ds["y"].values
    for i, run in enumerate(RUNS):
        then = basis.T @ (ds["prediction"].values[i, 7] - y)
        np.testing.assert_allclose([tables[run + NOW][c][0] for c in "xyz"], then, rtol=1e-6, atol=1e-9)
        assert len(tables[run]["x"]) == len(VIEWS["function_space"].tables(ds)[run]["x"]), "paths stay whole"
    with pytest.raises(ValueError, match="moment 999 is not recorded"):
        VIEWS["function_space"].tables(ds, moment=999)


def test_path_in_function_space(ds):
    tables = VIEWS["function_space"].tables(ds)
    first = ds["basis"].values[:, :3].T @ (ds["prediction"].values[0, 0] - ds["y"].values)
    run = tables[RUNS[0]]
    np.testing.assert_allclose([run[c][0] for c in "xyz"], first, rtol=1e-6)
    np.testing.assert_allclose([tables[RUNS[2] + NOW][c][0] for c in "xyz"], 0, atol=1e-6)
    assert all(tables["target"][c] == 0 for c in "xyz")


def test_the_path_keeps_its_ranges():
    early, late = (VIEWS["function_space"].tables(made_dataset(count))[BOX] for count in (1, 160))
    for name in "xyz":
        np.testing.assert_array_equal(early[name], late[name])


def test_a_path_stays_small():
    tables = VIEWS["function_space"].tables(made_dataset(moments=2000))
    assert sum(c.nbytes for t in tables.values() for c in t.values()) < 60_000
    assert tables[RUNS[1]]["x"][-1] == tables[RUNS[1] + NOW]["x"][0]


def test_fewer_than_three_samples_are_padded():
    tables = VIEWS["function_space"].tables(made_dataset(5, n=2))
    assert not np.any(tables[RUNS[0]]["z"])


def test_a_run_has_one_colour_everywhere(ds):
    glyphs = renderers(rendered("loss", ds))
    paths = renderers(rendered("function_space", ds))
    for run, color in zip(RUNS, (HUES[x] for x in ("gradient-flow", "constant", "adaptive")), strict=True):
        assert glyphs[run].glyph.line_color == glyphs[run + BOUND].glyph.line_color == color
        assert paths[run].glyph.line_color == paths[run + NOW].glyph.fill_color == color


def test_colours_read_on_light_and_dark():
    hues = [shade for hue in (*HUES.values(), *SPARES) for shade in shades_of(hue)]
    for color in (*hues, *(mode_color(i, 12) for i in range(12))):
        light, dark = (
            1.05 / (luminance(color) + 0.05),
            (luminance(color) + 0.05) / (luminance("#1e1e1e") + 0.05),
        )
        assert min(light, dark) > (3.19 if color in hues else 2.1), color


def test_runs_that_share_a_path_are_both_seen(ds):
    paths = renderers(rendered("function_space", ds))
    widths = [glyph.glyph.line_width for label, glyph in paths.items() if label in RUNS]
    assert len(widths) == 3
    assert widths[0] > widths[1] > widths[2]  # drawn in this order: what covers another is narrower


def test_small_helpers():
    np.testing.assert_array_equal(positive([1, 0, -1, np.inf, np.nan]), [1, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(picked(5, 12), np.arange(5))
    np.testing.assert_array_equal(picked(1, 3), [0])
    assert log_limits([]) == (0.1, 10.0)
    low, high = log_limits([np.array([np.nan, 1e-200, 1.0])])
    assert high / low < 1e35


def test_importing_views_is_cheap():
    heavy = ("torch", "panel", "holoviews", "bokeh", "plotly", "scipy")
    code = f"import sys, gnviz.views; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_drawing_needs_neither_torch_nor_panel_code():
    code = "import sys; from gnviz.views import VIEWS; list(VIEWS.values()); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


@pytest.mark.parametrize("grid", [0, 200])
def test_the_fit_of_a_table_is_shown_in_its_own_units(grid):
    ds = made_dataset(grid=grid).isel(feature=slice(0, 1))
    own = ds.assign_attrs(
        standardized="true", x_offset=50.0, x_scale=np.array([4.0]), y_offset=-7.0, y_scale=2.0
    )
    for label, table in VIEWS["fit"].tables(own, mode=2).items():
        for column, values in VIEWS["fit"].tables(ds, mode=2)[label].items():
            offset, scale = (50.0, 4.0) if column == "coordinate" else (-7.0, 2.0)
            np.testing.assert_allclose(table[column], offset + scale * values, rtol=1e-14)
    assert rendered("fit", own).x_range.start > (40 if grid else -20)
