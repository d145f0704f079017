import json

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource, ContourRenderer
from made import made_dataset, made_header, made_recording, made_snapshots, usual_figures
from made_surfaces import PATCH, SPHERE, made_surface

from gnviz.lab.figures.live_figure import LiveFigure, live
from gnviz.lab.figures.live_surface import APART, INTERVAL, LiveSurface, same
from gnviz.results import Recording
from gnviz.views import VIEWS
from gnviz.views.backends.bokeh.sources import SHORT, push
from gnviz.views.figures.parameter_plane import LOSS

USUAL = usual_figures()

HORIZON = (1e-2, 1e7)


class Spy:
    """Notes what is sent to a source."""

    def __init__(self, source, monkeypatch):
        self.streamed, self.replaced = [], 0
        stream = type(source).stream

        def note(this, new, rollover=None):
            if this is source:
                self.streamed.append({k: np.array(v) for k, v in new.items()})
            stream(this, new, rollover)

        monkeypatch.setattr(type(source), "stream", note)
        source.on_change("data", lambda attr, old, new: setattr(self, "replaced", self.replaced + 1))


def assert_shows(figure, ds):
    tables = figure.view.tables(ds, **figure.options)
    tables.pop(LOSS, None)  # drawn as contours
    assert figure.sources.keys() == tables.keys()
    for label, table in tables.items():
        for name, values in table.items():
            np.testing.assert_array_equal(figure.sources[label].data[name], values, err_msg=f"{label} {name}")


def test_kinds_of_lines_are_explained_also_where_runs_are_not_named():
    ds = made_dataset()
    words = {}
    for legend in (True, False):
        for name in ("loss", "modes", "fit", "drift", "distance", "spectrum"):
            figure = live(VIEWS[name], legend=legend)
            figure.begin(ds)
            items = [item for of in figure.figure.legend if of.visible for item in of.items]
            shown = [item.label.value for item in items if item.visible]
            words[name, legend] = shown
    runs = ["gradient flow", "constant ρ=0.01", "adaptive c=1"]
    assert words["loss", True] == [*runs, "certified bound", "promised bound"]
    assert words["loss", False] == ["certified bound", "promised bound"]
    assert words["modes", True] == words["modes", False] == ["frozen kernel"]
    assert words["fit", True] == ["data", *runs, "target function"]
    assert words["fit", False] == ["target function"]
    assert words["drift", False] == ["kernel", "weights", "lazy gap"]
    assert words["distance", True] == [*runs, "path", "distance"]
    assert words["spectrum", False] == []


@pytest.mark.parametrize("name", USUAL)
def test_growing_ends_equal_to_a_fresh_drawing(name):
    header = made_header(moments=40)
    recording, snapshots = Recording(header), made_snapshots(header)
    figure = live(VIEWS[name], time_range=HORIZON)
    recording.append(next(snapshots))
    figure.begin(recording.dataset())
    drawn = figure.figure
    for i, snapshot in enumerate(snapshots):
        recording.append(snapshot)
        if i % 3 == 0 or recording.count == 40:
            figure.update(recording.dataset())
    assert figure.figure is drawn
    assert_shows(figure, recording.dataset())
    fresh = live(VIEWS[name], time_range=HORIZON)
    fresh.begin(recording.dataset())
    assert (drawn.y_range.start, drawn.y_range.end) == (fresh.figure.y_range.start, fresh.figure.y_range.end)
    assert (drawn.x_range.start, drawn.x_range.end) == (fresh.figure.x_range.start, fresh.figure.x_range.end)


def test_only_the_tail_is_streamed(monkeypatch):
    figure = LiveFigure(VIEWS["loss"], time_range=HORIZON)
    figure.begin(made_dataset(10))
    spy = Spy(figure.sources["gradient-flow"], monkeypatch)
    figure.update(made_dataset(10))
    assert spy.streamed == []
    later = made_dataset(14)
    figure.update(later)
    assert len(spy.streamed) == 1
    np.testing.assert_array_equal(spy.streamed[0]["time"], later["time"].values[10:])
    np.testing.assert_array_equal(spy.streamed[0]["loss"], later["loss"].values[0, 10:])


def test_what_is_not_a_tail_is_replaced_once(monkeypatch):
    figure = LiveFigure(VIEWS["fit"])
    figure.begin(made_dataset(50))
    data, curve = (Spy(figure.sources[k], monkeypatch) for k in ("data", "gradient-flow"))
    figure.update(made_dataset(120))
    assert (data.replaced, curve.replaced) == (0, 1)
    assert not data.streamed
    assert not curve.streamed


