"""The lessons of this package: they read well, their links lead back, and what they claim is so."""

import re

import pytest

from gnviz import Experiment
from gnviz.lab.run.plans import PLANS, plan_of
from gnviz.lab.server.address import read as visit
from gnviz.lab.server.address import write
from gnviz.lessons import LESSONS
from gnviz.verify import lessons as verified

LABELS = list(LESSONS)

ENDINGS = {"finished", "converged"}
"""How runs end that nothing happened to."""


def links(lesson):
    return [lesson.begins, *(link for part in lesson.parts for link in (part.begins, *part.links))]


def experiments(lesson):
    """Each experiment of a lesson once."""
    found = {link.experiment.to_json(): link for link in links(lesson)}
    return list(found.values())


@pytest.mark.parametrize("label", LABELS)
def test_every_lesson_can_be_used(label):
    lesson = LESSONS[label]
    lesson.verify()
    assert 3 <= len(lesson.steps) <= 6
    assert lesson.question.endswith("?")
    assert lesson.summary.endswith(".")
    assert lesson.figures
    assert len({step.title for step in lesson.steps}) == len(lesson.steps)


@pytest.mark.parametrize("label", LABELS)
def test_steps_are_short_and_say_what_to_look_at(label):
    for step in LESSONS[label].steps:
        assert step.looks, step.title
        words = step.prose.plain
        assert 2 <= len(re.findall(r"[.?!:](?:\s|$)", words)) <= 9, step.title
        assert len(words.split()) <= 130, step.title


@pytest.mark.parametrize("label", LABELS)
def test_some_links_change_the_experiment_and_each_is_used_once(label):
    lesson = LESSONS[label]
    assert len(experiments(lesson)) >= 3
    for step in lesson.steps:
        assert len({link.query for link in step.links}) == len(step.links), step.title


@pytest.mark.parametrize("label", LABELS)
def test_links_lead_back(label):
    for link in links(LESSONS[label]):
        assert Experiment.from_query(link.experiment.to_query()) == link.experiment
        experiment, page, refusal, *_ = visit(link.query)
        assert refusal == ""
        assert (experiment, page) == (link.experiment, link.page), "the page shows what the link names"
        assert visit(write(experiment, page))[:3] == (experiment, page, "")


@pytest.mark.parametrize("label", LABELS)
def test_what_to_look_at_is_on_the_page(label):
    lesson = LESSONS[label]
    assert lesson.page in PLANS
    assert set(lesson.figures) <= set(plan_of(lesson.page).figures)
    for part in lesson.parts:
        pages = {link.page for link in (part.begins, *part.links)}
        assert set(part.looks) <= {figure for page in pages for figure in plan_of(page).figures}, part.title


def test_lessons_follow_each_other():
    following = [lesson.next for lesson in LESSONS.values()]
    assert following == [*LABELS[1:], ""]


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS)
def test_every_number_is_that_of_its_run_and_every_run_ends_without_surprise(label):
    """A run ends as usual, unless the text claims another end. One test, as both look at the same runs."""
    lesson = LESSONS[label]
    findings = list(verified.claims(lesson))
    assert findings, "a lesson claims something"
    wrong = [f"{f.what}: {f.found}" for f in findings if not f.ok]
    assert not wrong
    told = {
        (
            part.experiment_of(claim, term.at).to_json(),
            term.reading.position(part.experiment_of(claim, term.at)),
        )
        for part in lesson.parts
        for claim in part.claims
        for term in claim.terms
        if term.reading.name == "status"
    }
    for link in experiments(lesson):
        ds = verified.result(link.experiment)
        for i, status in enumerate(map(str, ds["status"].values)):
            known = (link.experiment.to_json(), i) in told
            assert status in ENDINGS or known, f"line {link.line}: {ds['run'].values[i]} {status}"


@pytest.mark.parametrize("label", LABELS)
def test_no_text_has_mathematics_in_ascii(label):
    for part in LESSONS[label].parts:
        outside = re.sub(
            r"\$\$[^$]*\$\$|\$[^$]*\$|\{[^}]*\}|\]\((?:[^()\s]|\([^()]*\))*\)", "", part.prose.text
        )
        assert not re.search(r"\b(kappa|lambda|rho|alpha|sigma|mu)\b|\w_\w|\^|<=|>=|->", outside), part.title
