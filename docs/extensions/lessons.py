"""The lessons of the package as pages: from their own Markdown files, written anew at each build.

Claims become the words that a reader of the page sees, changes of the experiment become links to a served
page, and links that say where to look lead to the list of figures. The pages stand in `docs/lessons/`, which
git ignores but for its index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

from gnviz.lessons import LESSONS, Lesson, Step
from gnviz.lessons.claims import parse_claim
from gnviz.lessons.query import merged
from gnviz.views import VIEWS

_FORMULA = re.compile(r"(\$\$[^$]+\$\$|\$[^$\n]+\$)")
_CLAIM = re.compile(r"\{([^{}\n]+)\}")
_CHANGE = re.compile(r"\]\((\?(?:[^()\s]|\([^()]*\))*)\)")
_LOOK = re.compile(r"\]\(#([\w-]+)(?:@[^)]*)?\)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before they are read."""
    app.add_config_value("served_page", "http://localhost:5006/app", "html")
    app.connect("builder-inited", write)
    app.connect("source-read", name_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(app: Sphinx) -> None:
    """Write a page for each lesson, and one for the figures; a page that says the same stays untouched."""
    served = app.config.served_page
    pages = {f"lessons/{lesson.label}.md": page(lesson, served) for lesson in LESSONS.values()}
    pages["figures.md"] = figures()
    for name, text in pages.items():
        path = Path(app.srcdir, name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def name_all(_app: Sphinx, name: str, source: list[str]) -> None:
    """Put the lessons' names, in the order in which they are read, where the index asks for them."""
    if name == "lessons/index":
        source[0] = source[0].replace("ALL LESSONS", "\n".join(LESSONS))


def page(lesson: Lesson, served: str) -> str:
    """Return a lesson as MyST.

    Args:
        lesson: One of the package.
        served: Address of a served page, without a query.
    """
    lesson.verify()
    about = f"{lesson.summary} [Open it beside the live page]({served}?lesson={lesson.label})."
    parts = [f"# {lesson.title}", f"**{lesson.question}**", about]
    for step in lesson.steps:
        parts += [f"## {step.title}", words(step, served)]
    parts += ["## Check yourself", words(lesson.check.question, served)]
    parts += ["### Answer", words(lesson.check.answer, served)]
    if lesson.next:
        parts.append(f"Next: [{LESSONS[lesson.next].title}]({lesson.next}.md)")
    return "\n\n".join(parts) + "\n"


def words(step: Step, served: str) -> str:
    """Return a step's sentences as MyST."""
    return "".join(_part(part, step.base, served) for part in _FORMULA.split(step.prose.text)).strip()


def _part(text: str, base: str, served: str) -> str:
    if text.startswith("$$"):
        return "$$" + " ".join(text.strip("$").split()) + "$$"
    if text.startswith("$"):
        return text
    text = _CLAIM.sub(lambda found: parse_claim(found.group(1), 0).shown, text)
    text = _CHANGE.sub(lambda found: f"](<{served}{merged(base, found.group(1))}>)", text)
    return _LOOK.sub(r"](../figures.md#figure-\1)", text)


def figures() -> str:
    """Return the list of all figures as MyST."""
    return "\n\n".join(_figures()) + "\n"


def _figures() -> Iterator[str]:
    yield "# Figures"
    yield (
        "Each turns a Dataset into tables and says how they are marked. `gnviz.views.draw(ds, NAME)` draws it"
        " in a notebook; the page shows those that suit an experiment."
    )
    for label, view in sorted(VIEWS.items()):
        yield f"(figure-{label})=\n## {view.title}"
        needs = ", ".join(f"`{name}`" for name in view.needs)
        yield f"`{label}`: {view.caption.replace('*', chr(92) + '*')} Needs {needs} of the Dataset."
