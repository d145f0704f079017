"""The parameter plane and the bend of M, on surfaces in closed form."""

import numpy as np
import pytest
from bokeh.models import ContourRenderer
from made import fits, made_dataset
from made_surfaces import (
    GAUSS_NEWTON,
    PATCH,
    RUNS,
    SPHERE,
    made_surface,
    to_base,
    without_foot,
)  # fmt: skip

from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.base import ENDED, NORMAL, NOW
from gnviz.views.figures.curvature import TURNED, along, bend, normal_share
from gnviz.views.figures.manifold.scene import FOOT, GEODESIC, START
from gnviz.views.figures.parameter_plane import LEVELS, LOSS, WINDOW, _shades
from gnviz.views.style import LOSS_PALETTE, blend

FIGURES = ["manifold", "parameter_plane", "curvature"]
FLAT = FIGURES[1:]
PLANE = VIEWS["parameter_plane"]


@pytest.fixture(scope="module", params=[SPHERE, PATCH], ids=["sphere", "patch"])
def ds(request):
    return made_surface(request.param)


def rendered(name, ds, **options):
    return draw(ds, name, backend="bokeh", **options)


def pairs(table):
    return np.stack([table["v1"], table["v2"]], axis=1)


def test_other_experiments_have_no_surface(ds):
    assert not any(fits(made_dataset(3), VIEWS[name]) for name in FIGURES)
    assert all(fits(ds, view) for name, view in VIEWS.items() if name != "decision")


@pytest.mark.parametrize("name", FIGURES)
def test_a_missing_variable_is_named(name, ds):
    for variable in VIEWS[name].needs:
        with pytest.raises(ValueError, match=f"{name}.*'{variable}'"):
            VIEWS[name].tables(ds.drop_vars(variable))


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_each_glyph_draws_its_table_at_any_moment(name, count):
    ds = made_surface(PATCH, count)
    tables, fig = VIEWS[name].tables(ds), rendered(name, ds)
    glyphs = {glyph.name: glyph for glyph in fig.renderers if glyph.name}
    tables.pop(LOSS, None)  # drawn as contours
    assert glyphs.keys() == tables.keys()
    for label, table in tables.items():
        for column, values in table.items():
            np.testing.assert_array_equal(glyphs[label].data_source.data[column], values)


def test_paths_and_landmarks_in_the_plane(ds):
    tables = PLANE.tables(ds, moment=10)
    for i, run in enumerate(RUNS):
        np.testing.assert_array_equal(pairs(tables[run]), ds.weights.values[i])
        np.testing.assert_array_equal(pairs(tables[run + NOW])[0], ds.weights.values[i, 10])
    np.testing.assert_array_equal(pairs(tables[START]), ds.weights.values[:1, 0])
    np.testing.assert_array_equal(pairs(tables[FOOT])[0], ds.foot_parameters)
    np.testing.assert_array_equal(pairs(tables[GEODESIC]), ds.geodesic_parameters)
    fig = rendered("parameter_plane", ds)
    assert (fig.x_range.start, fig.x_range.end) == (ds.plane_1.values[0], ds.plane_1.values[-1])
    assert (fig.y_range.start, fig.y_range.end) == (ds.plane_2.values[0], ds.plane_2.values[-1])


def test_contours_lie_where_the_loss_has_their_levels(ds):
    found = [r for r in rendered("parameter_plane", ds).renderers if isinstance(r, ContourRenderer)]
    assert len(found) == 1
    assert found[0].level == "image"  # below all paths
    lines = found[0].line_renderer.data_source.data
    checked = 0
    for xs, ys, level in zip(lines["xs"], lines["ys"], lines["levels"], strict=True):
        inside = np.isfinite(xs)
        if not inside.any():
            continue  # the outermost levels, which the loss only touches
        xs, ys = (np.clip(v, *ds[k].values[[0, -1]]) for v, k in ((xs, "plane_1"), (ys, "plane_2")))
        loss = ds.plane_loss.interp(
            plane_1=("p", np.asarray(xs)[inside]), plane_2=("p", np.asarray(ys)[inside])
        )
        # the contour is straight between mesh points in log loss, the interpolation bilinear in loss
        np.testing.assert_allclose(np.log10(loss), level, atol=0.02)
        checked += inside.sum()
    assert checked > 500


def test_bands_begin_at_a_floor_and_end_below_what_runs_to_infinity():
    loss = np.geomspace(1e-30, 1e3, 10_000)
    shades = _shades(loss)
    assert len(shades.palette) == LEVELS
    assert shades.low == pytest.approx(1e-4 * np.median(loss))
    assert shades.low < shades.high < 1e3
    for flat in (np.full(9, np.nan), np.ones(9)):
        assert _shades(flat).low == _shades(flat).high, "no bands"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 1.0])
def test_a_plane_without_contours_still_shows_the_paths(ds, bad):
    flat = ds.copy(deep=True)
    flat["plane_loss"].values[:] = bad
    assert not contours_of(rendered("parameter_plane", flat)).visible
    flat["plane_loss"].values[:] = ds.plane_loss.values
    flat["plane_loss"].values[:9] = bad  # a part of the plane
    assert contours_of(rendered("parameter_plane", flat)).visible


def contours_of(fig):
    (found,) = (r for r in fig.renderers if isinstance(r, ContourRenderer))
    return found


