"""From a Markdown file to a lesson.

    ---
    title: What damping does
    question: What lies between gradient descent and Gauss-Newton?
    summary: One slider from first to second order.
    page: training
    figures: modes, loss
    experiment: ?data.condition=1e5
      &network.width=50
    next: conditioning
    rank: 20
    ---
    ## A step
    Its sentences.
    ## [A step that begins elsewhere](?data.condition=1e7)
    ## Check yourself
    A question.
    ### Answer
    Why.

A line of the head that begins with a space goes on with the one before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gnviz.knobs import unknown
from gnviz.lessons.lesson import Check, Lesson, Link, Step
from gnviz.lessons.prose import LessonError, Prose
from gnviz.lessons.query import PAGE, merged

NEEDED = ("title", "question", "summary", "page", "figures", "experiment")
FIELDS = (*NEEDED, "next", "rank")
"""Names in a lesson's head."""

CHECK, ANSWER = "Check yourself", "Answer"
"""Headings of a lesson's last part."""

FENCE = "---"

_ELSEWHERE = re.compile(r"^\[(.+)\]\((\?\S*)\)$")


@dataclass
class _Section:
    """The text under a heading."""

    level: int
    title: str
    line: int
    lines: list[str] = field(default_factory=list)


def read(path: str | os.PathLike[str]) -> Lesson:
    """Read a lesson and make sure that all of it can be used.

    Args:
        path: A Markdown file; its name, without the suffix, is the lesson's label.

    Raises:
        LessonError: It cannot be used; the message names file and line.
        OSError: The file cannot be read.
    """
    lesson = parse(Path(path), Path(path).read_text(encoding="utf-8"))
    lesson.verify()
    return lesson


def parse(path: Path, text: str) -> Lesson:
    """Read a lesson's text; what its links and claims say is read when it is asked for.

    Raises:
        LessonError: Its head or its headings are not as they should be.
    """
    lines = text.splitlines()
    head, end = _head(path, lines)
    sections = list(_sections(path, lines, end))
    values = {name: value for name, (value, _) in head.items()}
    at = head["experiment"][1]
    figures = tuple(filter(None, map(str.strip, values["figures"].split(","))))
    base = merged(f"{PAGE}={values['page']}", values["experiment"])
    begins = Link(values["title"], base, path, at)
    *steps, question, answer = _split(path, sections, len(lines))
    rank = values.get("rank", "100")
    if not rank.isdigit():
        raise LessonError(path, head["rank"][1], f"rank = {rank!r} is not allowed: an integer")
    return Lesson(
        path.stem,
        path,
        values["title"],
        values["question"],
        values["summary"],
        values["page"],
        figures,
        begins,
        tuple(_step(path, section, begins) for section in steps),
        Check(_step(path, question, begins), _step(path, answer, begins)),
        values.get("next", ""),
        int(rank),
        {name: line for name, (_, line) in head.items()},
    )


def _head(path: Path, lines: list[str]) -> tuple[dict[str, tuple[str, int]], int]:
    """Return the head's values with their lines, and the number of lines that it takes."""
    if not lines or lines[0] != FENCE or FENCE not in lines[1:]:
        raise LessonError(path, 1, f"a lesson begins with a head between two lines {FENCE}")
    end = lines.index(FENCE, 1)
    head: dict[str, tuple[str, int]] = {}
    name = ""
    for number, line in enumerate(lines[1:end], 2):
        if line.startswith(" ") and name:
            value, first = head[name]
            between = "" if name == "experiment" else " "
            head[name] = (value + between + line.strip(), first)
            continue
        name, colon, value = line.partition(":")
        if not colon or name not in FIELDS:
            raise LessonError(path, number, unknown("field", name, FIELDS))
        if name in head:
            raise LessonError(path, number, f"{name} is given twice")
        head[name] = (value.strip(), number)
    for name in NEEDED:
        if not head.get(name, ("", 0))[0]:
            raise LessonError(path, head.get(name, ("", end + 1))[1], f"{name} is missing in the head")
    return head, end + 1


def _sections(path: Path, lines: list[str], start: int) -> Iterator[_Section]:
    section = None
    for number, line in enumerate(lines[start:], start + 1):
        level = len(line) - len(line.lstrip("#"))
        if level and line[level : level + 1] == " ":
            if section:
                yield section
            section = _Section(level, line[level:].strip(), number)
        elif section:
            section.lines.append(line)
        elif line.strip():
            raise LessonError(path, number, "there is text before the first step's heading (## …)")
    if section:
        yield section


def _split(path: Path, sections: list[_Section], end: int) -> list[_Section]:
    """Return the sections if they are steps, then a question, then its answer."""
    titles = [(s.level, s.title) for s in sections[-2:]]
    if titles != [(2, CHECK), (3, ANSWER)]:
        raise LessonError(path, end, f"a lesson ends with ## {CHECK} and, under it, ### {ANSWER}")
    for section in sections[:-1]:
        if section.level != 2:
            raise LessonError(path, section.line, "a step's heading begins with ##")
    if len(sections) < 3:
        raise LessonError(path, sections[0].line, "a lesson has at least one step")
    return sections


def _step(path: Path, section: _Section, base: Link) -> Step:
    if not any(map(str.strip, section.lines)):
        raise LessonError(path, section.line, f"there is nothing under {section.title!r}")
    elsewhere = _ELSEWHERE.match(section.title)
    title, change = elsewhere.groups() if elsewhere else (section.title, "")
    begins = Link(title, merged(base.query, change), path, section.line)
    prose = Prose("\n".join(section.lines), path, section.line + 1)
    return Step(title, begins, prose, base.query)
