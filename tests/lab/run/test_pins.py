"""Pinning runs on the page."""

from dataclasses import replace

from lab.conftest import MadeJob
from made import made_header, made_snapshots

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.jobs.base import JobStatus
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.run.pins import LONGEST, Pins, experiment_of, name_of
from gnviz.views.pins import MOST_PINS, is_pinned


def pinned(lab, figure="loss"):
    return sorted(label for label in lab.board.figures[figure].sources if is_pinned(label))


def test_a_pinned_run_stays_while_others_race_against_it(runner):
    lab = Laboratory(runner=runner)
    lab.pins.button.press()
    assert lab.pins.pinned == [], "there is nothing to pin yet"
    lab.start()
    runner.jobs[0].compute(12)
    lab.tick()
    lab.pins.button.press()
    assert len(pinned(lab)) == len(pinned(lab, "learned")) == 3
    before = lab.board.figures["loss"].sources["gradient-flow · pin 1"].data["loss"].copy()
    lab.start()
    runner.jobs[1].compute(4)
    lab.tick()
    sources = lab.board.figures["loss"].sources
    assert sources["gradient-flow · pin 1"].data["loss"].tolist() == before.tolist()
    assert len(sources["gradient-flow"].data["loss"]) == 3
    lab.pages.value = "theory"
    assert len(pinned(lab)) == 3, "on every page"
    lab.pages.value = "training"
    lab.pins.chips.objects[0].press()
    assert pinned(lab) == pinned(lab, "learned") == []


def test_the_oldest_goes_when_there_are_too_many(runner):
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(3)
    lab.tick()
    for _ in range(MOST_PINS):
        lab.pins.pin()
    first, second = lab.pins.pinned[:2]
    lab.pins.pin()
    assert lab.pins.pinned[0] is second
    assert first not in lab.pins.pinned
    assert len(lab.pins.pinned) == len(lab.pins.chips.objects) == MOST_PINS


def test_a_pin_is_called_by_what_is_unusual_about_it():
    usual = preset("figure2")
    assert name_of(usual) == "Conditioning κ(K₀) 10⁷", "by the knob that is turned first"
    assert name_of(preset("figure1")) == "as it opens"
    assert name_of(usual.replace({"data.condition": 1e5})) == "Conditioning κ(K₀) 10⁵"
    assert name_of(usual.replace({"methods": ["gradient-flow"]})) == "methods gradient flow"
    long = name_of(Experiment().replace({"network.width": 60, "network.seed": 5, "network.alpha": 3.0}))
    assert len(long) <= LONGEST


class Named:
    """A runner whose results say what they are results of."""

    def __init__(self):
        self.jobs = []

    def submit(self, experiment, problem=None, *, paused=False):
        header = replace(made_header(moments=6), experiment=experiment.to_json())
        self.jobs.append(MadeJob(experiment, made_snapshots(header), paused))
        return self.jobs[-1]


def of(pins):
    return [experiment_of(pin).network.width for pin in pins.pinned]


def width(size):
    return Experiment().replace({"network.width": size})


def test_pins_that_an_address_names_are_computed_one_after_another_in_their_order():
    runner, said = Named(), []
    pins = Pins(lambda: None, runner, said.append)
    pins.want([width(20), width(30), width(40)])
    assert [experiment.network.width for experiment in pins.wanted] == [20, 30, 40]
    assert len(runner.jobs) == 1, "a visitor's pins take one turn at a time"
    while pins.busy:
        runner.jobs[-1].compute(6)
        runner.jobs[-1].end()
        pins.tick()
    assert of(pins) == [20, 30, 40]
    pins.want([width(40), width(50), width(20)])
    assert of(pins) == [20, 40], "what is there is not computed again"
    assert runner.jobs[-1].experiment == width(50)
    runner.jobs[-1].end(JobStatus.FAILED, "no memory")
    pins.tick()
    assert pins.wanted == [width(40), width(20)], "one that fails is no longer asked for"
    assert said == ["A pinned run could not be computed: no memory"]
    pins.remove(pins.pinned[0])
    assert pins.wanted == [width(40)]
    assert len(runner.jobs) == 4


def test_other_pins_give_up_the_one_that_is_being_computed():
    runner = Named()
    pins = Pins(lambda: None, runner, print)
    pins.want([width(20)])
    pins.want([])
    assert runner.jobs[0].status == JobStatus.CANCELLED
    pins.tick()
    assert pins.pinned == pins.wanted == []


def test_a_pin_is_drawn_only_where_its_kind_of_run_is_shown(runner):
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(12)
    lab.tick()
    lab.pins.button.press()
    assert pinned(lab)
    lab.pages.value = "manifold"
    assert lab.stage.page == "training"
    lab.stage.turn_to("manifold")
    assert not lab.board._pins
    lab.stage.turn_to("training")
    assert pinned(lab)
