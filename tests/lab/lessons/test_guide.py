import pytest

from gnviz.experiment import Experiment
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.run.plans import plan_of
from gnviz.lessons import LESSONS

OWN = Experiment().replace({"network.width": 60})


@pytest.fixture
def lab(runner):
    laboratory = Laboratory(OWN, runner=runner)
    laboratory.start()
    return laboratory


def outlined(lab):
    return [name for name, card in lab.board.cards._made.items() if card.styles["outline"]]


def test_a_lesson_changes_the_page_and_closing_it_brings_the_settings_back(lab, runner):
    lab.board.__panel__()
    lab.guide.menu.value = "damping"
    first = LESSONS["damping"].steps[0]
    assert lab.here == (first.begins.experiment, "training")
    assert runner.jobs[-1].experiment == first.begins.experiment
    assert lab.guide.place == ("damping", 1)
    assert outlined(lab) == list(first.looks) == ["modes"]
    lab.guide.view.turn(1)
    link = LESSONS["damping"].steps[1].links[0]
    lab.guide.view.card.did = [1, "go", link.query]
    assert lab.controls.experiment == link.experiment
    lab.guide.view.close()
    assert lab.here == (OWN, "training")
    assert runner.jobs[-1].experiment == OWN
    assert lab.guide.menu.value == ""
    assert outlined(lab) == []
    lab.guide.menu.value = "damping"
    assert lab.guide.place == ("damping", 1), "a lesson that was closed can be opened again"


def test_the_next_lesson_keeps_what_there_was_before_the_first(lab):
    lab.guide.open("damping", 99)
    lab.guide.view.turn(1)
    assert lab.guide.menu.value == lab.guide.view.lesson == LESSONS["damping"].next
    lab.guide.menu.value = ""
    assert lab.here == (OWN, "training")


def test_a_lesson_that_one_arrives_at_leaves_its_settings(lab):
    lab.guide.arrive("figure-3", 2)
    there = lab.here
    assert there[0] != OWN
    lab.guide.view.close()
    assert lab.here == there


def test_a_lesson_is_opened_again_at_the_step_at_which_it_was_closed(lab):
    lab.guide.open("damping", 4)
    lab.guide.open("")
    lab.guide.open("damping", 4)
    assert lab.guide.place == ("damping", 4), "as the browser's Back asks for"
    assert lab.guide.menu.value == "damping"
    assert not lab.guide.view.closed


def test_who_goes_to_another_page_leaves_the_lesson_and_keeps_what_is_set(lab):
    lab.guide.open("damping", 2)
    there = lab.here[0]
    lab.pages.value = "theory"
    assert lab.guide.view.closed
    assert lab.guide.menu.value == ""
    assert lab.here == (there, "theory")


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_step_is_shown_on_its_page(lab, lesson):
    lab.guide.open(lesson)
    for _ in range(lab.guide.view.steps):
        experiment, page = lab.here
        assert experiment == lab.guide.view._step.begins.experiment
        looks = set(lab.guide.view._step.looks)
        assert looks <= set(plan_of(page).figures) | set(LESSONS[lesson].figures)
        if lab.guide.view.step < lab.guide.view.steps:
            lab.guide.view.turn(1)
    assert not lab.complaint.message


def test_a_link_to_a_time_moves_the_slider_to_the_nearest_moment(lab, runner):
    asked = []
    lab.scrubber.param.watch(lambda event: asked.append(event.new[1]), "sent")
    lab.guide.open("why-slow")
    lab.guide.view._look_at("#modes@1")
    assert asked == [], "there is no moment yet"
    runner.jobs[-1].compute(30)
    lab.tick()
    times = lab.live.recording.header.time[:30]
    for time in (float(times[7]) * 1.001, 1e9):
        lab.guide.view._look_at(f"#modes@{time}")
    assert asked == [7, 29]
    assert outlined(lab) == ["modes"]