def pushed(source, table):
    """Return the kinds of events that a push causes, and the columns that a patch names."""
    document, events = Document(), []
    document.add_root(source)
    document.on_change(events.append)
    push(source, table)
    kinds = [(type(e).__name__, sorted(getattr(e, "patches", {}))) for e in events]
    document.clear()
    return kinds


@pytest.mark.parametrize(
    ("count", "how"), [(SHORT, "ColumnsPatchedEvent"), (SHORT + 1, "ColumnDataChangedEvent")]
)
def test_only_columns_that_differ_travel_where_they_are_short(count, how):
    source = ColumnDataSource()
    push(source, {"x": np.arange(count), "y": np.full(count, np.nan)})
    after = {"x": np.arange(count), "y": np.arange(count) / 3}
    assert pushed(source, after) == [(how, ["y"] if "Patched" in how else [])]
    assert pushed(source, after) == []
    np.testing.assert_array_equal(source.data["y"], after["y"])


def test_numbers_of_another_kind_are_not_rounded_into_a_column():
    source = ColumnDataSource()
    push(source, {"x": np.arange(3)})
    push(source, {"x": np.array([0.5, 1.5, 2.5])})
    np.testing.assert_array_equal(source.data["x"], [0.5, 1.5, 2.5])


def test_a_column_that_cannot_be_written_is_replaced():
    source = ColumnDataSource()
    source.data = {"x": np.frombuffer(np.arange(3.0).tobytes())}
    push(source, {"x": np.array([1.0, 2.0, 3.0])})
    np.testing.assert_array_equal(source.data["x"], [1, 2, 3])


def test_a_push_leaves_the_table_before_alone():
    source, before = ColumnDataSource(), {"x": np.arange(3.0)}
    push(source, before)
    push(source, {"x": np.array([1.0, 2.0, 3.0])})
    np.testing.assert_array_equal(before["x"], [0, 1, 2])


def test_push_knows_nan_from_change():
    source = ColumnDataSource({"x": np.array([1.0, np.nan])})
    before = source.data["x"]
    push(source, {"x": np.array([1.0, np.nan])})
    assert source.data["x"] is before
    push(source, {"x": np.array([1.0, np.nan, 3.0])})
    np.testing.assert_array_equal(source.data["x"], [1, np.nan, 3])
    push(source, {"x": np.array([2.0])})
    np.testing.assert_array_equal(source.data["x"], [2])


def test_the_axis_follows_until_the_user_zooms():
    figure = LiveFigure(VIEWS["loss"], time_range=HORIZON)
    figure.begin(made_dataset(5))
    upright = figure.figure.y_range
    low = upright.start
    figure.update(made_dataset(100))
    assert upright.start < low
    upright.update(start=1e-3, end=1.0)
    figure.update(made_dataset(150))
    assert (upright.start, upright.end) == (1e-3, 1.0)
    assert upright.reset_start < 1e-3
    upright.update(start=upright.reset_start, end=upright.reset_end)  # the reset button
    figure.update(made_dataset(160))
    assert upright.start == upright.reset_start


def test_without_follow_the_axis_stays():
    figure = LiveFigure(VIEWS["loss"], time_range=HORIZON, follow=False)
    figure.begin(made_dataset(5))
    before = figure.figure.y_range.start
    figure.update(made_dataset(160))
    assert figure.figure.y_range.start == before


def test_the_time_axis_covers_what_is_known_in_advance():
    figure = LiveFigure(VIEWS["modes"], time_range=HORIZON)
    figure.begin(made_dataset(3))
    assert figure.figure.x_range.end == pytest.approx(1.3e7)
    figure.begin(made_dataset(3), time_range=(0, 1e3))
    assert figure.figure.x_range.end == pytest.approx(1.3e3)


def test_a_log_axis_that_starts_at_zero_learns_its_first_moment():
    figure = LiveFigure(VIEWS["loss"], time_range=(0.0, 1e7))
    figure.begin(made_dataset(1))
    figure.update(made_dataset(2))
    assert figure.figure.x_range.start == pytest.approx(1e-2 / 1.3)
    drawn = figure.figure
    figure.update(made_dataset(3))
    assert figure.figure is drawn


def test_another_run_of_the_same_shape_reuses_the_figure():
    figure = LiveFigure(VIEWS["modes"], time_range=HORIZON)
    figure.begin(made_dataset())
    drawn = figure.figure
    drawn.x_range.update(start=1.0, end=2.0)
    figure.begin(made_dataset(30), run="adaptive(c=1)")
    assert figure.figure is drawn
    assert drawn.x_range.end == pytest.approx(1.3e7)
    assert_shows(figure, made_dataset(30))


