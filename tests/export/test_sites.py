"""The lessons as a site: every link of a lesson leads to a run that its page holds."""

import html
import json
import re

import pytest

import gnviz
from gnviz import KnobError, cli
from gnviz.cli import commands
from gnviz.export import site
from gnviz.export.sites.page import experiments
from gnviz.lessons import LESSONS, parse
from gnviz.views import VIEWS
from gnviz.views.headline import headline

MOST = 2e6
"""Bytes of a lesson's page, beside the script that all share."""

CHOSEN = ("your-own-data", "figure-1")
"""The largest page of all, and one that is about a surface."""


@pytest.fixture(scope="module")
def files():
    """Two lessons' pages, and the runs that were made for them, by the experiments' JSON."""
    made = {}

    def run(experiment):
        made[experiment.to_json()] = ds = gnviz.run(experiment)
        return ds

    return dict(site(run, [LESSONS[name] for name in CHOSEN])), made


def leads(page):
    return json.loads(re.search(r'id="leads">(.*?)</script>', page)[1])


def test_a_page_is_small_and_loads_the_shared_script_alone(files):
    pages, _ = files
    assert list(pages) == ["bokeh.js", "index.html", *(f"{name}.html" for name in CHOSEN)]
    for name in CHOSEN:
        page = pages[f"{name}.html"]
        assert len(page.encode()) < MOST
        assert re.findall(r'\bsrc="([^"]*)"', page) == ["bokeh.js"]
        assert not re.findall(
            r"<link\b|\burl\(|@import", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
        )


@pytest.mark.parametrize("name", CHOSEN)
def test_every_link_leads_to_its_run(files, name):
    pages, made = files
    page, lesson = pages[f"{name}.html"], LESSONS[name]
    assert set(experiments(lesson)) <= set(made)
    order = list(experiments(lesson))
    parts = re.findall(r'<div class="run" data-run="(\d+)" hidden>\n<p class="headline">(.*?)</p>', page)
    assert [int(k) for k, _ in parts] == list(range(len(order)))
    links = [link for step in lesson.parts for link in (step.begins, *step.links)]
    assert set(leads(page)) == {link.query for link in links}
    for link in links:
        place = leads(page)[link.query]
        assert order[place] == link.experiment.to_json()
        assert html.unescape(parts[place][1]) == headline(made[order[place]])
    hrefs = {html.unescape(href) for href in re.findall(r'<a class="change" href="([^"]*)"', page)}
    assert hrefs == {link.query for step in lesson.parts for link in step.links}


def test_a_surface_is_left_out_with_a_sentence(files):
    pages, _ = files
    page = pages["figure-1.html"]
    assert "“The predictor manifold” is not on this page" in page
    assert 'data-figure="manifold"' in page
    assert f"<h2>{VIEWS['parameter_plane'].title}</h2>" in page
    assert "is not on this page" not in pages["your-own-data.html"]


def test_pages_lead_to_those_that_are_there_only(files):
    pages, _ = files
    targets = {target for page in pages.values() for target in re.findall(r'href="([\w-]+\.html)"', page)}
    assert targets <= set(pages)
    assert LESSONS["figure-1"].next not in CHOSEN
    assert "Next lesson" not in pages["figure-1.html"]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_needs_few_runs(lesson):
    assert 3 <= len(experiments(lesson)) <= 8


SHORT = """---
title: Short <b>
question: How short?
summary: As short as this.
page: training
figures: loss
experiment: ?data.kind=ring&data.n=4&data.condition=none&network.width=8&clock.horizon=1&clock.snapshots=4
---
## A step
[Turn the seed](?network.seed=1).
## Check yourself
Why?
### Answer
[As before](?network.seed=0).
"""


@pytest.fixture
def short(tmp_path):
    lesson = parse(tmp_path / "short.md", SHORT)
    gnviz.register(lesson)
    yield lesson
    LESSONS.remove("short")


def test_the_command_writes_a_folder(short, tmp_path, capsys):
    folder = tmp_path / "a" / "site"
    for _ in range(2):  # what is there is replaced
        assert cli.main(["export", "lessons", str(folder), "--lesson", "short", "--quiet"]) == 0
    assert {path.name for path in folder.iterdir()} == {"bokeh.js", "index.html", "short.html"}
    page = (folder / "short.html").read_text("utf-8")
    assert "<h1>Short &lt;b&gt;</h1>" in page
    assert len(leads(page)) == 3
    assert len(set(leads(page).values())) == 2, "one is the usual seed, spelled out"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["lessons", "site", "--lesson", "dampin"], "unknown lesson 'dampin'; did you mean 'damping'"),
        (["lessons", "file"], "file is a file; give a folder's name"),
        (["lessons", "site", "--set", "data.n=4"], "--set and -o do not go with lessons"),
        (["page", "figure2", "--lesson", "damping"], "--lesson goes with gnviz export lessons FOLDER"),
    ],
)
def test_mistakes_are_one_line_before_any_run(argv, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "record", lambda *_, **__: pytest.fail("ran"))
    (tmp_path / "file").write_text("mine")
    assert cli.main(["export", *argv]) == cli.MISTAKE
    assert message in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_lesson_that_cannot_be_used_is_told_before_any_run(tmp_path):
    lesson = parse(tmp_path / "bad.md", SHORT.replace("network.seed=1", "network.sed=1"))
    with pytest.raises(KnobError, match=r"bad.md:10: .*unknown knob 'network.sed'"):
        list(site(lambda experiment: pytest.fail("ran"), [lesson]))
