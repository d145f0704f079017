"""The page of the map without a browser: it fills, goes stale, is stopped, and its cells open."""

import numpy as np
import pytest
from beside import settle_aside
from sweeps.here import tiny

import gnviz
from gnviz.jobs.base import JobStatus
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.map.axes import Axis
from gnviz.lab.map.settings import Settings
from gnviz.views.sweeps.regime_map import CELLS

SMALL = Settings(Axis("network.alpha", 1.0, 4.0, 3), Axis("constant(rho)", 0.01, 1.0, 3), "final_loss")


@pytest.fixture
def lab(runner):
    laboratory = Laboratory(tiny(methods=["gradient-flow", "constant(0.5)"]), runner)
    laboratory.map.load(SMALL)
    laboratory.pages.value = "map"
    settle_aside()
    laboratory.tick()
    return laboratory


def fill(lab, runner, beats=100):
    """Let so many heartbeats pass, and cells be computed between them."""
    settle_aside()
    for _ in range(beats):
        lab.map.advance()
        lab.tick()
        if not lab.map.live.begun:
            return
        runner.compute()


def shown(lab):
    return int(np.sum(lab.map.view.figure.sources[CELLS].data["shown"]))


def test_it_opens_empty_with_its_axes_and_runs_nothing(lab, runner):
    assert not runner.jobs
    assert not runner.cells
    assert shown(lab) == 0
    assert lab.map.view.figure.drawing.plot.x.label == "Output scaling α"
    assert "Press Run map" in lab.map.view.headline.object
    assert "not begun</b> · 9 cells" in lab.map.text.object


def test_it_fills_in_place_with_few_cells_at_a_time_and_says_what_it_shows(lab, runner):
    lab.map.start()
    settle_aside()
    figure, counts = lab.map.view.figure.figure, []
    while lab.map.live.begun:
        lab.map.advance()
        lab.tick()
        counts.append((shown(lab), lab.map.live.sweep.under_way))
        runner.compute()
    assert lab.map.view.figure.figure is figure
    assert max(under_way for _, under_way in counts) == 2, "a place is left to live runs"
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)
    assert shown(lab) == 9
    assert "finished</b> · 9 of 9 cells" in lab.map.text.object
    assert "loss at the end" in lab.map.view.headline.object
    value = lab.map.view.figure.sources[CELLS].data["value"][0]
    alone = gnviz.run(tiny(**{"methods": ["constant(0.01)"], "network.alpha": 1.0}))
    assert value == gnviz.last(alone["loss"]).item()
    assert lab.map.halt.disabled


def test_a_cell_opens_its_experiment_and_the_map_is_there_again(lab, runner):
    lab.map.start()
    fill(lab, runner)
    base = lab.controls.experiment
    source = lab.map.view.figure.sources[CELLS]
    source.selected.indices = [5]
    assert source.selected.indices == [], "it can be clicked on again"
    wanted = base.replace({"network.alpha": 4.0, "methods": ["gradient-flow", "constant(0.1)"]})
    assert lab.here == (wanted, "training")
    assert [job.experiment for job in runner.jobs] == [wanted]
    assert not lab.map.open
    lab.map.load(SMALL)
    lab.go_to(base, "map")
    lab.tick()
    assert shown(lab) == 9
    assert not lab.map.view._room.styles.get("opacity")
    assert len(runner.jobs) == 1, "a map runs no experiment by itself"
    lab.pages.value = "training"
    assert runner.jobs[-1].experiment == base, "what is set is run where it is shown"