def renamed(ds, old="constant(rho=0.01)", new="constant(rho=0.02)"):
    """Return a Dataset whose one run has another name."""
    names = np.array([str(run).replace(old, new) for run in ds["run"].values], dtype=object)
    return ds.assign_coords(run=names, method=("run", names))


@pytest.mark.parametrize("name", USUAL)
def test_a_run_of_another_name_is_shown_in_the_same_figure(name):
    figure = LiveFigure(VIEWS[name], time_range=HORIZON)
    figure.begin(made_dataset(30))
    drawn = figure.figure
    figure.begin(renamed(made_dataset(30)))
    assert figure.figure is drawn
    assert_shows(figure, renamed(made_dataset(30)))
    fresh = LiveFigure(VIEWS[name], time_range=HORIZON)
    fresh.begin(renamed(made_dataset(30)))
    told = [
        [(item.name, item.label) for of in one.figure.legend for item in of.items] for one in (figure, fresh)
    ]
    assert told[0] == told[1]
    names = [[drawn.name for drawn in one.figure.renderers] for one in (figure, fresh)]
    assert names[0] == names[1]


def test_runs_that_change_places_are_drawn_anew():
    figure = LiveFigure(VIEWS["loss"], time_range=HORIZON)
    figure.begin(made_dataset(30))
    drawn = figure.figure
    figure.begin(made_dataset(30).isel(run=[2, 0, 1]))
    assert figure.figure is not drawn


@pytest.mark.parametrize("settings", [{"n": 6}, {"runs": 2}, {"grid": 0}, {"clock": "steps"}], ids=str)
@pytest.mark.parametrize("name", USUAL)
def test_another_experiment_is_drawn_anew_in_the_same_pane(name, settings):
    figure = LiveFigure(VIEWS[name])
    figure.begin(made_dataset(20))
    pane = figure.pane
    figure.update(made_dataset(20, **settings))
    figure.begin(made_dataset(20, **settings))
    assert figure.pane is pane
    assert_shows(figure, made_dataset(20, **settings))


def test_another_scale_is_drawn_anew():
    figure = LiveFigure(VIEWS["loss"], time_range=HORIZON)
    figure.begin(made_dataset(20))
    drawn = figure.figure
    figure.begin(made_dataset(20), time_scale="linear", bound=False)
    assert figure.figure is not drawn
    assert figure.figure.x_range.start == 0
    assert_shows(figure, made_dataset(20))


def test_update_before_show_draws():
    figure = LiveFigure(VIEWS["loss"])
    figure.update(made_dataset(2))
    assert figure.figure is not None


