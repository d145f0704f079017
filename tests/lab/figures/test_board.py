"""All figures as one: turns, one clock, one mode singled out."""

import numpy as np
import pytest
import torch
from made import made_header, made_recording, made_snapshots
from made_surfaces import PATCH, made_surface

from gnviz.analysis.learning_times import learning_times
from gnviz.dynamics.simulate import simulate
from gnviz.experiment import Experiment
from gnviz.lab.figures.board import MENUS, Board
from gnviz.lab.run.plans import PLANS
from gnviz.problem.models.charts import ALL, chart
from gnviz.results import Recording
from gnviz.views.figures.manifold.figure import mesh_picked

RUN = "gradient-flow"


@pytest.fixture
def board():
    board = Board()
    board.begin(made_recording(moments=40))
    return board


def line(board, figure, label):
    return next(r.glyph for r in board.figures[figure].figure.renderers if r.name == label)


def cursors(board):
    timed = ("loss", "modes", "spectrum_time")
    return [(board.figures[name]._cursor.visible, board.figures[name]._cursor.location) for name in timed]


def test_no_figure_is_left_far_behind_where_a_browser_is_slow():
    board, header = Board(), made_header(moments=60)
    snapshots, recording = made_snapshots(header), Recording(header)
    recording.append(next(snapshots))
    board.begin(recording)
    lags = []
    for snapshot in snapshots:
        recording.append(snapshot)
        board.update(at_once=2)
        lags.append({name: recording.count - shown for name, shown in board._shown.items()})
    assert max(lag["loss"] for lag in lags) <= 3, "two of seven figures a moment: the loss more often"
    assert max(max(lag.values()) for lag in lags) <= 5


def test_the_leading_figures_of_a_new_run_come_first_and_the_others_are_faint_until_then(board):
    def faint():
        return [name for name, room in board.cards._rooms.items() if room.styles.get("opacity")]

    other = made_recording(moments=40, n=8)
    board.begin(other, at_once=2)
    there = [name for name in board.figures if name != "decision"]  # these inputs lie on a curve
    leading, others = there[:2], there[2:]
    assert faint() == others
    losses = board.figures["loss"].sources[RUN].data["loss"]
    np.testing.assert_allclose(losses, other.dataset()["loss"].values[0, 1:])
    board.seek(5)
    board.mode = 2
    assert faint() == others, "no other recording is drawn with this one's moment"
    while board.behind:
        board.update(at_once=2)
    assert faint() == []
    ds = other.dataset()
    np.testing.assert_allclose(board.figures["fit"].sources[RUN].data["value"], ds["curve"].values[0, 5])
    np.testing.assert_allclose(board.figures["learned"].sources[RUN].data["time"], learning_times(ds)[0])
    assert cursors(board) == [(True, ds["time"].values[5])] * 3
    assert leading == ["loss", "learned"]


def test_figures_out_of_sight_wait_and_are_as_the_others_once_they_are_seen(board):
    board.see([])
    other = made_recording(moments=40, n=8)
    board.begin(other)
    assert board.behind == [], "what leads is drawn, the others are not looked at"
    before = board.figures["fit"].sources[RUN].data["value"]
    board.seek(5)
    board.mode = 2
    assert board.figures["fit"].sources[RUN].data["value"] is before
    assert "The fit" in board.titles.values(), "it can be saved all the same"
    assert cursors(board)[0][0]
    assert not cursors(board)[1][0], "the modes still show the recording before"
    board.see(["fit", "modes"])
    assert sorted(board.behind) == ["fit", "modes"]
    board.update()
    ds = other.dataset()
    np.testing.assert_allclose(board.figures["fit"].sources[RUN].data["value"], ds["curve"].values[0, 5])
    assert cursors(board)[1] == (True, ds["time"].values[5])
    board.see([])
    board.seek(7)
    board.see(["fit"])
    assert board.behind == ["fit"], "a moment gone to while it was out of sight"
    board.update()
    np.testing.assert_allclose(board.figures["fit"].sources[RUN].data["value"], ds["curve"].values[0, 7])


def test_a_figure_out_of_sight_is_drawn_to_be_saved(board):
    board.see([])
    board.begin(made_recording(moments=40, n=8))
    assert board.printed("fit")
    with pytest.raises(ValueError, match="no such figure"):
        board.printed("decision")


def test_one_clock_moves_every_figure(board):
    ds = board._recording.dataset()
    board.seek(7)
    assert cursors(board) == [(True, ds["time"].values[7])] * 3
    spectrum, fit = board.figures["spectrum"].sources[RUN], board.figures["fit"].sources[RUN]
    np.testing.assert_allclose(spectrum.data["eigenvalue"], ds["eigenvalues"].values[0, 7])
    np.testing.assert_allclose(fit.data["value"], ds["curve"].values[0, 7])
    board.seek(-1)
    assert not any(visible for visible, _ in cursors(board))
    np.testing.assert_allclose(fit.data["value"], ds["curve"].values[0, -1])


