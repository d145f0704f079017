"""Which page shows what, and turning from one to another."""

import pytest
from made import made_recording

from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS, preset
from gnviz.jobs.base import JobStatus
from gnviz.lab.figures.reference import Reference
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.run.plans import PLANS, home
from gnviz.views import VIEWS


@pytest.mark.parametrize("name", PRESETS)
def test_an_experiment_opens_on_a_page_that_can_show_it(name):
    page = {"figure1": "manifold", "figure3": "scaling"}.get(name, "training")
    assert home(preset(name)) == page
    assert PLANS[page].fits(preset(name))


@pytest.mark.parametrize("name", PLANS)
def test_a_page_opens_with_an_experiment_of_its_own(name):
    assert PLANS[name].fits(preset(PLANS[name].preset))
    assert set(PLANS[name].figures) <= set(VIEWS)


def test_a_button_opens_a_page_and_a_setting_turns_back(runner, monkeypatch):
    monkeypatch.setattr("gnviz.lab.laboratory.HURRY", 0.0)  # no surface is shown here, for lack of Plotly
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(2)
    lab.tick()
    assert lab.stage.page == "training"
    lab.pages.value = "manifold"
    assert lab.controls.experiment == preset("figure1")
    assert runner.jobs[-1].experiment == preset("figure1")
    assert lab.stage.page == "training", "the old pictures stay until there are new ones"
    lab.controls.load(preset("figure2"))
    assert lab.pages.value == "training"
    assert runner.jobs[-1].experiment == preset("figure2"), "the button follows, and opens nothing by itself"


def test_a_page_that_is_left_keeps_its_own_experiment(runner, monkeypatch):
    monkeypatch.setattr("gnviz.lab.laboratory.HURRY", 0.0)
    lab = Laboratory(runner=runner)
    lab.controls.change({"network.width": 60})
    own = lab.controls.experiment
    lab.pages.value = "manifold"
    lab.controls.change({"surface.chart": "bent"})
    surface = lab.controls.experiment
    lab.pages.value = "scaling"
    assert lab.controls.experiment == preset("figure3")
    lab.pages.value = "training"
    assert lab.controls.experiment == runner.jobs[-1].experiment == own
    lab.pages.value = "theory"
    assert lab.controls.experiment == own, "two pages about one run"
    lab.controls.change({"network.width": 70})
    lab.pages.value = "training"
    assert lab.controls.experiment.network.width == 70
    lab.pages.value = "manifold"
    assert lab.controls.experiment == surface
    lab.restore()
    assert lab.controls.experiment == preset("figure1")
    assert lab.pages.value == "manifold"
    lab.go_to(preset("figure2"), "theory")
    assert lab.here == (preset("figure2"), "theory"), "a link decides itself what is set"
    lab.pages.value = "training"
    assert lab.controls.experiment == preset("figure2")


def test_another_page_shows_the_same_run(runner):
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(5)
    lab.tick()
    lab.pages.value = "theory"
    assert lab.stage.page == "theory"
    assert len(lab.board.figures["loss"].sources["gradient-flow"].data["time"]) == 4
    assert len(runner.jobs) == 1, "nothing is run again"
    lab.controls.widgets["network.activation"].value = "erf"
    runner.jobs[1].compute(3)
    lab.tick()
    assert lab.stage.page == lab.pages.value == "theory", "a setting does not leave the page"
    lab.controls.load(preset("figure3"))
    assert lab.pages.value == "scaling"


def test_another_page_shows_the_moment_that_was_gone_to(runner):
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(20)
    lab.tick()
    lab.scrubber.asked = [1, 5, lab.scrubber.fresh]
    lab.pages.value = "theory"
    cursor = lab.board.figures["loss"]._cursor
    assert (cursor.visible, cursor.location) == (True, lab.live.recording.header.time[5])
    lab.board.mode = 3
    assert lab.reading.object.startswith("Mode 3")
    lab.pages.value = "training"
    assert lab.reading.object == "", "nothing is picked there"


def test_leaving_ends_the_reference_too(runner):
    lab = Laboratory(preset("figure1").replace({"surface.chart": "bent"}), runner=runner)
    lab.start()
    lab.cancel()
    assert [job.status for job in runner.jobs] == [JobStatus.CANCELLED] * 2


def test_a_button_runs_also_where_changes_do_not(runner):
    lab = Laboratory(runner=runner)
    lab.automatic.value = False
    lab.pages.value = "manifold"
    assert [job.experiment for job in runner.jobs] == [preset("figure1")]


def test_a_reference_is_run_only_for_other_coordinates(runner):
    reference = Reference(runner)
    reference.start(Experiment())
    reference.start(preset("figure1"))
    assert runner.jobs == []
    reference.start(preset("figure1").replace({"surface.chart": "bent"}))
    (job,) = runner.jobs
    assert job.experiment == preset("figure1")
    job.compute(40)
    reference.tick()
    assert reference.dataset is None, "it has not finished"
    job.end()
    reference.tick()
    ds = made_recording(moments=40).dataset()
    assert reference.dataset is reference.dataset, "it is made once"
    assert "gradient flow 0" in reference.words(ds)
    ds["prediction"] = ds["prediction"].copy()
    ds["prediction"][0, 3, 0] += 0.25
    assert "gradient flow 0.25, constant ρ=0.01 0," in reference.words(ds)
    reference.start(preset("figure1"))
    assert reference.dataset is None
    assert job.status == JobStatus.FINISHED


def test_times_on_other_grids_are_not_compared(runner):
    reference = Reference(runner)
    reference.start(preset("figure1").replace({"surface.chart": "bent"}))
    runner.jobs[0].compute(40)
    runner.jobs[0].end()
    reference.tick()
    assert "different time grids" in reference.words(made_recording(moments=39).dataset())
