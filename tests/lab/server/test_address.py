"""Links: what they open, and that they lead back."""

import pytest

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.lab.run.plans import PLANS
from gnviz.lab.server.address import Visited, read, write
from gnviz.views.pins import MOST_PINS


def test_an_empty_query_is_the_default():
    assert read("") == read("?") == Visited(Experiment(), "training", "")
    assert write(Experiment(), "training") == ""


@pytest.mark.parametrize("page", PLANS)
def test_every_page_leads_back_to_itself(page):
    experiment = preset(PLANS[page].preset)
    assert read(write(experiment, page))[:5] == Visited(experiment, page, "")[:5]


def test_a_page_beside_its_settings():
    experiment = Experiment().replace({"network.width": 60})
    assert write(experiment, "theory") == "?page=theory&network.width=60"
    assert read("?page=theory&network.width=60") == Visited(experiment, "theory", "")


@pytest.mark.parametrize("page", ["manifold", "scaling"])
def test_a_page_alone_opens_with_its_own_experiment(page):
    assert read(f"?page={page}") == Visited(preset(PLANS[page].preset), page, "")


def test_settings_go_before_a_page_that_cannot_show_them():
    experiment = Experiment().replace({"network.width": 60})
    assert read("?page=manifold&network.width=60") == Visited(experiment, "training", "")


def test_what_is_not_known_is_refused_in_words():
    experiment, page, refusal, *_ = read("?page=home")
    assert (experiment, page) == (Experiment(), "training")
    assert "page = 'home' is not allowed: one of 'training', " in refusal
    assert "network.width" in read("?page=theory&network.widht=3").refusal


def test_a_lesson_and_its_step_are_in_the_address():
    address = write(Experiment(), "training", "damping", 3)
    assert address == "?lesson=damping&step=3"
    assert read(address) == Visited(Experiment(), "training", "", "damping", 3)
    assert read("?lesson=damping&network.width=60").experiment.network.width == 60


@pytest.mark.parametrize(
    "query", ["?lesson=dampign", "?lesson=damping&step=0", "?lesson=damping&step=x", "?step=1e9"]
)
def test_a_lesson_that_there_is_not_is_refused(query):
    assert "could not be used" in read(query).refusal
    assert read(query).lesson == ""


def test_pinned_runs_are_in_the_address():
    here = Experiment().replace({"network.width": 60})
    other = {"data.condition": 1e5, "methods": ["constant(rho=0.1)", "adam"], "clock.kind": "steps"}
    pins = [Experiment(), Experiment().replace(other)]
    address = write(here, "theory", pins=pins)
    assert address.startswith("?page=theory&network.width=60&pin=&pin=data.condition%3D")
    assert read(address) == Visited(here, "theory", "", pins=tuple(pins))
    assert len(read("?" + "&".join(["pin=network.width%3D60"] * 20)).pins) == MOST_PINS


def test_what_a_link_pins_is_not_trusted():
    assert "could not be used" in read("?pin=network.width%3D0").refusal
    assert "cannot be set in a URL" in read("?pin=data.path%3D/etc/passwd").refusal
    table = Experiment().replace({"data.kind": "csv", "data.path": "measured.csv"})
    assert write(Experiment(), "training", pins=[table]) == "", "a link must not read files"
