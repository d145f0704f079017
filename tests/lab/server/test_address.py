"""Links: what they open, and that they lead back."""

import pytest

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.lab.run.plans import PLANS
from gnviz.lab.server.address import read, write


def test_an_empty_query_is_the_default():
    assert read("") == read("?") == (Experiment(), "training", "")
    assert write(Experiment(), "training") == ""


@pytest.mark.parametrize("page", PLANS)
def test_every_page_leads_back_to_itself(page):
    experiment = preset(PLANS[page].preset)
    assert read(write(experiment, page)) == (experiment, page, "")


def test_a_page_beside_its_settings():
    experiment = Experiment().replace({"network.width": 60})
    assert write(experiment, "theory") == "?page=theory&network.width=60"
    assert read("?page=theory&network.width=60") == (experiment, "theory", "")


@pytest.mark.parametrize("page", ["manifold", "scaling"])
def test_a_page_alone_opens_with_its_own_experiment(page):
    assert read(f"?page={page}") == (preset(PLANS[page].preset), page, "")


def test_settings_go_before_a_page_that_cannot_show_them():
    experiment = Experiment().replace({"network.width": 60})
    assert read("?page=manifold&network.width=60") == (experiment, "training", "")


def test_what_is_not_known_is_refused_in_words():
    experiment, page, refusal = read("?page=home")
    assert (experiment, page) == (Experiment(), "training")
    assert "page = 'home' is not allowed: one of 'training', " in refusal
    assert "network.width" in read("?page=theory&network.widht=3").refusal
