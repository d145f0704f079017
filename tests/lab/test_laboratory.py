from itertools import pairwise

import numpy as np
import pytest
from beside import settle_aside
from bokeh.document import Document

from gnviz.experiment import Experiment
from gnviz.jobs.base import JobStatus
from gnviz.lab.figures import stage
from gnviz.lab.laboratory import Laboratory
from gnviz.results import load


@pytest.fixture
def lab(runner):
    laboratory = Laboratory(runner=runner)
    laboratory.start()
    return laboratory


def test_figures_follow_the_run(lab, runner):
    runner.jobs[0].compute(3)
    lab.tick()
    source = lab.board.figures["loss"].sources["gradient-flow"]
    assert len(source.data["time"]) == 2, "time 0 has no place on a log axis"
    runner.jobs[0].compute(5)
    lab.tick()
    assert len(source.data["time"]) == 7
    assert "κ(K₀) = 10⁷" in lab.controls.reached.object
    assert "gradient flow" in lab.status.pane.lines


def test_the_first_moment_is_drawn_in_every_figure(lab, runner):
    runner.jobs[0].compute(1)
    lab.tick()
    missing = [name for name, figure in lab.board.figures.items() if figure.pane.object is None]
    assert missing == ["decision"], "which inputs on a curve have not"


def test_a_run_that_is_begun_before_anyone_looks_leaves_the_page_as_it_is(runner):
    laboratory = Laboratory(runner=runner)
    root, changed = laboratory.body.get_root(), []
    document = Document()
    document.add_root(root)
    document.on_change(changed.append)
    laboratory.compute(paused=True, moments=3)
    assert (laboratory.live.job.status, len(runner.jobs[0].poll())) == (JobStatus.PAUSED, 3)
    assert changed == []
    laboratory.start()
    assert changed, "what is told of it is in the document"


def test_waiting_collects_so_many_moments(lab, runner):
    lab.compute(paused=True, moments=5)
    lab.live.wait(5, seconds=1.0)
    assert lab.live.count == 5


def test_waiting_has_an_end(lab, runner):
    lab.compute(paused=True, moments=1)
    lab.live.wait(5, seconds=0.05)
    assert lab.live.count == 1


def moments(figure):
    """How many moments a live figure shows at most."""
    return max(len(source.data.get("time", ())) for source in figure.sources.values())


def test_the_figures_take_turns_and_all_show_the_end(lab, runner):
    job, figures = runner.jobs[0], lab.board.figures
    job.compute(2)
    lab.tick()
    job.compute(38)
    job.end()
    behind = []
    for _ in range(3):
        lab.tick(figures=3)
        behind.append(len(lab.board.behind))
    assert behind == [4, 1, 0], "those that lead and one other, three more, the rest"
    assert moments(figures["loss"]) == 39
    assert moments(figures["modes"]) == moments(figures["spectrum_time"]) == 39
    assert len(figures["function_space"].sources["gradient-flow"].data["x"]) == 40
    assert not lab.tick(), "nothing is left to draw"


def test_the_end_is_told_also_when_nothing_else_is_new(lab, runner):
    job = runner.jobs[0]
    job.compute(40)
    lab.tick()
    assert "aria-valuenow='100'" in lab.transport.text.object
    job.end()
    lab.tick()
    assert "finished" in lab.transport.text.object
    assert lab.transport.cancel.disabled


def test_a_new_run_does_not_tell_the_progress_of_the_one_before(lab, runner):
    runner.jobs[0].compute(30)
    lab.tick()
    lab.start()
    lab.tick()
    assert "aria-valuenow='0'" in lab.transport.text.object
    assert "first moment" in lab.transport.text.object
    assert len(lab.board.figures["loss"].sources["gradient-flow"].data["time"]) == 29, "still in sight"


def test_the_scrubber_moves_all_figures_and_is_answered(lab, runner):
    runner.jobs[0].compute(20)
    lab.tick()
    assert lab.scrubber.count == 20
    assert lab.scrubber.times[:2] == ["t = 0", "t = 0.01"]
    lab.scrubber.asked = [1, 5, lab.scrubber.fresh]
    fit = lab.board.figures["fit"].sources["gradient-flow"].data["value"]
    np.testing.assert_allclose(fit, lab.live.recording.dataset()["curve"].values[0, 5])
    assert lab.scrubber.answered == 1
    lab.start()
    runner.jobs[1].compute(1)
    lab.tick()
    assert lab.scrubber.moment == -1, "a new run is followed"