def test_other_settings_make_it_faint_and_the_former_bring_it_back(lab, runner):
    lab.map.start()
    fill(lab, runner)
    cells = len(runner.cells)
    lab.controls.change({"network.width": 10})
    lab.tick()
    assert lab.map.view._room.styles["opacity"] == "0.35"
    assert "other settings" in lab.map.view._note.object
    lab.controls.change({"network.width": 8})
    lab.tick()
    assert not lab.map.view._room.styles["opacity"]
    lab.controls.change({"network.alpha": 3.0})
    lab.tick()
    assert not lab.map.view._room.styles["opacity"], "an axis sets it"
    lab.map.controls.measure.value = "status"
    lab.map.controls.run.value = "constant"
    lab.tick()
    assert "Cells end 9 as finished" in lab.map.view.headline.object
    assert len(runner.cells) == cells, "nothing is computed again"
    lab.controls.change({"network.width": 10})
    lab.map.start()
    fill(lab, runner)
    assert runner.cells[-1].experiment.network.width == 10


def test_it_is_stopped_and_goes_on_and_ends_with_its_visitor(lab, runner):
    lab.map.start()
    settle_aside()
    fill(lab, runner, beats=3)
    lab.map.halt.press()
    done = lab.map.live.sweep.done
    assert 0 < done < 9
    assert not lab.map.live.begun
    assert lab.map.run.label == "Go on"
    assert "stopped" in lab.map.text.object
    lab.map.run.press()
    fill(lab, runner)
    finished = [job for job in runner.cells if job.status == JobStatus.FINISHED]
    assert len(finished) == 9, "no cell twice"
    lab.controls.change({"network.width": 10})
    lab.map.start()
    settle_aside()
    lab.map.advance()
    lab.cancel()
    assert lab.map.live.sweep.under_way == 0
    assert runner.cells[-1].status == JobStatus.CANCELLED


def test_sliders_that_an_axis_has_are_put_aside(lab):
    alpha = lab.controls.widgets["network.alpha"]
    in_sight = [place.objects[0] for place in lab.controls.front.objects]
    assert alpha not in in_sight
    assert lab.controls.damping not in in_sight
    lab.pages.value = "training"
    assert alpha in [place.objects[0] for place in lab.controls.front.objects]


def test_an_axis_is_chosen_and_the_two_change_places(lab):
    controls = lab.map.controls
    controls._up.knob.value = "network.alpha"
    assert (lab.map.settings.across.knob, lab.map.settings.up.knob) == ("constant(rho)", "network.alpha")
    controls._across.knob.value = "network.width"
    assert lab.map.settings.across.values == [20, 40, 80, 160, 320, 640]
    assert list(controls.run.options) == ["gradient descent", "constant ρ=0.5"], "all methods again"
    controls._across.ends[2].value = "1"
    assert "1 values are not allowed" in controls.problem
    assert lab.map.complaint.message
    assert lab.map.settings.across.number == 6
    controls._across.ends[2].value = "3"
    assert not lab.map.complaint.message
    assert lab.map.settings.across.number == 3
    settle_aside()
    lab.tick()
    assert lab.map.view.figure.drawing.plot.x.label == "Width", "an empty map follows"


def test_it_is_saved_as_data_and_as_a_picture(lab, runner, tmp_path):
    sent = []
    lab.map.download._send_msg = sent.append
    lab.map.download._handle_msg({"format": "Data (NetCDF)"})
    assert "nothing is recorded" in lab.map.download.said
    lab.map.start()
    fill(lab, runner)
    lab.map.download._handle_msg({})
    assert lab.map.download.figures == {"regime_map": "Regime map"}
    lab.map.download._handle_msg({"format": "Data (NetCDF)"})
    settle_aside()
    assert sent[-1]["file"] == "gnviz_map.nc"
    (tmp_path / "map.nc").write_bytes(sent[-1]["data"])
    assert gnviz.load(tmp_path / "map.nc").sizes["constant(rho)"] == 3
    lab.map.download._handle_msg({"figure": "regime_map", "format": "svg"})
    assert sent[-1]["drawing"]["title"] == "Regime map · constant"
    assert "loss at the end" in sent[-1]["drawing"]["content"]


def test_a_runner_that_fails_says_so(lab, runner, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("the runner is closed")

    lab.map.start()
    settle_aside()
    monkeypatch.setattr(runner, "submit", refuse)
    lab.map.advance()
    assert "the runner is closed" in lab.map.complaint.message
    assert not lab.map.live.begun
