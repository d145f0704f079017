"""A lesson: a question, some steps with links that change the experiment, and a question to check oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, unknown
from gnviz.lessons.claims import Claim
from gnviz.lessons.prose import LessonError, Prose
from gnviz.lessons.query import merged, split_page
from gnviz.views import VIEWS


@dataclass(frozen=True)
class Link:
    """A change of the experiment.

    Attributes:
        words: What the link says.
        query: The whole query of the page that it leads to, with its question mark.
        path: The lesson's file.
        line: Where the link stands in it.
    """

    words: str
    query: str
    path: Path
    line: int

    @property
    def page(self) -> str:
        """The page of the laboratory that it leads to; empty: the experiment's own."""
        return split_page(self.query)[0]

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that it leads to.

        Raises:
            LessonError: It has a setting that is not allowed.
        """
        try:
            return Experiment.from_query(split_page(self.query)[1])
        except KnobError as error:
            raise LessonError(self.path, self.line, str(error)) from None


@dataclass(frozen=True)
class Step:
    """A few sentences, with what they change and what to look at.

    Attributes:
        title: Its heading.
        begins: What the page shows when the step is opened.
        prose: The sentences.
        base: The lesson's own query, of which links say changes.
    """

    title: str
    begins: Link
    prose: Prose
    base: str

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links that change the experiment, in the order of the text."""
        return tuple(
            Link(target.words, merged(self.base, target.href), self.prose.path, target.line)
            for target in self.prose.links
        )

    @property
    def looks(self) -> tuple[str, ...]:
        """The figures to look at, which light up."""
        return self.prose.looks

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What is claimed of runs."""
        return self.prose.claims

    @property
    def html(self) -> str:
        """The sentences as HTML; links that change the experiment have the whole query as their address."""
        return self.prose.html(self.base)

    def experiment_of(self, claim: Claim, at: str | None = None) -> Experiment:
        """Return the experiment that a claim of this step speaks of.

        Args:
            claim: One of `claims`.
            at: What one of its terms names itself.

        Raises:
            LessonError: It has a setting that is not allowed.
        """
        change = claim.change if at is None else at
        if change is None:
            return self.begins.experiment
        return Link(claim.text, merged(self.base, change), self.prose.path, claim.line).experiment


@dataclass(frozen=True)
class Check:
    """A question to check oneself, and its answer.

    Attributes:
        question: In a sentence or two.
        answer: Why.
    """

    question: Step
    answer: Step

    @property
    def parts(self) -> tuple[Step, Step]:
        """Both."""
        return self.question, self.answer


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        label: Its public name.
        path: Its file.
        title: A few words.
        question: What it answers.
        summary: One sentence for a list.
        page: The page of the laboratory that it is on.
        figures: What it is about, the most important first.
        begins: The experiment that it begins with.
        steps: In order.
        check: At the end.
        next: Label of the lesson that comes after it, empty for none.
        rank: Place in a list, the smallest first.
        lines: Of the file, for each field of the head.
    """

    label: str
    path: Path
    title: str
    question: str
    summary: str
    page: str
    figures: tuple[str, ...]
    begins: Link
    steps: tuple[Step, ...]
    check: Check
    next: str = ""
    rank: int = 100
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def experiment(self) -> Experiment:
        """The experiment that it begins with.

        Raises:
            LessonError: It has a setting that is not allowed.
        """
        return self.begins.experiment

    @property
    def parts(self) -> tuple[Step, ...]:
        """The steps, then the question and its answer."""
        return (*self.steps, *self.check.parts)

    def verify(self) -> None:
        """Make sure that every figure, link, formula and claim can be used.

        Raises:
            LessonError: One cannot; the message names file and line.
        """
        for figure in self.figures:
            if figure not in VIEWS:
                raise LessonError(self.path, self.lines["figures"], unknown("figure", figure, VIEWS))
        for step in self.parts:
            for link in (self.begins, step.begins, *step.links):
                assert link.experiment is not None
            for claim in step.claims:
                self._find_runs(step, claim)

    def _find_runs(self, step: Step, claim: Claim) -> None:
        """Make sure that a claim speaks of runs that there are."""
        for term in claim.terms:
            experiment = step.experiment_of(claim, term.at)
            try:
                term.reading.position(experiment)
            except KnobError as error:
                raise LessonError(self.path, claim.line, str(error)) from None