def test_a_question_about_a_run_that_was_replaced_is_answered_and_no_more(lab, runner):
    runner.jobs[0].compute(20)
    lab.tick()
    late = [1, 15, lab.scrubber.fresh]
    lab.start()
    runner.jobs[1].compute(2)
    lab.tick()
    lab.scrubber.asked = late
    assert lab.scrubber.answered == 1
    assert lab.scrubber.moment == -1
    fit = lab.board.figures["fit"].sources["gradient-flow"].data["value"]
    np.testing.assert_allclose(fit, lab.live.recording.dataset()["curve"].values[0, 1])


def test_a_change_runs_again_unless_switched_off(lab, runner):
    runner.jobs[0].compute(1)
    lab.tick()
    lab.controls.widgets["network.activation"].value = "erf"
    assert len(runner.jobs) == 2
    assert runner.jobs[1].experiment.network.activation == "erf"
    lab.automatic.value = False
    lab.controls.widgets["network.activation"].value = "sin"
    assert len(runner.jobs) == 2


def test_of_many_changes_the_newest_runs_once_the_run_before_has_shown_itself(lab, runner):
    for activation in ("erf", "sin", "silu"):
        lab.controls.widgets["network.activation"].value = activation
    assert len(runner.jobs) == 1, "else no run would show anything while a slider is dragged"
    lab.tick()
    assert len(runner.jobs) == 1, "it has not come yet"
    runner.jobs[0].compute(1)
    lab.tick()
    assert [job.experiment.network.activation for job in runner.jobs] == ["tanh", "silu"]
    lab.tick()
    assert len(runner.jobs) == 2


def test_a_run_that_shows_nothing_for_long_gives_way(lab, runner, monkeypatch):
    monkeypatch.setattr("gnviz.lab.laboratory.HURRY", 0.0)
    lab.controls.widgets["network.activation"].value = "erf"
    assert runner.jobs[-1].experiment.network.activation == "erf"


def test_a_failure_is_said_and_the_next_run_clears_it(lab, runner):
    runner.jobs[0].end(JobStatus.FAILED, "data.condition = 100 cannot be reached")
    lab.tick()
    assert lab.complaint.message
    assert "cannot be reached" in lab.complaint.message
    lab.start()
    assert not lab.complaint.message


def test_a_remedy_is_offered_in_the_pages_words_and_taken(lab, runner):
    remedy = {"data.condition": 71700.0}
    runner.jobs[0].end(JobStatus.FAILED, "data.condition = 100 is too low for data.n", remedy)
    lab.tick()
    assert lab.complaint.message == "“Conditioning κ(K₀)” = 100 is too low for “Samples”"
    assert lab.complaint.offer == "Set Conditioning κ(K₀) to 71700"
    lab.complaint.take()
    assert runner.jobs[-1].experiment.data.condition == 71700.0
    assert lab.controls.widgets["data.condition"].value == 71700.0
    assert not lab.complaint.message
    runner.jobs[-1].end(JobStatus.FAILED, "nothing helps")
    lab.tick()
    assert lab.complaint.message
    assert not lab.complaint.offer


def test_an_own_table_is_awaited(lab, runner):
    lab.controls.widgets["data.kind"].value = "csv"
    assert len(runner.jobs) == 1
    assert runner.jobs[0].status == JobStatus.CANCELLED
    assert lab.complaint.severity == "info"
    assert "Open a CSV file" in lab.complaint.message
    lab.controls.upload.file.value = b"a,b\n1,2\n3,4\n5,7\n"
    settle_aside()
    assert runner.jobs[1].experiment.data.y == "b"
    assert not lab.complaint.message
    lab.controls.upload.file.value = b"\x00"
    settle_aside()
    assert lab.controls.upload.complaint.message
    assert lab.controls.upload.y not in lab.controls.upload.column.objects, "its columns are not known"


def test_a_failure_that_is_like_the_one_before_is_said_again(lab, runner):
    for job in (0, 1):
        runner.jobs[job].end(JobStatus.FAILED, "data.condition = 100 cannot be reached")
        lab.tick()
        assert lab.complaint.message
        assert "could not run" in lab.transport.text.object
        lab.start()
        assert "running" in lab.transport.text.object


def leading(lab):
    """Return the room of the first picture."""
    return lab.board.cards._rooms[lab.board.cards.first[0]]


def faint(lab):
    styles = leading(lab).styles
    assert styles == lab.status.pane.styles
    assert not styles or styles.keys() == {"opacity"}, "a browser forgets nothing that is not taken back"
    return bool(styles.get("opacity"))


