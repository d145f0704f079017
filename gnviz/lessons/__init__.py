"""Lessons, one Markdown file each: words, formulas, and links that change the experiment they speak of.

    from gnviz.lessons import LESSONS, read
    LESSONS["damping"].steps[0].links[0].experiment
    gnviz.register(read("my-lesson.md"))           # and it is on the page

To add one, write its file here (`gnviz.lessons.reading` has its form). Its numbers are claims, which
`python -m gnviz.verify.lessons` holds against the runs. Nothing here imports torch or Panel.
"""

from __future__ import annotations

from pathlib import Path

from gnviz.knobs import KnobError, unknown
from gnviz.knobs.registry import REGISTRIES, Registry
from gnviz.lessons.claims import Claim
from gnviz.lessons.lesson import Check, Lesson, Link, Step
from gnviz.lessons.prose import LessonError, Prose
from gnviz.lessons.reading import parse, read

__all__ = [
    "LESSONS",
    "Check",
    "Claim",
    "Lesson",
    "LessonError",
    "Link",
    "Prose",
    "Step",
    "lesson",
    "parse",
    "read",
]


class Lessons(Registry[Lesson]):
    """Lessons by their label; they are objects, read from files."""

    def takes(self, thing: object) -> bool:
        """Return whether a thing is a lesson."""
        return isinstance(thing, self.base)


def _built_in() -> list[Lesson]:
    files = sorted(Path(__file__).parent.glob("*.md"))
    return sorted((parse(path, path.read_text(encoding="utf-8")) for path in files), key=lambda x: x.rank)


LESSONS = Lessons(Lesson, _built_in(), "lesson")
"""The lessons there are, in the order in which they are read."""

REGISTRIES.append(LESSONS)


def lesson(name: str) -> Lesson:
    """Return a lesson.

    Raises:
        KnobError: There is none of that name; the message has the nearest ones.
    """
    if name not in LESSONS:
        raise KnobError(unknown("lesson", name, LESSONS))
    return LESSONS[name]
