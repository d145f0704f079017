"""Lessons from text: what is read, and what a broken file is told, with file and line."""

import subprocess
import sys

import pytest

import gnviz
from gnviz import Experiment, KnobError
from gnviz.lessons import LESSONS, LessonError, read

HEAD = """---
title: A title
question: Why?
summary: Because.
page: training
figures: loss, modes
experiment: ?data.n=6
  &network.width=50
next: damping
rank: 7
---
"""
BODY = """## First
Look at [the *loss*](#loss), then [go on](?data.n=8&page=theory).
It takes {time(gradient-flow, 1e-6) = 1.2e4}, with $\\kappa(K_0) = 2$.

Then [turn](?methods=gauss-newton): {end_time(gauss-newton) / end_time(gradient-flow) at ? < 0.1 | a tenth}.

## [Second](?data.condition=1e3)
Nothing to do but {rho(adaptive(c=1), 0) < 1}.

## Check yourself
Why?

### Answer
Because.
"""


def written(tmp_path, text, name="a-lesson"):
    path = tmp_path / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def lesson(tmp_path):
    return read(written(tmp_path, HEAD + BODY))


def test_a_lesson_is_read(lesson):
    assert (lesson.label, lesson.title, lesson.question) == ("a-lesson", "A title", "Why?")
    assert (lesson.page, lesson.figures, lesson.next, lesson.rank) == (
        "training",
        ("loss", "modes"),
        "damping",
        7,
    )
    assert lesson.experiment == Experiment().replace({"data.n": 6, "network.width": 50})
    assert [step.title for step in lesson.steps] == ["First", "Second"]
    assert lesson.steps[0].looks == ("loss",)
    assert lesson.check.question.prose.plain.strip() == "Why?"
    assert lesson.check.answer.prose.plain.strip() == "Because."


def test_links_say_what_they_change_of_the_lessons_experiment(lesson):
    on, turn = lesson.steps[0].links
    assert (on.words, on.line, on.page) == ("go on", 13, "theory")
    assert on.experiment == lesson.experiment.replace({"data.n": 8})
    assert (turn.line, turn.page) == (16, "training")
    assert turn.experiment == lesson.experiment.replace({"methods": "gauss-newton"})
    assert lesson.steps[0].begins.experiment == lesson.experiment
    assert lesson.steps[1].begins.experiment == lesson.experiment.replace({"data.condition": 1e3})


def test_a_claim_speaks_of_the_last_link_unless_it_names_another(lesson):
    step = lesson.steps[0]
    first, ratio = step.claims
    assert (first.line, first.shown) == (14, "1.2 × 10⁴")
    assert step.experiment_of(first) == lesson.experiment.replace({"data.n": 8})
    assert ratio.shown == "a tenth"
    over, under = ratio.terms
    assert step.experiment_of(ratio, over.at) == lesson.experiment.replace({"methods": "gauss-newton"})
    assert step.experiment_of(ratio, under.at) == lesson.experiment
    second = lesson.steps[1]
    assert second.experiment_of(second.claims[0]) == second.begins.experiment


def test_html_has_formulas_numbers_and_whole_queries(lesson):
    html = lesson.steps[0].html
    assert '<a class="look" href="#loss">the <em>loss</em></a>' in html
    query = "?page=theory&amp;data.n=8&amp;network.width=50"
    assert f'<a class="change" href="{query}">go on</a>' in html
    assert "<math><mrow><mi>κ</mi>" in html
    assert "It takes 1.2 × 10⁴, with" in html


def test_html_in_a_lesson_is_shown_not_obeyed(tmp_path):
    body = BODY.replace("Nothing to do", "<script>alert(1)</script> <img src=x onerror=alert(1)>")
    html = read(written(tmp_path, HEAD + body)).steps[1].html
    assert "<script" not in html
    assert "<img" not in html


def test_plain_text_has_what_links_change(lesson):
    assert "Look at the loss, then go on [?data.n=8&page=theory]. It takes 1.2 × 10⁴, with κ(K₀) = 2." in (
        lesson.steps[0].prose.plain
    )