def test_a_moment_gone_to_stays_while_the_run_goes_on():
    header = made_header(moments=40)
    snapshots, recording = made_snapshots(header), Recording(header)
    for _ in range(10):
        recording.append(next(snapshots))
    board = Board()
    board.begin(recording)
    board.seek(3)
    for snapshot in snapshots:
        recording.append(snapshot)
    board.update()
    ds = recording.dataset()
    assert len(board.figures["loss"].sources[RUN].data["time"]) == 39
    np.testing.assert_allclose(board.figures["fit"].sources[RUN].data["value"], ds["curve"].values[0, 3])
    board.begin(made_recording(moments=40))
    assert not any(visible for visible, _ in cursors(board)), "a new run is followed from its start"


def test_the_reading_of_a_mode_is_the_last_of_a_run_that_has_ended():
    recording = made_recording(moments=40)
    board = Board()
    board.begin(recording)
    board.mode = 3
    before = board.reading()
    for array in recording._arrays.values():
        array[1, 20:] = np.nan
    recording._built = None
    assert board.reading() == before, "the kernel is constant here"
    assert "nan" not in before


def test_a_picked_eigenvalue_is_singled_out_in_every_figure(board):
    for label in (RUN, "adaptive(c=1)"):  # picking another marker gives up the first, in either order
        board.figures["spectrum"].sources[label].selected.indices = [3]
    board.figures["spectrum"].sources[RUN].selected.indices = []
    assert board.mode == 4
    for figure in ("modes", "spectrum_time"):
        assert line(board, figure, "mode 4").line_alpha == 1
        assert line(board, figure, "mode 4").line_width > line(board, figure, "mode 3").line_width
        assert line(board, figure, "mode 3").line_alpha < 0.5
    shape = board.figures["fit"].sources["shape of the mode"].data["value"]
    assert np.isfinite(shape).all()
    rate = board._recording.dataset()["rate"].values[0, -1, 3]
    assert board.reading().startswith("Mode 4: ")
    assert f"{rate:.3g} (gradient flow)" in board.reading()
    board.figures["spectrum"].sources["adaptive(c=1)"].selected.indices = []
    assert board.mode is None
    assert board.reading() == ""
    assert line(board, "modes", "mode 3").line_alpha == 1
    assert np.isnan(board.figures["fit"].sources["shape of the mode"].data["value"]).all()


def test_a_mode_singled_out_stays_with_a_drawing_made_anew(board):
    board.mode = 2
    board.time_scale.value = "linear"
    assert line(board, "modes", "mode 1").line_alpha < 0.5
    board.begin(made_recording(n=1))
    assert board.mode is None, "the new run has no second mode"


def test_a_new_run_is_drawn_once(board, monkeypatch):
    shows = []
    path = board.figures["function_space"]
    monkeypatch.setattr(path, "begin", lambda ds, **options: shows.append(options["moment"]))
    board.begin(made_recording(moments=40))
    board.update()
    assert shows == [-1]


def titles(path):
    """Return all words along the axes of a path in function space."""
    return " ".join(path.sources["marks"].data["text"])


def test_a_menu_chooses_the_directions_of_the_path(board):
    path = board.figures["function_space"]
    assert board._choices("function_space") == [board.axes]
    assert board.axes.value == "kernel eigenvectors"
    assert "mode 1 (" in titles(path)
    board.axes.value = "principal components"
    assert "PC 1 (" in titles(path)
    board.update()
    board.seek(7)
    assert "PC 1 (" in titles(path), "the choice stays"
    assert board.axes not in Board(PLANS["theory"])._choices("loss")


class Surface:
    """A recording of a made surface experiment."""

    def __init__(self, runs):
        self._ds = made_surface(PATCH).isel(run=runs)
        self.count = self._ds.sizes["time"]
        labels, time, basis = list(self._ds["run"].values), self._ds["time"].values, self._ds["basis"].values
        seeds = self._ds["seed"].values
        known = {"labels": labels, "time": time, "basis": basis, "seeds": seeds, "clock": "flow", "reach": {}}
        self.header = type("Header", (), known | {"experiment": self._ds.attrs["experiment"]})

    def dataset(self):
        return self._ds


