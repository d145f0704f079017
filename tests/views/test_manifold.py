"""The figure of the predictor manifold, on surfaces in closed form."""

import numpy as np
import pytest
from made_surfaces import GAUSS_NEWTON, GRADIENT_FLOW, PATCH, RUNS, SPHERE, made_surface, without_foot

from gnviz.methods import display_name
from gnviz.views import VIEWS
from gnviz.views.backends.plotly import drawing
from gnviz.views.base import NOW, OTHER
from gnviz.views.figures.manifold.figure import (
    CORNER,
    FLOOR,
    MOST_MESH,
    NORMAL,
    PLANE,
    RESIDUAL,
    SURFACE,
    TANGENT,
    _shades,
)
from gnviz.views.figures.manifold.scene import FOOT, GEODESIC, START, TARGET, box, eye, split
from gnviz.views.style import CURVATURE_PALETTE, LOSS_PALETTE, darker

MANIFOLD = VIEWS["manifold"]
SINGLE = 1e-6
"""Of single precision, in which the tables travel: 6e-8 of coordinates of size 3, and sums of a few."""


@pytest.fixture(scope="module", params=[SPHERE, PATCH], ids=["sphere", "patch"])
def ds(request):
    return made_surface(request.param)


def drawn_by_plotly(ds, **options):
    tables = MANIFOLD.tables(ds, **options)
    return drawing(MANIFOLD.marks(ds, tables, **options), tables)


def color_range(color, values):
    shades = _shades(color, values)
    return shades.low, shades.high


def points(table):
    return np.stack([table[name] for name in "xyz"], axis=1).astype(float)