BROKEN = {
    "no head": ("title: A title\n", 1, "begins with a head"),
    "a field that is none": (
        HEAD.replace("next", "nxt") + BODY,
        9,
        "unknown field 'nxt'; did you mean 'next'",
    ),
    "a field twice": (HEAD.replace("next: damping", "title: b") + BODY, 9, "title is given twice"),
    "a field missing": (HEAD.replace("question: Why?\n", "") + BODY, 10, "question is missing"),
    "a field empty": (HEAD.replace("Because.", "") + BODY, 4, "summary is missing"),
    "a rank that is none": (HEAD.replace("7", "high") + BODY, 10, "rank = 'high' is not allowed"),
    "a figure that is none": (HEAD.replace("loss,", "los,") + BODY, 6, "unknown figure 'los'"),
    "an experiment that is none": (
        HEAD.replace("data.n=6", "data.n=0") + BODY,
        7,
        "data.n = '0' is not allowed",
    ),
    "text before the first step": (HEAD + "Hello.\n" + BODY, 12, "text before the first step"),
    "no answer": (HEAD + BODY.replace("### Answer", ""), 25, "a lesson ends with ## Check yourself"),
    "no step": (HEAD + BODY[BODY.index("## Check") :], 12, "at least one step"),
    "an empty step": (
        HEAD + BODY.replace("Nothing to do but {rho(adaptive(c=1), 0) < 1}.", ""),
        18,
        "nothing under",
    ),
    "a deeper heading": (HEAD + BODY.replace("## [Second]", "### [Second]"), 18, "heading begins with ##"),
    "code": (
        HEAD + BODY.replace("Nothing", "```\nNothing\n```"),
        19,
        "paragraphs, quotations and lists only",
    ),
    "a step that begins nowhere": (
        HEAD + BODY.replace("1e3", "1"),
        18,
        "data.condition = '1' is not allowed",
    ),
    "a link to no knob": (HEAD + BODY.replace("?data.n=8", "?data.m=8"), 13, "unknown knob 'data.m'"),
    "a link to a file": (HEAD + BODY.replace("?data.n=8", "?data.path=/etc/x"), 13, "cannot be set in a URL"),
    "a link to no figure": (HEAD + BODY.replace("#loss", "#lozz"), 13, "unknown figure 'lozz'"),
    "a link to no time": (HEAD + BODY.replace("#loss", "#loss@soon"), 13, "#loss@soon names no time"),
    "a link before the start": (HEAD + BODY.replace("#loss", "#loss@-1"), 13, "names no time"),
    "a link elsewhere": (HEAD + BODY.replace("#loss", "page.html"), 13, "a link leads to 'page.html'"),
    "a link without words": (HEAD + BODY.replace("[go on]", "[]"), 13, "has no words"),
    "a formula": (HEAD + BODY.replace("\\kappa", "\\kapa"), 14, "unknown command \\kapa"),
    "half a formula": (HEAD + BODY.replace("= 2$", "= 2"), 14, "a dollar sign is left"),
    "no claim": (HEAD + BODY.replace(" = 1.2e4", ""), 14, "is no claim"),
    "a claim of nothing": (
        HEAD + BODY.replace("{time", "{tim"),
        14,
        "unknown quantity 'tim'; did you mean 'time'",
    ),
    "a claim of no run": (HEAD + BODY.replace("rho(adaptive(c=1)", "rho(adaptive(c=2)"), 19, "0 runs are"),
    "a claim at no experiment": (HEAD + BODY.replace("at ? <", "at ?data.n=x <"), 16, "data.n = 'x'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_lesson_is_told_with_file_and_line(tmp_path, what):
    text, line, why = BROKEN[what]
    path = written(tmp_path, text)
    with pytest.raises(LessonError) as told:
        read(path)
    assert str(told.value).startswith(f"{path}:{line}: ")
    assert why in str(told.value)
    assert isinstance(told.value, KnobError)


def test_a_lesson_of_ones_own_is_registered(lesson, tmp_path):
    gnviz.register(lesson)
    try:
        assert LESSONS["a-lesson"] is lesson
        assert list(LESSONS)[-1] == "a-lesson"
    finally:
        LESSONS.remove("a-lesson")
    with pytest.raises(ValueError, match=r"Lesson.label = 'damping' is the name of"):
        gnviz.register(read(written(tmp_path, HEAD + BODY, "damping")))
    with pytest.raises(ValueError, match=r"Lesson.label is '1st lesson'"):
        gnviz.register(read(written(tmp_path, HEAD + BODY, "1st lesson")))


def test_workers_are_told_no_lessons(lesson):
    from gnviz.jobs.kinds import pickled_kinds

    before = pickled_kinds()
    gnviz.register(lesson)
    try:
        assert pickled_kinds() == before
    finally:
        LESSONS.remove("a-lesson")


PLUGIN = """
from pathlib import Path
from gnviz.lessons import read
mine = read(Path(__file__).with_name("mine.md"))
broken = None
"""


def test_an_installed_package_may_bring_a_lesson(tmp_path):
    written(tmp_path, HEAD + BODY, "mine")
    (tmp_path / "taught.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "taught-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: taught\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gnviz.plugins]\nmine = taught:mine\nbroken = taught:broken\n")
    code = f"""
import sys, warnings
sys.path.insert(0, {str(tmp_path)!r})
from gnviz.cli import main
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    main(["lesson", "mine"])
print(*(w.message for w in told))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "A TITLE" in done.stdout
    assert "the plugin broken (taught:broken) is left out" in done.stdout
    assert "the plugin mine" not in done.stdout