@pytest.mark.parametrize("name", [known.name for known in ALL])
def test_a_place_in_the_plane_is_a_start_in_every_chart(name):
    board, recording = Board(PLANS["manifold"]), Surface([0])
    recording._ds = recording._ds.assign_attrs(chart=name)
    board.begin(recording)
    board.figures["parameter_plane"]._placed(0.4, -0.7)
    here = [torch.tensor([value], dtype=torch.float64) for value in board.start]
    back = [value.item() for value in chart(name).inverse(*here)]
    assert back == pytest.approx([0.4, -0.7], rel=1e-12)


def test_what_is_dragged_in_space_is_target_or_start():
    board, recording = Board(PLANS["manifold"]), Surface([0])
    board.begin(recording)
    board._place_in_space("target y", [0.1, 0.2, 0.3], -1)
    assert (board.target, board.start) == ([0.1, 0.2, 0.3], None)
    ds = recording.dataset()
    rows, columns = mesh_picked(ds)
    board._place_in_space("start", [0.0, 0.0, 0.0], len(columns) + 2)
    assert board.start == [ds.mesh_1.values[rows[1]], ds.mesh_2.values[columns[2]]]
    board._place_in_space("start", [0.0, 0.0, 0.0], -1)
    assert board.start == [ds.mesh_1.values[rows[1]], ds.mesh_2.values[columns[2]]], "beside the surface"


def test_a_new_run_is_not_compared_with_the_reference_of_the_one_before():
    board = Board(PLANS["manifold"])
    board.begin(Surface([0, 1]))
    assert board.compare(made_surface(PATCH))
    assert not board.compare(board._reference), "it is drawn already"
    board.begin(Surface([0]))  # whose runs are not those of the reference
    assert board._reference is None


def test_a_surface_drawn_beside_a_reference_before_its_turn_is_not_left_faint():
    board = Board(PLANS["manifold"])
    board.begin(Surface([0, 1]), at_once=0)
    faint = lambda: board.cards._rooms["manifold"].styles.get("opacity")  # noqa: E731
    assert faint()
    board.compare(made_surface(PATCH))
    assert not faint()


def test_the_decision_figure_takes_the_place_of_the_fit_where_inputs_lie_in_the_plane(board):
    def there():
        return [name for name in ("fit", "decision") if board.cards._made[name].styles["display"] != "none"]

    board.__panel__()
    assert there() == ["fit"]
    small = {"data.kind": "moons", "data.n": 10, "network.width": 20, "clock.snapshots": 6}
    experiment = Experiment().replace(small)
    board.begin(Recording.of(simulate(experiment)))
    assert there() == ["decision"]
    assert board.figures["decision"].figure is not None
    board.seek(2)
    assert board.behind == []
    board.begin(made_recording(moments=5))
    assert there() == ["fit"]


def test_no_flat_figure_waits_for_a_surface_to_be_painted():
    board, recording = Board(PLANS["manifold"]), Surface([0])
    board.begin(recording, at_once=2)
    assert "manifold" in board._old
    assert "parameter_plane" not in board._old
    for _ in board.figures:
        board.update(at_once=2)
    assert not board.behind


def test_figures_in_sight_are_put_into_words_one_by_one(board):
    recording = made_recording(moments=40)
    board.begin(recording)
    shown = lambda name: board.cards._titles[name].object  # noqa: E731
    board.cards.leading, board.cards.others  # noqa: B018 - makes the cards
    board.see(["modes"])
    for _ in board.figures:
        board.describe()
    assert "goes from" in shown("loss")
    assert "goes from" in shown("modes")
    assert "goes from" not in shown("spectrum_time"), "out of sight"
    before = shown("modes")
    board.run.value = next(run for run in board.run.options.values() if run != board.run.value)
    board.describe()
    board.describe()
    assert shown("modes") != before


def test_a_mode_is_singled_out_by_a_menu_as_by_a_click(board):
    board.begin(made_recording(moments=40, n=6))
    assert list(board.single.options.values()) == ["", "1", "2", "3", "4", "5", "6"]
    board.single.value = "3"
    assert board.mode == 3
    board.mode = None
    assert board.single.value == ""
    board.single.value = "6"
    board.begin(made_recording(moments=40, n=4))
    assert (board.mode, board.single.value) == (None, ""), "there is none any more"


@pytest.mark.parametrize("page", PLANS)
def test_a_menu_stands_at_a_figure_that_is_there(page):
    board = Board(PLANS[page])
    homes = {option: board._home(option) for option in (*MENUS, "mode") if board._with(option)}
    assert not set(homes.values()) & set(PLANS[page].instead)
    for option, home in homes.items():
        menu = board.single if option == "mode" else getattr(board, option)
        assert menu in board._choices(home)
        assert sum(menu in board._choices(name) for name in board.figures) == 1