def test_refilled_contours_are_those_drawn_afresh(ds):
    drawing = Drawing(PLANE, ds)
    other = ds.copy(deep=True)
    for loss in (np.nan, ds.plane_loss.values[::-1] * 3 + 0.1):  # none in between, then others
        other["plane_loss"].values[:] = loss
        assert drawing.shows(*read(PLANE, other)), "contours are brought up to date in place"
        drawing.update(*read(PLANE, other))
    fig, fresh = drawing.figure, rendered("parameter_plane", other)
    for part in ("fill_renderer", "line_renderer"):
        old, new = (getattr(contours_of(f), part).data_source.data for f in (fig, fresh))
        assert old.keys() == new.keys()
        assert all(same_nested(old[name], new[name]) for name in old)
    assert contours_of(fig).levels == contours_of(fresh).levels
    bars = [f.right[0] for f in (fig, fresh)]
    assert bars[0].major_label_overrides == bars[1].major_label_overrides
    assert bars[0].color_mapper.high == bars[1].color_mapper.high


def same_nested(old, new):
    """Return whether lists of lists of arrays, or plain values, are the same."""
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(same_nested, old, new))
    return np.array_equal(old, new, equal_nan=np.asarray(old).dtype.kind == "f")


def test_parameters_are_named_after_their_chart():
    assert rendered("parameter_plane", made_surface(SPHERE, 5)).xaxis[0].axis_label == "w₁"
    assert rendered("parameter_plane", made_surface(SPHERE, 5, chart="bent")).xaxis[0].axis_label == "v₁"


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308])
def test_broken_runs_break_no_figure(name, ds, bad):
    broken = ds.copy(deep=True)
    for variable in ("prediction", "weights"):
        broken[variable].values[0, 5:] = bad
    broken["tangent"].values[0, 5:] = np.nan
    tables = VIEWS[name].tables(broken)
    columns = [c for table in tables.values() for c in table.values() if c.dtype.kind == "f"]
    assert not any(np.isinf(column).any() for column in columns)
    assert np.isfinite(VIEWS[name].limits(tables)).all()
    rendered(name, broken)
    rendered(name, without_foot(broken))


@pytest.mark.parametrize("chart", ["plain", "bent"])
def test_curvature_along_the_paths(chart):
    ds = made_surface(PATCH, chart=chart)
    true = PATCH.curvature(to_base(np.moveaxis(ds.weights.values, -1, 0), chart))
    # to first order on cells of 0.09: an error of h^2 K'' / 2, K'' up to 3
    np.testing.assert_allclose(along(ds), true, atol=0.01)
    left = np.linalg.norm(ds.prediction.values - ds.y.values, axis=-1)
    np.testing.assert_allclose(bend(ds) ** 2, np.abs(along(ds)) * left**2, rtol=1e-12)
    sphere = made_surface(SPHERE, chart=chart)
    np.testing.assert_allclose(along(sphere), 1, rtol=1e-9)


def test_curvature_off_the_mesh_is_unknown():
    ds = made_surface(PATCH).copy(deep=True)
    ds["prediction"].values[0, 7] += 1.0
    assert np.isnan(along(ds)[0, 7])
    assert np.isfinite(np.delete(along(ds)[0], 7)).all()
    ds["curvature"].values[:] = np.nan
    assert np.isnan(along(ds)).all()


def test_the_normal_share_is_that_of_the_angle(ds):
    share = normal_share(ds)
    normal = np.cross(*np.moveaxis(ds.tangent.values, -1, 0))
    residual = ds.prediction.values - ds.y.values
    sine = np.abs((normal * residual).sum(-1)) / np.linalg.norm(residual, axis=-1)
    np.testing.assert_allclose(share, sine, atol=1e-12)
    assert share[0, -1] == pytest.approx(1, abs=1e-9)  # at the foot all of it is normal


def test_a_surface_stretched_by_alpha_is_flat():
    ds, alpha = made_surface(PATCH), 10.0
    wide = ds.copy(deep=True)
    start = ds.prediction.values[0, 0]
    for name in ("mesh", "prediction"):
        wide[name].values[:] = start + alpha * (ds[name].values - start)
    wide["curvature"].values[:] = ds.curvature.values / alpha**2
    wide["y"].values[:] = ds.y.values
    np.testing.assert_allclose(bend(wide)[:, 0] * alpha, bend(ds)[:, 0], rtol=1e-6)


def test_the_axis_of_angles_starts_at_none_and_ends_at_half_a_turn(ds):
    view = VIEWS["curvature"]
    tables = view.tables(ds)
    curves = [label for run in RUNS for label in (run + NORMAL, run)]
    assert list(tables) == [*curves, *[run + ENDED for run in RUNS]]
    assert view.limits(tables)[0] == 0
    tables[GAUSS_NEWTON]["angle"] = np.full(119, 1e5)
    assert view.limits(tables)[1] == pytest.approx(1.08 * TURNED)


def test_blended_colours_keep_their_ends():
    assert blend(LOSS_PALETTE, len(LOSS_PALETTE)) == list(LOSS_PALETTE)
    assert blend(("#000000", "#ffffff"), 3) == ["#000000", "#808080", "#ffffff"]


def test_the_window_is_the_edge_of_the_plane(ds):
    np.testing.assert_array_equal(pairs(PLANE.tables(ds)[WINDOW])[0], [ds.plane_1[0], ds.plane_2[0]])