@pytest.mark.parametrize("run", [0, 1])
@pytest.mark.parametrize("moment", [0, 30, 70, None])
def test_the_split_is_exact(ds, run, moment):
    at = -1 if moment is None else moment
    now = split(ds, run, moment)
    u, y, basis = (v.values for v in (ds.prediction[run, at], ds.y, ds.tangent[run, at]))
    np.testing.assert_array_equal(now.point, u)
    np.testing.assert_allclose(now.tangent + now.normal, y - u, rtol=0, atol=1e-12)
    assert abs(now.tangent @ now.normal) < 1e-12
    np.testing.assert_allclose(basis.T @ now.normal, 0, atol=1e-12)
    np.testing.assert_allclose(now.along.T @ now.along, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(basis @ basis.T @ now.along, now.along, atol=1e-12)  # the same plane


def test_tables_hold_the_split_of_the_chosen_run_and_moment(ds):
    tables = MANIFOLD.tables(ds, run=GRADIENT_FLOW, moment=40)
    u, y = ds.prediction.values[1, 40], ds.y.values
    tangent, normal = (points(tables[label]) for label in (TANGENT, NORMAL))
    for line in (tangent, normal, points(tables[RESIDUAL])):
        np.testing.assert_allclose(line[0], u, rtol=SINGLE)
    np.testing.assert_allclose(tangent[1] + normal[1] - u, y, atol=3 * SINGLE)
    np.testing.assert_allclose(points(tables[RESIDUAL])[1], y, rtol=SINGLE)
    plane = points(tables[PLANE])
    np.testing.assert_array_equal(plane[0], plane[4])
    np.testing.assert_allclose(plane[:4].mean(axis=0), u, atol=SINGLE)
    np.testing.assert_allclose((plane - u) @ (normal[1] - normal[0]), 0, atol=10 * SINGLE)
    a, b = np.diff(points(tables[CORNER]), axis=0)
    assert abs(a @ b) < SINGLE


def test_the_tangent_plane_turns_smoothly():
    ds = made_surface(PATCH).copy(deep=True)
    angle = np.random.default_rng(0).uniform(0, 6, ds.sizes["time"])
    turn = np.moveaxis([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], -1, 0)
    before = [split(ds, 0, k).along for k in range(ds.sizes["time"])]
    ds["tangent"].values[0] = ds.tangent.values[0] @ turn
    after = [split(ds, 0, k).along for k in range(ds.sizes["time"])]
    # the direction is that of a tangent part of 1e-3 of the residual, known to 1e-16 of it
    np.testing.assert_allclose(before, after, atol=1e-11)
    assert max(np.linalg.norm(np.diff(before, axis=0), axis=(1, 2))) < 0.5


def test_the_moment_moves_what_is_now_and_no_path(ds):
    early, late = MANIFOLD.tables(ds, moment=20), MANIFOLD.tables(ds)
    moved = {label for label in late if not np.array_equal(points(early[label]), points(late[label]))}
    assert moved == {PLANE, RESIDUAL, TANGENT, NORMAL, CORNER, *(run + NOW for run in RUNS)}
    for i, run in enumerate(RUNS):
        np.testing.assert_allclose(points(early[run + NOW])[0], ds.prediction.values[i, 20], rtol=SINGLE)
        np.testing.assert_allclose(points(late[run + NOW])[0], ds.prediction.values[i, -1], rtol=SINGLE)
        np.testing.assert_allclose(points(late[run]), ds.prediction.values[i], rtol=SINGLE)


def test_landmarks_and_mesh(ds):
    tables = MANIFOLD.tables(ds)
    np.testing.assert_allclose(points(tables[TARGET])[0], ds.y, rtol=SINGLE)
    np.testing.assert_allclose(points(tables[FOOT])[0], ds.foot, rtol=SINGLE)
    np.testing.assert_allclose(points(tables[START]), ds.prediction.values[:1, 0], rtol=SINGLE)
    np.testing.assert_allclose(points(tables[GEODESIC]), ds.geodesic, atol=SINGLE)
    np.testing.assert_allclose(
        points(tables[SURFACE]).reshape(ds.mesh.shape), ds.mesh, rtol=SINGLE, atol=SINGLE
    )
    for color, name in (("loss", "mesh_loss"), ("curvature", "curvature")):
        shown = MANIFOLD.tables(ds, color=color)[SURFACE]["color"]
        np.testing.assert_allclose(shown, ds[name].values.ravel(), rtol=SINGLE)
    assert not MANIFOLD.tables(ds, color="plain")[SURFACE]["color"].any()


def test_a_reference_shows_who_moves():
    ds, bent = (made_surface(SPHERE, moments=70, chart=chart) for chart in ("plain", "bent"))
    tables = MANIFOLD.tables(ds, reference=bent)
    apart = [np.abs(points(tables[run]) - points(tables[run + OTHER])).max() for run in RUNS]
    assert apart[0] < 1e-6
    assert apart[1] > 0.5
    traces = {t["name"]: t for t in drawn_by_plotly(ds, reference=bent)["data"] if t.get("mode") == "lines"}
    dashed = traces[display_name(GAUSS_NEWTON) + OTHER]["line"]
    solid = traces[display_name(GAUSS_NEWTON)]["line"]
    assert dashed["dash"] == "dash"
    assert dashed["width"] < solid["width"]
    assert dashed["color"] == darker(solid["color"])  # both are seen where they coincide


def test_right_angles_are_right(ds):
    layout = drawn_by_plotly(ds)["layout"]
    scene, spans = layout["scene"], np.diff(box(ds), axis=1).ravel()
    shape = np.array([scene["aspectratio"][name] for name in "xyz"])
    np.testing.assert_allclose(shape / shape.max(), spans / spans.max(), rtol=1e-12)
    assert scene["aspectmode"] == "manual"
    for k, name in enumerate("xyz"):
        assert scene[f"{name}axis"]["range"] == list(box(ds)[k])
        assert scene[f"{name}axis"]["title"]["text"] == "u" + "₁₂₃"[k]


def test_ranges_and_camera_are_known_from_the_start():
    early, late = (drawn_by_plotly(made_surface(PATCH, count))["layout"] for count in (1, None))
    assert early == late
    assert late["uirevision"] == "const"


def test_a_mesh_that_runs_to_infinity_leaves_the_ranges(ds):
    far = ds.copy(deep=True)
    far["mesh"].values[0], far["mesh"].values[-1] = 1e6, np.inf
    far["mesh_loss"].values[0], far["mesh_loss"].values[-1] = 1e12, np.inf
    extent = max(high - low for low, high in box(far))
    assert extent <= max(high - low for low, high in box(ds))
    for low, high in box(far):
        assert np.isfinite([low, high]).all()
    table = MANIFOLD.tables(far)[SURFACE]
    assert not any(np.isinf(column).any() for column in table.values())


def test_the_eye_is_on_the_targets_side(ds):
    seen = eye(ds)
    assert np.linalg.norm(seen) == pytest.approx(1)
    assert seen @ (ds.y.values - ds.foot.values) > 0
    assert np.abs(seen).min() > 0.25, "no axis is seen end on, and none in one line with another"
    assert np.linalg.norm(eye(without_foot(ds))) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("options", [{}, {"color": "curvature"}, {"run": GRADIENT_FLOW}], ids=str)
def test_traces_come_always_in_the_same_order(ds, options):
    usual = [(t["type"], t["name"]) for t in drawn_by_plotly(ds)["data"]]
    for other in (ds, made_surface(SPHERE, 0), made_surface(PATCH, 1), without_foot(ds)):
        drawn = [(t["type"], t["name"]) for t in drawn_by_plotly(other, **options)["data"]]
        assert drawn == usual


def test_plotly_takes_every_trace(ds):
    from plotly.graph_objects import Figure

    for options in ({}, {"color": "curvature"}, {"color": "plain", "reference": ds}):
        assert len(Figure(drawn_by_plotly(ds, **options)).data) >= 17  # with every property checked


def test_what_goes_nowhere_has_no_right_angle():
    ds = made_surface(SPHERE).copy(deep=True)
    ds["y"].values[:] = ds.prediction.values[0, -1]  # the run stands on its target
    tables = MANIFOLD.tables(ds)
    assert len(tables[CORNER]["x"]) == 0
    heads = [
        t for t in drawn_by_plotly(ds)["data"] if t["type"] == "mesh3d" and t["name"] in (TANGENT, NORMAL)
    ]
    assert [t["visible"] for t in heads] == [False, False]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_broken_run_breaks_nothing(ds, bad):
    broken = ds.copy(deep=True)
    broken["prediction"].values[0, 40:] = bad
    broken["tangent"].values[0, 40:] = np.nan
    tables = MANIFOLD.tables(broken)
    np.testing.assert_allclose(points(tables[TANGENT])[0], ds.prediction.values[0, 39], rtol=SINGLE)
    assert not any(np.isinf(column).any() for table in tables.values() for column in table.values())
    broken["prediction"].values[0] = bad
    broken["tangent"].values[0] = np.nan
    tables = MANIFOLD.tables(broken)
    assert all(len(tables[label]["x"]) == 0 for label in (TANGENT, NORMAL, PLANE, GAUSS_NEWTON + NOW))
    drawn_by_plotly(broken)


def test_without_foot_and_geodesic(ds):
    bare = without_foot(ds)
    tables = MANIFOLD.tables(bare)
    assert len(tables[FOOT]["x"]) == 0
    assert np.isnan(points(tables[GEODESIC])).all()
    assert np.isfinite(box(bare)).all()
    drawn_by_plotly(bare)


def test_options_that_name_nothing_are_told(ds):
    with pytest.raises(ValueError, match="color is 'heat'; it may be loss, curvature, plain"):
        MANIFOLD.tables(ds, color="heat")
    with pytest.raises(ValueError, match=r"'newton'.*gauss-newton, gradient-flow"):
        MANIFOLD.tables(ds, run="newton")
    with pytest.raises(ValueError, match="moment 120 is not recorded; there are 120"):
        MANIFOLD.tables(ds, moment=120)
    with pytest.raises(ValueError, match="the reference has other runs: momentum"):
        MANIFOLD.tables(ds, reference=ds.assign_coords(run=[GAUSS_NEWTON, "momentum"]))
    with pytest.raises(ValueError, match="'mesh'"):
        MANIFOLD.tables(ds, reference=ds.drop_vars("mesh"))


def test_colours_of_loss_and_curvature():
    surface = [
        drawn_by_plotly(made_surface(PATCH), color=c)["data"][0] for c in ("loss", "curvature", "plain")
    ]
    loss, curvature, plain = surface
    assert loss["colorscale"][0][1] == LOSS_PALETTE[0]
    assert loss["colorbar"]["ticktext"] == ["1", "1e1"]  # logarithmic
    np.testing.assert_allclose(
        10.0 ** loss["intensity"], made_surface(PATCH).mesh_loss.values.ravel(), rtol=1e-5
    )
    assert curvature["cmin"] == -curvature["cmax"]
    assert len(CURVATURE_PALETTE) % 2  # flat has a colour of its own
    assert not plain["showscale"]
    for trace in surface:
        assert trace["meta"]["colorscale"] == trace["colorscale"]  # a page's theme has one of its own


def test_limits_of_the_colours_are_robust():
    values = np.append(np.linspace(-1, 1, 1000), [1e9, np.nan])
    low, high = color_range("curvature", values)
    assert (low, high) == (-high, pytest.approx(1, abs=0.05))
    assert color_range("loss", np.array([0.0, 8.0])) == (8 * FLOOR, 8)
    assert color_range("loss", np.array([2.0, np.nan, 8.0])) == (2, 8)
    for color in ("loss", "curvature"):
        low, high = color_range(color, np.full(3, np.nan))
        assert low < high
        low, high = color_range(color, np.zeros(3))
        assert low < high


def test_a_large_mesh_is_thinned_to_the_same_piece():
    tables = MANIFOLD.tables(made_surface(PATCH, mesh=81))
    assert len(tables[SURFACE]["x"]) == 41**2 <= MOST_MESH**2
    assert {tables[SURFACE]["x"].min(), tables[SURFACE]["x"].max()} == {np.float32(-2.2), np.float32(2.2)}
    trace = drawn_by_plotly(made_surface(PATCH, mesh=81))["data"][0]
    assert trace["x"].shape == trace["intensity"].shape == (41**2,)


def test_the_surface_is_two_triangles_for_each_cell_and_has_the_gaps_of_its_mesh():
    trace = drawn_by_plotly(made_surface(PATCH))["data"][0]
    corners = np.stack([trace[name] for name in "ijk"], axis=1)
    assert len(corners) == 2 * 40**2
    points = np.stack([trace[name] for name in "xyz"], axis=1).astype(float)
    sides = points[corners[:, 1:]] - points[corners[:, :1]]
    assert (np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) > 0).all(), "none is degenerate"
    gap = made_surface(PATCH).copy(deep=True)
    gap["mesh"].values[3, 4] = np.nan
    fewer = drawn_by_plotly(gap)["data"][0]
    assert len(fewer["i"]) == len(corners) - 6, "a point inside belongs to six triangles"
    assert 3 * 41 + 4 not in np.concatenate([fewer[name] for name in "ijk"])


