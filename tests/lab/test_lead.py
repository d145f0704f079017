"""What is said over the pictures is true of the page that says it."""

import numpy as np
import pytest

import gnviz
from gnviz.analysis.time_to_loss import time_to_loss
from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.lead import LEADS, LeadLine
from gnviz.lab.run.plans import PLANS
from gnviz.lessons import LESSONS
from gnviz.views.headline import headline


@pytest.fixture
def lab(runner):
    return Laboratory(Experiment(), runner=runner)


def line(lab):
    return LeadLine(lab.pages, lab.controls, lab.guide)


def shown(lead):
    return lead.line.styles.get("display") != "none"


def test_every_page_has_one_and_it_leads_to_a_lesson_that_there_is():
    assert LEADS.keys() == PLANS.keys()
    assert all(lead.lesson in LESSONS for lead in LEADS.values())


def test_it_follows_the_page_and_the_settings(lab):
    lead = line(lab)
    assert "<b>Drag the conditioning κ" in lead._words.object
    lab.controls.change({"methods": ["gradient-flow", "gauss-newton"]})
    assert lead._words.object == LEADS["training"].words, "nothing is said of a method that is not there"
    lab.pages.value = "manifold"
    assert "<b>Choose other coordinates" in lead._words.object


def test_a_lesson_takes_its_place_and_gives_it_back(lab):
    lead = line(lab)
    assert shown(lead)
    lead._why.press()
    assert lab.guide.place == ("why-slow", 1)
    assert not shown(lead)
    lab.guide.open("")
    assert shown(lead)


def test_a_larger_kappa_slows_gradient_flow_and_not_adaptive_damping():
    """The sentence of the training page, on its own preset."""
    took = {}
    for kappa in (1e5, 1e7):
        ds = gnviz.run(preset("figure2").replace({"data.condition": kappa}))
        took[kappa] = dict(zip(ds["run"].values, time_to_loss(ds, 1e-10), strict=True))
    ratio = {run: took[1e7][run] / took[1e5][run] for run in took[1e5]}
    assert ratio["gradient-flow"] > 30
    assert ratio["adaptive(c=1)"] < 2


def test_other_coordinates_move_gradient_flow_and_not_gauss_newton():
    """The sentence of the manifold page, on its own preset."""
    plain, bent = (
        gnviz.run(preset("figure1").replace({"surface.chart": chart})) for chart in ("plain", "bent")
    )
    apart = np.abs(plain["prediction"].values - bent["prediction"].values).max(axis=(1, 2))
    moved = dict(zip(plain["run"].values, apart, strict=True))
    assert moved["gradient-flow"] > 0.1
    assert moved["gauss-newton"] < 1e-3


def test_large_alphas_follow_the_law():
    """The sentence of the scaling page, on its own preset."""
    assert "falls as e⁻²ᵗ" in headline(gnviz.run(preset("figure3")))