def test_the_surface_is_updated_at_most_so_often(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("gnviz.lab.figures.live_surface.monotonic", lambda: now[0])
    ds = made_surface(PATCH)
    surface = live(VIEWS["manifold"])
    assert isinstance(surface, LiveSurface)
    surface.begin(ds.isel(time=slice(2)))
    first = surface.pane.object
    now[0] += 0.9 * INTERVAL
    assert not surface.update(ds.isel(time=slice(3)))
    assert surface.pane.object is first
    now[0] += 0.2 * INTERVAL
    assert surface.update(ds.isel(time=slice(5)))
    assert surface.pane.object is not first


def test_a_camera_that_was_turned_stays_with_a_drawing_made_anew():
    path = live(VIEWS["function_space"])
    path.begin(made_dataset(20))
    camera = path.figure.select_one({"name": "camera"})
    camera.data = dict(camera.data) | {"azimuth": [2.5]}
    drawn = path.figure
    path.begin(made_dataset(20, runs=1))
    assert path.figure is not drawn
    assert path.figure.select_one({"name": "camera"}).data["azimuth"] == [2.5]


@pytest.mark.parametrize("name", USUAL)
def test_figures_render_in_a_page(name):
    figure = live(VIEWS[name])
    figure.begin(made_recording(4).dataset())
    assert figure.__panel__().get_root() is not None


def sent(path, show):
    """Return the bytes of each array that `show` sends, by trace's name, kind and place, and of all else."""
    model = path.pane.get_root()
    before = [dict(source.data) for source in model.data_sources]
    show()
    arrays = {
        (trace["name"], trace.get("mode", trace["type"]), name, place): column[0].nbytes
        for place, (trace, source, old) in enumerate(zip(model.data, model.data_sources, before, strict=True))
        for name, column in source.data.items()
        if name not in old or old[name][0] is not column[0]
    }
    return arrays, len(json.dumps([model.data, model.layout]))


SURFACE_LIMIT = 60_000
"""Bytes of one update of three-dimensional data."""


@pytest.mark.parametrize("surface", [SPHERE, PATCH], ids=["sphere", "patch"])
def test_a_surface_travels_once(surface):
    ds = made_surface(surface, moments=400)
    ds["mesh"].values[3, 4] = np.nan  # a gap must not look like a change
    path = live(VIEWS["manifold"])
    path.begin(ds.isel(time=slice(50)), reference=ds)
    arrays, rest = sent(path, lambda: path.begin(ds.isel(time=slice(90))))
    assert arrays
    assert not any("M" in key or "geodesic" in key or "other chart" in key[0] for key in arrays)
    assert sum(arrays.values()) + rest < SURFACE_LIMIT / 2
    arrays, _ = sent(path, lambda: path.begin(ds.isel(time=slice(90)), moment=20))
    assert sum(arrays.values()) < 2000
    assert not any(key[0] in ("gauss-newton", "gradient-flow") and key[1] == "lines" for key in arrays)
    arrays, _ = sent(path, lambda: path.begin(ds.isel(time=slice(90)), moment=20))
    assert not arrays
    arrays, rest = sent(path, lambda: path.begin(ds.isel(time=slice(90)), moment=20, color="curvature"))
    assert [key[:3] for key in arrays] == [("M", "mesh3d", "intensity")]
    assert sum(arrays.values()) + rest < SURFACE_LIMIT


def test_another_surface_travels_within_the_limit():
    path = live(VIEWS["manifold"])
    path.begin(made_surface(SPHERE, moments=400), reference=made_surface(SPHERE, moments=400))
    new = made_surface(PATCH, moments=400)
    arrays, rest = sent(path, lambda: path.begin(new, reference=new))
    assert ("M", "mesh3d", "x", 0) in arrays
    assert ("M", "mesh3d", "i", 0) not in arrays, "the triangles are the same"
    assert sum(arrays.values()) + rest < SURFACE_LIMIT
    new["mesh"].values[3, 4] = np.nan
    _, rest = sent(path, lambda: path.begin(new, reference=new))
    surface = path.pane.get_root().data_sources[0].data.values()
    assert sum(column[0].nbytes for column in surface) + rest < SURFACE_LIMIT, "with its triangles too"


def test_same_knows_gaps_types_and_shapes():
    gap = np.array([1.0, np.nan])
    assert same(gap, gap.copy())
    assert not same(gap, np.array([1.0, 2.0]))
    assert not same(gap, gap.astype(np.float32))
    assert not same(gap, np.array([1.0]))
    assert same(np.array(["a"]), np.array(["a"]))


@pytest.mark.parametrize("name", ["parameter_plane", "curvature"])
def test_flat_figures_of_a_surface_grow(name):
    ds = made_surface(PATCH)
    figure = live(VIEWS[name], time_range=(1e-2, 12.0))
    figure.begin(ds.isel(time=slice(1)))
    drawn = figure.figure
    for count in (2, 40, 120):
        figure.update(ds.isel(time=slice(count)))
        assert_shows(figure, ds.isel(time=slice(count)))
    assert figure.figure is drawn


def test_another_plane_is_shown_in_the_same_drawing():
    ds = made_surface(PATCH)
    figure = LiveFigure(VIEWS["parameter_plane"], time_range=(1e-2, 12.0))
    figure.begin(ds)
    drawn = figure.figure
    figure.begin(ds, moment=30)
    assert figure.figure is drawn
    assert_shows(figure, ds)
    moved = ds.copy(deep=True)
    moved["plane_loss"].values[:] = ds.plane_loss.values[::-1]
    contours = next(r for r in drawn.renderers if isinstance(r, ContourRenderer))
    before = contours.line_renderer.data_source.data
    figure.begin(moved)
    assert figure.figure is drawn, "another loss: other contours in the same drawing"
    assert contours.line_renderer.data_source.data is not before
    assert_shows(figure, moved)
    wider = moved.assign_coords(plane_1=ds.plane_1 * 2)
    figure.begin(wider)
    assert figure.figure is drawn
    assert (drawn.x_range.start, drawn.x_range.end) == (wider.plane_1.values[0], wider.plane_1.values[-1])
    assert_shows(figure, wider)


def test_each_update_of_the_surface_is_one_that_the_browser_has_not_seen():
    ds, surface = made_surface(PATCH), live(VIEWS["manifold"])
    surface.begin(ds.isel(time=slice(3)))
    model = surface.pane.get_root()
    seen = {model._render_count}
    for count in (5, 8, 13):
        there = model._render_count + 1  # the browser adds 1 by itself, of which the server may not know
        surface.begin(ds.isel(time=slice(count)))
        assert model._render_count not in {there, *seen}
        assert model._render_count % APART == 0
        seen |= {there, model._render_count}