def test_a_long_path_is_thinned_without_corners():
    full = made_surface(PATCH, moments=2000)
    thin = points(MANIFOLD.tables(full)[GRADIENT_FLOW])
    path = full.prediction.values[1]
    assert 100 < len(thin) <= 150
    np.testing.assert_allclose(thin[[0, -1]], path[[0, -1]], rtol=SINGLE)
    steps, length = (np.linalg.norm(np.diff(p, axis=0), axis=1) for p in (thin, path))
    assert steps.max() < 2 * length.sum() / len(thin)
    broken = full.copy(deep=True)
    broken["prediction"].values[1, 500:] = np.nan
    assert len(MANIFOLD.tables(broken)[GRADIENT_FLOW]["x"]) <= 150


def test_lines_are_drawn_close_to_the_surface_on_both_sides(ds):
    trace = next(t for t in drawn_by_plotly(ds)["data"] if t["name"] == display_name(GAUSS_NEWTON))
    drawn, path = points(trace), ds.prediction.values[0]
    count = len(path)
    assert len(drawn) == 2 * count + 1
    assert np.isnan(drawn[count]).all()
    above, below = drawn[:count] - path, drawn[count + 1 :] - path
    np.testing.assert_allclose(above, -below, atol=2 * SINGLE)
    size = max(high - low for low, high in box(ds))
    np.testing.assert_allclose(np.linalg.norm(above, axis=1), 0.004 * size, rtol=1e-3)
    normal = np.cross(*np.moveaxis(ds.tangent.values[0], -1, 0))
    # the mesh's normal turns by up to half a cell: 0.1 on both surfaces
    assert (np.abs((above * normal).sum(axis=1)) > 0.98 * np.linalg.norm(above, axis=1)).all()
