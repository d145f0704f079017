"""A lesson as one HTML page beside BokehJS: its steps, and the runs that its links lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.export.parts import STYLE, figure, outcome
from gnviz.lessons import Lesson, Link, Step
from gnviz.views import VIEWS, View
from gnviz.views.backends.bokeh.recorded import SLIDER, record
from gnviz.views.runs import name_of
from gnviz.views.values import picked

if TYPE_CHECKING:
    import xarray as xr

LIVE = "http://127.0.0.1:5006/app"
"""Where `gnviz serve` shows the page."""

MOMENTS = 30
"""Most moments that a run's slider stops at: a page holds up to six runs in less than 2 MB."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · gnviz</title>
<style>{style}</style>
</head>
<body>
<header>
<nav><a href="index.html">All lessons</a></nav>
<h1>{title}</h1>
<p class="question">{question}</p>
</header>
<div class="beside">
<article>
{steps}
</article>
<main>
{runs}
</main>
</div>
<script type="application/json" id="leads">{leads}</script>
{drawings}
<script src="{library}"></script>
<script>
{script}
</script>
</body>
</html>
"""

STEP = """<section class="step" id="step-{number}" data-run="{run}" data-looks="{looks}">
<h2 tabindex="-1"><span>Step {number} of {count}</span> {title}</h2>
{body}
<footer>{turns}</footer>
</section>"""

RUN = """<div class="run" data-run="{k}" hidden>
{head}
<div class="bar">{slider}</div>
<div class="figures">
{figures}
</div>
{notes}
</div>"""


def experiments(lesson: Lesson) -> dict[str, Experiment]:
    """Return the experiments that a lesson's steps and links lead to, by their JSON, as they come."""
    found = (link.experiment for link in _links(lesson))
    return {experiment.to_json(): experiment for experiment in found}


def lesson_page(
    lesson: Lesson, runs: Mapping[str, xr.Dataset], lessons: Mapping[str, str], library: str
) -> str:
    """Return a lesson's page.

    Args:
        lesson: Which.
        runs: The Dataset of each of its `experiments`.
        lessons: Titles of the lessons that have a page beside this one, by their labels.
        library: The file beside it that has BokehJS.
    """
    places = {text: k for k, text in enumerate(runs)}
    leads = {link.query: places[link.experiment.to_json()] for link in _links(lesson)}
    drawn = [_run(lesson, k, ds) for k, ds in enumerate(runs.values())]
    return PAGE.format(
        title=escape(lesson.title),
        question=escape(lesson.question),
        style=style(),
        steps="\n".join(_steps(lesson, leads, lessons)),
        runs="\n".join(html for html, _ in drawn),
        leads=json.dumps(leads).replace("<", "\\u003c"),
        drawings="\n".join(
            f'<script type="application/json" id="drawing-{k}">[{items}]</script>'
            for k, (_, items) in enumerate(drawn)
        ),
        library=library,
        script=_file("lesson.js"),
    )


def _links(lesson: Lesson) -> Iterator[Link]:
    for step in lesson.parts:
        yield from (step.begins, *step.links)


def _steps(lesson: Lesson, leads: Mapping[str, int], lessons: Mapping[str, str]) -> Iterator[str]:
    """Yield the steps, the last of which is the question with its answer folded away."""
    steps = [*lesson.steps, lesson.check.question]
    for number, step in enumerate(steps, 1):
        last = number == len(steps)
        back = f'<a class="back" href="#step-{number - 1}">Back</a>' if number > 1 else ""
        onward = f'<a class="next" href="#step-{number + 1}">Next</a>' if not last else ""
        if last and lesson.next in lessons:
            words = escape(lessons[lesson.next])
            onward = f'<a class="next" href="{lesson.next}.html">Next lesson: {words}</a>'
        yield STEP.format(
            number=number,
            count=len(steps),
            run=leads[step.begins.query],
            looks=" ".join(step.looks),
            title=escape(step.title),
            body=step.html + (_answer(lesson.check.answer) if last else ""),
            turns=back + onward,
        )


def _answer(answer: Step) -> str:
    return f"<details><summary>Show the answer</summary>\n{answer.html}\n</details>"


def _run(lesson: Lesson, k: int, ds: xr.Dataset) -> tuple[str, str]:
    """Return a run as HTML, and what draws its figures."""
    views = [view for view in _views(lesson) if all(name in ds.variables for name in view.needs)]
    flat = [view for view in views if not view.solid]
    moments = picked(ds.sizes["time"], MOMENTS).tolist()
    spacing = Experiment.from_json(ds.attrs["experiment"]).clock.spacing
    legends = [view.label for view in flat][:1]
    drawn = record(flat, ds, moments, name=f"run-{k}", legends=legends, time_scale=spacing)
    first = name_of(ds, ds["run"].values[0])
    html = RUN.format(
        k=k,
        head="\n".join(outcome(ds)),
        slider=drawn.parts.get(SLIDER, ""),
        figures="\n".join(figure(view, drawn.parts[view.label], first) for view in flat),
        notes="\n".join(_left_out(lesson, view) for view in views if view.solid),
    )
    return html, drawn.items


def _views(lesson: Lesson) -> list[View]:
    """Return the figures that a lesson is about, then the others that it speaks of."""
    looks = (label for step in lesson.parts for label in step.looks)
    return [VIEWS[label] for label in dict.fromkeys((*lesson.figures, *looks))]


def _left_out(lesson: Lesson, view: View) -> str:
    live = f"{LIVE}?lesson={lesson.label}"
    return (
        f'<p class="note" data-figure="{view.label}">“{escape(view.title)}” is not on this page: it turns in '
        "three dimensions, which needs more than these files hold. Where gnviz is installed, "
        f'<code>gnviz serve</code> shows it at <a href="{live}">{live}</a>.</p>'
    )


def style() -> str:
    """Return the style of the site's pages."""
    return STYLE + _file("lesson.css")


@cache
def _file(name: str) -> str:
    return files("gnviz.export.sites").joinpath(name).read_text(encoding="utf-8")
