"""One lesson, read step by step beside the pictures that it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import param

from gnviz.lab.lessons.card import BACK, CLOSE, GO, LOOK, NEXT, LessonCard
from gnviz.lab.look.layout import show
from gnviz.lessons import LESSONS, Lesson, lesson
from gnviz.lessons.lesson import Step
from gnviz.lessons.prose import looked_at


class LessonView(pn.viewable.Viewer):
    """A lesson's card: title, question, one step at a time, links that change the page in place.

    A lesson's last step is its question to check oneself. Each step that is opened asks for what it begins
    with; what was set before the lesson is for the page to keep, and to bring back once it is `closed`.

    Args:
        go: Called with the query, question mark and all, of what a step begins with or a link leads to.
        params: `lesson` and `step` to begin with; then `go` is called at once.

    Raises:
        KnobError: There is no such lesson.

    Example:
        >>> asked = []
        >>> view = LessonView(asked.append, lesson="damping")
        >>> view.step = 2  # as its address says
        >>> len(asked), view.looks
        (2, ['modes'])
    """

    lesson = param.String("", doc="Its label; empty: none.")
    step = param.Integer(
        1, bounds=(1, None), doc="The step that is shown, from 1; beyond the last: the last."
    )
    looks = param.List([], item_type=str, doc="Figures to light up: the step's, or one that was asked for.")
    time = param.Number(
        0.0, bounds=(0, None), doc="Flow time, or step, at which the pictures are to be seen."
    )
    closed = param.Boolean(True, doc="Whether no lesson is shown.")

    def __init__(self, go: Callable[[str], Any], **params: Any) -> None:
        super().__init__(**params)
        self._go = go
        self.card = LessonCard(sizing_mode="stretch_width", margin=0)
        self.card.param.watch(self._done, "did")
        self.param.watch(self._open, ["lesson", "step"])
        show(self.card, not self.closed)
        if self.lesson:
            self._show()

    @property
    def steps(self) -> int:
        """How many steps the lesson has, with the question at its end; 0 for no lesson."""
        return len(self._lesson.steps) + 1 if self.lesson else 0

    @property
    def _lesson(self) -> Lesson:
        return lesson(self.lesson)

    @property
    def _step(self) -> Step:
        return [*self._lesson.steps, self._lesson.check.question][self.step - 1]

    def _open(self, *events: Any) -> None:
        """Show another lesson, from its first step unless that is given too, or another step."""
        changed = {event.name for event in events}
        if not self.lesson:
            self.close()
        elif "lesson" in changed and "step" not in changed and self.step != 1:
            self.step = 1
        else:
            self._show()

    def _show(self) -> None:
        if self.step > self.steps:
            self.step = self.steps
            return
        self.card.shown = self._content()
        show(self.card, True)
        self.closed = False
        self._look(list(self._step.looks))
        self._go(self._step.begins.query)

    def _content(self) -> dict[str, Any]:
        """Return what the card shows."""
        what, step, last = self._lesson, self._step, self.step == self.steps
        after = LESSONS.get(what.next)
        return {
            "title": what.title,
            "question": what.question,
            "place": f"Step {self.step} of {self.steps}",
            "heading": step.title,
            "body": step.html,
            "answer": what.check.answer.html if last else "",
            "back": self.step > 1,
            "next": (f"Next lesson: {after.title}" if after else "") if last else "Next",
        }

    def _done(self, event: Any) -> None:
        """Do what the reader asks for."""
        _, what, detail = event.new
        act = {
            GO: lambda: (self._go(detail), self._look(self.looks)),
            LOOK: lambda: self._look_at(detail),
            BACK: lambda: self.turn(-1),
            NEXT: lambda: self.turn(1),
            CLOSE: self.close,
        }
        act[what]()

    def _look_at(self, href: str) -> None:
        """Light up the figure that a link leads to, at the time that it names, if it names one."""
        figure, time = looked_at(href)
        self._look([figure])
        if time == self.time:
            self.param.trigger("time")
        elif time is not None:
            self.time = time

    def _look(self, figures: list[str]) -> None:
        """Light figures up, also those that are lit."""
        self.looks = figures
        self.param.trigger("looks")

    def turn(self, by: int) -> None:
        """Go on, or back, by a step; after the last comes the next lesson. Without a lesson do nothing."""
        if self.closed:
            return
        if self.step + by > self.steps:
            if self._lesson.next in LESSONS:
                self.param.update(lesson=self._lesson.next, step=1)
        elif self.step + by >= 1:
            self.step += by

    def close(self) -> None:
        """Put the lesson away; its step is kept."""
        self.looks = []
        show(self.card, False)
        self.closed = True

    def reopen(self) -> None:
        """Show the lesson again where it was closed."""
        if self.lesson:
            self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.card
