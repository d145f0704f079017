"""Where the figures of a page stand: a card for each, with its title, its menus and room for the picture."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import panel as pn

from gnviz.lab.figures.browser.viewport import ROOM
from gnviz.lab.figures.live_figure import LiveFigure
from gnviz.lab.figures.live_surface import LiveSurface
from gnviz.lab.look.layout import (
    INK,
    LATE,
    PHONE,
    SHEET,
    SHORT,
    fade,
    flow,
    grid,
    sheet,
    spanning,
    stack,
    text,
)
from gnviz.lab.look.menu import Menu
from gnviz.lab.run.plans import Spans
from gnviz.views import VIEWS

HEIGHT, LARGE = 265, 400
"""Pixels of a figure, and of those that lead: they fit a 900 pixel screen with all that steers them."""

SMALLER, LEAST = 330, 210
"""Pixels of each of those that lead, on a phone and on one that is turned, where what steers them lies over
the window's lower end."""

HEAD = 40
"""Pixels of a figure's title bar."""

FRAME_HEIGHT = 10 + HEAD + 2
"""Pixels of a card beside its figure."""

MENU = 92
"""Pixels of a menu in a title bar, at least: that two can be told apart in a narrow card."""

SHORTENED = "display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;"
"""Style of a title, where menus need the room."""

LEADING = 2
"""Figures, the first of a page, that lead it: large, and drawn before the others."""

LIT = "3px solid var(--mui-palette-primary-main, #0072b5)"
"""Frame of a figure that a lesson says to look at."""

FOCUS = """
:host(:focus-visible) { outline: 2px solid var(--mui-palette-primary-main, #0072b5); outline-offset: 2px; }
"""
"""Style of what the Tab key reaches."""

UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);"
"""Style of words for screen readers alone."""


class Cards:
    """The cards of a page's figures.

    Args:
        spans: How wide each is, in the page's order.
        choices: Returns the menus in a figure's title bar.

    Attributes:
        first: Names of those that lead the page.
        absent: Figures that are not there, as another stands in their place.
    """

    def __init__(self, spans: Mapping[str, Spans], choices: Callable[[str], Sequence[pn.viewable.Viewable]]):
        self._spans, self._choices = spans, choices
        self.first = tuple(spans)[:LEADING]
        self.absent: set[str] = set()
        self._large, self._lit = LARGE, ()
        self._rooms: dict[str, pn.Column] = {}
        self._titles: dict[str, pn.pane.HTML] = {}
        self._made: dict[str, pn.Column] = {}

    def fill(self, figures: Mapping[str, LiveFigure | LiveSurface]) -> None:
        """Give each figure its room."""
        for name, figure in figures.items():
            sheets = [INK, LATE, FOCUS, *self._on_phones(name, 10)]
            room = stack(figure, height=self.height(name) + 10, stylesheets=sheets, tags=[ROOM + name])
            self._rooms[name] = room

    def _on_phones(self, name: str, beside: int) -> list[str]:
        """Return how high a figure, or what is around it, is on a phone."""
        if name not in self.first:
            return []
        return [
            f"@media {window} {{ :host {{ height: {size}px !important; flex-basis: {size}px !important; }} }}"
            for window, size in ((f"(max-width: {PHONE}px)", SMALLER + beside), (SHORT, LEAST + beside))
        ]

    def height(self, name: str) -> int:
        """Return a figure's height in pixels."""
        return self._large if name in self.first else HEIGHT

    def enlarge(self, height: int) -> None:
        """Give each of the leading figures so many pixels of height."""
        self._large = height
        for name in self.first:
            self._rooms[name].height = height + 10
            if name in self._made:
                self._made[name].height = height + FRAME_HEIGHT

    def fade(self, names: Collection[str]) -> None:
        """Draw some figures faint, and the others as usual."""
        for name, room in self._rooms.items():
            fade(room, name in names)

    def light(self, names: Sequence[str]) -> None:
        """Draw a frame around some figures, those to look at, and around no others."""
        self._lit = tuple(names)
        self.dress()

    def dress(self) -> None:
        """Draw the frames, and leave out the cards of figures that are not there."""
        for name, card in self._made.items():
            outline, display = LIT if name in self._lit else "", "none" if name in self.absent else ""
            card.styles = {"outline": outline, "display": display}

    def describe(self, name: str, words: str) -> None:
        """Say what a figure shows, for who cannot see it."""
        self._titles[name].object = _title(name, words)

    @property
    def titled(self) -> Collection[str]:
        """Figures whose titles are there, so that `describe` has a place for words."""
        return self._titles

    @functools.cached_property
    def leading(self) -> pn.Column:
        """The figures that lead, side by side."""
        return self._grid(self.first)

    @functools.cached_property
    def others(self) -> pn.Column:
        """The figures that go into detail."""
        return self._grid([name for name in self._spans if name not in self.first])

    def _grid(self, names: Iterable[str]) -> pn.Column:
        shown = grid(*map(self._card, names))
        self.dress()
        return shown

    def _card(self, name: str) -> pn.Column:
        room = {"flex": "1 1 auto", "min-width": "0", "overflow": "hidden"}
        title = self._titles[name] = text(_title(name), "title", styles=room)
        head = flow(title, *self._choices(name), justify="space-between", wrap=False, height=HEAD)
        height = self.height(name) + FRAME_HEIGHT  # or a phone would squeeze all cards into its window
        sheets = [SHEET, spanning(self._spans[name]), *self._on_phones(name, FRAME_HEIGHT)]
        self._made[name] = sheet(head, self._rooms[name], height=height, stylesheets=sheets)
        return self._made[name]


def menu(options: Mapping[str, str] | Sequence[str], width: int, **params: Any) -> Menu:
    """Return a menu for a title bar: so many pixels wide, or `MENU` where the title needs the room."""
    styles = {"flex": f"0 99 {width}px", "min-width": f"{min(width, MENU)}px"}
    return Menu(options, margin=(0, 4), styles=styles, **params)


def _title(name: str, words: str = "") -> str:
    """Return a figure's title as HTML, with what it shows in words that only a screen reader reads."""
    view = VIEWS[name]
    unseen = f"<span style='{UNSEEN}'>{html.escape(words)}</span>" if words else ""
    told = f"{view.caption} {view.gesture}".rstrip()
    title, told = html.escape(view.title), html.escape(told, quote=True)
    return f"<span style='{SHORTENED}' title='{told}'>{title}</span>{unseen}"