def test_pictures_of_other_settings_are_faint_until_the_first_moment(lab, runner, monkeypatch):
    clock = iter(range(1000))  # a second passes between any two looks at the time
    monkeypatch.setattr("gnviz.lab.laboratory.monotonic", lambda: next(clock))
    lab.tick()
    assert not faint(lab), "there are no pictures yet"
    runner.jobs[0].compute(3)
    lab.tick()
    lab.start()
    lab.tick()
    assert faint(lab)
    runner.jobs[1].compute(1)
    lab.tick()
    assert not faint(lab)
    changes = []
    leading(lab).param.watch(changes.append, "styles")
    lab.tick()
    assert not changes, "nothing travels while the look stays"
    lab.start()
    runner.jobs[2].end(JobStatus.FAILED, "cannot be reached")
    lab.tick()
    assert faint(lab), "the message is about other settings"


def test_words_are_faint_while_pictures_are_of_a_newer_run(lab, runner):
    runner.jobs[0].compute(3)
    lab.tick()
    assert not lab.status.headline.styles.get("opacity")
    lab.start()
    runner.jobs[1].compute(3)
    lab.tick(figures=2)  # the picture comes first
    assert lab.status.headline.styles["opacity"]
    assert not leading(lab).styles.get("opacity")
    lab.tick(figures=2)
    assert not lab.status.headline.styles.get("opacity")


def test_buttons_follow_the_state(lab, runner):
    bar = lab.transport
    assert not bar.cancel.disabled
    bar.pause.press()
    assert bar.pause.label == "Go on"
    bar.pause.press()
    assert bar.pause.label == "Pause"
    bar.cancel.press()
    lab.tick()
    assert bar.cancel.disabled
    assert "cancelled" in bar.text.object
    bar.run.press()
    assert len(runner.jobs) == 2


def test_a_step_after_the_end_shows_the_first_moment_and_holds(lab, runner):
    runner.jobs[0].end()
    lab.tick()
    lab.transport.step.press()
    lab.tick()
    assert lab.live.count == 1
    assert lab.live.status == JobStatus.PAUSED


def test_the_saved_file_loads(lab, runner, tmp_path):
    runner.jobs[0].compute(4)
    lab.tick()
    sent = []
    lab.tools.download._send_msg = sent.append
    lab.tools.download._handle_msg({"format": "Data (NetCDF)"})
    settle_aside()
    path = tmp_path / "run.nc"
    path.write_bytes(sent[0]["data"])
    assert load(path).sizes["time"] == 4


def test_text_in_a_file_cannot_become_markup(runner):
    lab = Laboratory(Experiment(), runner=runner)
    lab.start()
    runner.jobs[0].compute(1)
    object.__setattr__(runner.jobs[0]._ready[0].header, "notes", ("<script>alert(1)</script>",))
    lab.tick()
    assert "<script>" not in lab.status.pane.more


def test_a_surface_waits_until_the_browser_has_plotly(runner, monkeypatch):
    lab = Laboratory(Experiment().replace({"surface.model": "neuron"}), runner=runner)
    monkeypatch.setattr(stage, "_page_of", lambda *_: "manifold")  # the recordings here are of networks
    monkeypatch.setattr(type(lab.script), "here", lambda script: script.ready)
    shown = []
    monkeypatch.setattr(lab.board, "begin", lambda recording, *_: shown.append(recording.count))
    lab.start()
    runner.jobs[-1].compute(3)
    assert not lab.tick()
    assert not shown
    lab.script.missing = True
    lab.tick()
    assert lab.complaint.message
    assert "could not load Plotly" in lab.complaint.message
    lab.script.ready = True
    assert lab.tick()
    assert shown == [3]


def test_ten_mixed_changes_can_be_gone_through_back_and_forth(lab, runner):
    changes = [
        lambda: lab.controls.change({"network.width": 60}),
        lambda: lab.controls.change({"data.condition": 1e5}),
        lambda: setattr(lab.pages, "value", "theory"),
        lambda: setattr(lab.controls.methods.row("gauss-newton").switch, "value", True),
        lambda: lab.controls.change({"clock.kind": "steps"}),
        lambda: setattr(lab.pages, "value", "manifold"),
        lambda: lab.controls.change({"surface.start": [0.5, -1.0]}),
        lambda: lab.controls.change({"surface.chart": "bent"}),
        lambda: setattr(lab.pages, "value", "scaling"),
        lambda: lab.controls.change({"loss.kind": "log-cosh"}),
    ]

    def here():
        return lab.controls.experiment, lab.pages.value

    places = [here()]
    for change in changes:
        change()
        places.append(here())
    assert all(a != b for a, b in pairwise(places))
    for experiment, page in [*reversed(places), *places]:
        lab.go_to(experiment, page)
        assert here() == (experiment, page)
        assert runner.jobs[-1].experiment == experiment
        assert lab.controls.methods.methods == list(experiment.methods)
