"""Pinning runs on the page."""

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.run.pins import LONGEST, name_of
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
    assert name_of(usual) == "as it opens"
    assert name_of(usual.replace({"data.condition": 1e5})) == "Conditioning κ(K₀) 1e+05"
    assert name_of(usual.replace({"methods": ["gradient-flow"]})) == "methods gradient flow"
    long = name_of(Experiment().replace({"network.width": 60, "network.seed": 5, "network.alpha": 3.0}))
    assert len(long) <= LONGEST
