"""Lessons beside the pictures: which one is open, what it shows, and what there was before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from gnviz.experiment import Experiment
from gnviz.lab.figures.browser.viewport import COVERED
from gnviz.lab.lessons.view import LessonView
from gnviz.lab.look.layout import INK, SHEET, SHORT, UPRIGHT, WHOLE, show, stack
from gnviz.lab.look.menu import Menu
from gnviz.lab.server.address import Visited, read
from gnviz.lessons import LESSONS

SHARE = 44
"""Percent of an upright window's height that a lesson takes, below the pictures."""

BESIDE = (
    INK
    + WHOLE
    + f"""
:host {{ display: grid; grid-template-columns: auto minmax(0, 1fr); flex-shrink: 0;
  grid-auto-rows: max-content; }}
.scroll-button {{ display: none; }}
@media {UPRIGHT} {{ :host {{ grid-template-columns: minmax(0, 1fr); {COVERED}: {SHARE}; }} }}
@media {SHORT} {{ :host {{ {COVERED}: 22; }} }}
"""
)
"""A lesson, which may be away, beside what it speaks of; Panel's button for scrolling would take a column."""

STAYS = (
    SHEET
    + f"""
:host {{ position: sticky; top: 8px; align-self: start; width: min(400px, 40vw); margin-right: 8px;
  max-height: calc(100vh - 90px); overflow-y: auto; }}
@media {UPRIGHT} {{
  :host {{ order: 2; top: auto; bottom: 0; width: calc(100% + 24px) !important;
    max-width: none !important; margin: 8px -12px -8px; z-index: 5;
    height: {SHARE}vh; max-height: none; border-radius: 12px 12px 0 0; overscroll-behavior: contain;
    box-shadow: 0 -2px 10px rgba(0, 0, 0, 0.3); }}
}}
"""
)
"""The lesson stays in sight while the pictures are scrolled."""

REST = INK + WHOLE + f"@media not all and {UPRIGHT} {{ :host {{ grid-column: 2; }} }}"
"""The pictures take all the room where no lesson is open."""


class Guide:
    """The lessons of one laboratory.

    Args:
        go: Called with what a step or a link asks for.
        here: Returns the experiment and the page that are set.

    Attributes:
        view: The lesson that is open.
        menu: Chooses one.
    """

    def __init__(self, go: Callable[[Visited], None], here: Callable[[], tuple[Experiment, str]]) -> None:
        self._go, self._here = go, here
        self._before: tuple[Experiment, str] | None = None
        self.view = LessonView(self._follow)
        self._titles = {"choose a lesson": ""} | {what.title: label for label, what in LESSONS.items()}
        self._menus: list[Menu] = []
        self.menu = self.another_menu()
        self.view.param.watch(self._closed, "closed")
        self.view.param.watch(self._chosen, "lesson")

    def another_menu(self) -> Menu:
        """Return a menu of the lessons, for a place of its own on the page."""
        menu = Menu(self._titles, label="Learn", named="beside", width=230, margin=(8, 4))
        menu.value = self.place[0] if self._menus else ""
        menu.param.watch(lambda event: event.new != self.place[0] and self.open(event.new), "value")
        self._menus.append(menu)
        return menu

    def _point(self, lesson: str) -> None:
        """Let all menus say which lesson is open; empty: none."""
        for menu in self._menus:
            menu.value = lesson

    @property
    def place(self) -> tuple[str, int]:
        """The lesson that is open, empty for none, and its step."""
        return ("", 1) if self.view.closed else (self.view.lesson, self.view.step)

    def open(self, lesson: str, step: int = 1) -> None:
        """Open a lesson at a step, or close the one that is open; what is set now is kept until then."""
        if self.place == (lesson, step):
            return
        if not lesson:
            return self.view.close()
        if self.view.closed:
            self._before = self._here()
        if (lesson, step) == (self.view.lesson, self.view.step):  # it was closed there
            return self.view.reopen()
        self.view.param.update(lesson=lesson, step=step)

    def arrive(self, lesson: str, step: int) -> None:
        """Open a lesson that the page's address names: there is nothing to bring back."""
        self.open(lesson, step)
        self._before = None

    def leave(self) -> None:
        """Close the lesson that is open for something else that a reader wants to see."""
        self._before = None
        if not self.view.closed:
            self.view.close()

    def _follow(self, query: str) -> None:
        self._go(read(query))

    def _closed(self, event: Any) -> None:
        self._point("" if event.new else self.view.lesson)
        if event.new:
            before, self._before = self._before, None
            if before is not None:
                self._go(Visited(*before, ""))

    def _chosen(self, event: Any) -> None:
        if event.new:
            self._point(event.new)

    def beside(self, *items: Any) -> pn.Column:
        """Return items with the lesson beside them."""
        lesson = stack(self.view.card, stylesheets=[STAYS])
        show(lesson, not self.view.closed)
        self.view.param.watch(lambda event: show(lesson, not event.new), "closed")
        return stack(lesson, stack(*items, stylesheets=[REST]), stylesheets=[BESIDE])
