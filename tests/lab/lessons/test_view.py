"""A lesson's card without a browser: what it shows, what it asks for, what it lights up."""

import pytest

from gnviz import KnobError
from gnviz.lab.lessons.view import LessonView
from gnviz.lessons import LESSONS

LABEL = "damping"


@pytest.fixture
def asked():
    return []


@pytest.fixture
def view(asked):
    view = LessonView(asked.append, lesson=LABEL)
    asked.clear()
    return view


def do(view, what, detail=""):
    view.card.did = [view.card.did[0] + 1, what, detail]


def shown(view):
    return view.card.styles["display"] != "none"


def test_it_begins_with_what_the_lesson_begins_with(asked):
    view = LessonView(asked.append, lesson=LABEL)
    lesson = LESSONS[LABEL]
    assert asked == [lesson.begins.query]
    assert (view.step, view.steps, view.closed) == (1, len(lesson.steps) + 1, False)
    card = view.card.shown
    assert (card["title"], card["question"]) == (lesson.title, lesson.question)
    assert (card["place"], card["heading"]) == (f"Step 1 of {view.steps}", lesson.steps[0].title)
    assert card["body"] == lesson.steps[0].html
    assert (card["back"], card["next"], card["answer"]) == (False, "Next", "")


def test_none_is_shown_until_one_is_asked_for(asked):
    view = LessonView(asked.append)
    assert view.closed
    assert not shown(view)
    assert asked == []
    view.lesson = LABEL
    assert not view.closed
    assert shown(view)
    assert len(asked) == 1


def test_next_and_back_show_steps_and_light_up_what_they_speak_of(view, asked):
    steps = LESSONS[LABEL].steps
    do(view, "next")
    assert view.step == 2
    assert view.looks == list(steps[1].looks)
    assert asked == [steps[1].begins.query]
    assert view.card.shown["back"]
    do(view, "back")
    do(view, "back")
    assert view.step == 1
    assert asked == [steps[1].begins.query, steps[0].begins.query]


def test_the_last_step_asks_and_leads_to_the_next_lesson(view, asked):
    lesson = LESSONS[LABEL]
    after = LESSONS[lesson.next]
    view.step = view.steps
    card = view.card.shown
    assert card["heading"] == "Check yourself"
    assert card["answer"] == lesson.check.answer.html
    assert card["next"] == f"Next lesson: {after.title}"
    do(view, "next")
    assert (view.lesson, view.step) == (lesson.next, 1)
    assert asked[-1] == after.begins.query
    assert view.card.shown["title"] == after.title


def test_after_the_last_lesson_there_is_none(asked):
    view = LessonView(asked.append, lesson=list(LESSONS)[-1], step=99)
    assert view.step == view.steps
    assert view.card.shown["next"] == ""
    do(view, "next")
    assert view.step == view.steps


def test_another_lesson_begins_at_its_first_step_unless_told(view, asked):
    view.step = 3
    asked.clear()
    view.lesson = "why-slow"
    assert view.step == 1
    assert asked == [LESSONS["why-slow"].begins.query]
    view.param.update(lesson=LABEL, step=2)
    assert view.step == 2
    assert asked[1:] == [LESSONS[LABEL].steps[1].begins.query]


def test_links_ask_for_their_query_and_for_figures(view, asked):
    link = LESSONS[LABEL].steps[1].links[0]
    lit = []
    view.param.watch(lambda event: lit.append(event.new), "looks", onlychanged=False)
    before = view.looks
    do(view, "go", link.query)
    assert asked == [link.query]
    assert set(map(tuple, lit)) == {tuple(before)}, "the step's figures, which are to come in sight"
    view.step += 1
    do(view, "look", "#loss")
    do(view, "look", "#loss@0.5")
    assert view.time == 0.5
    assert ["loss"] in lit
    assert lit.count(["loss"]) >= 2, "again, though it is lit already"


def test_a_lesson_is_closed_and_opened_where_it_was(view, asked):
    view.step = 2
    do(view, "close")
    assert view.closed
    assert not shown(view)
    assert view.looks == []
    assert (view.lesson, view.step) == (LABEL, 2)
    asked.clear()
    view.reopen()
    assert not view.closed
    assert shown(view)
    assert asked == [LESSONS[LABEL].steps[1].begins.query]


def test_an_unknown_lesson_is_refused(asked):
    with pytest.raises(KnobError, match="unknown lesson 'dampin'; did you mean 'damping'"):
        LessonView(asked.append, lesson="dampin")
