"""The lessons as a site for any static host, or for a folder on a stick: no server, no network, no install.

A lesson's links are queries of the live page, so all that a reader can come to is known: those experiments
are run ahead, and their figures stored at some moments. All pages share `bokeh.js`, which draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.export.sites.page import experiments, lesson_page, style
from gnviz.lessons import LESSONS, Lesson
from gnviz.views.backends.bokeh.recorded import library

if TYPE_CHECKING:
    import xarray as xr

LIBRARY = "bokeh.js"
"""The file beside the pages."""

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lessons · gnviz</title>
<style>{style}</style>
</head>
<body class="index">
<h1>What Gauss-Newton training does</h1>
<p>Each lesson is a page of a few steps. Its links change the experiment beside it; the slider over the
pictures goes through the training. All of it was computed ahead.</p>
<ol>
{entries}
</ol>
</body>
</html>
"""

ENTRY = """<li><a href="{label}.html">{title}</a> <i>{question}</i><br>{summary}</li>"""


def site(
    run: Callable[[Experiment], xr.Dataset], lessons: Iterable[Lesson] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the files of a site: name and text of the shared script, of the list, and of each lesson.

    Args:
        run: Gives an experiment's Dataset, such as `gnviz.run`; it is called once for each experiment of a
            lesson, when the lesson's page is asked for.
        lessons: Which, in the order of the list; None: all.

    Raises:
        LessonError: A lesson cannot be used; the message names file and line.

    Example:
        >>> files = dict(gnviz.export.site(gnviz.run, [LESSONS["xor"]]))
        >>> list(files)
        ['bokeh.js', 'index.html', 'xor.html']
    """
    chosen = list(LESSONS.values() if lessons is None else lessons)
    for lesson in chosen:
        lesson.verify()
    yield LIBRARY, library()
    entries = (
        ENTRY.format(
            label=lesson.label,
            **{x: escape(getattr(lesson, x)) for x in ("title", "question", "summary")},
        )
        for lesson in chosen
    )
    yield "index.html", INDEX.format(style=style(), entries="\n".join(entries))
    there = {lesson.label: lesson.title for lesson in chosen}
    for lesson in chosen:
        runs = {text: run(experiment) for text, experiment in experiments(lesson).items()}
        yield f"{lesson.label}.html", lesson_page(lesson, runs, there, LIBRARY)
