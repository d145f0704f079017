"""The stage: the boards of all pages, one of which is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gnviz.experiment import Experiment
from gnviz.lab.figures.board import Board
from gnviz.lab.figures.browser.plotly_script import PlotlyScript
from gnviz.lab.figures.browser.viewport import Viewport
from gnviz.lab.figures.cards import LARGE
from gnviz.lab.look.layout import GAP, stack
from gnviz.lab.run.plans import PLANS, home, plan_of, read_once
from gnviz.lab.run.scrubber import LATEST
from gnviz.results import Recording
from gnviz.views.pins import Pin


class Stage:
    """The pictures of the page that is open; those of another are made when it is first seen.

    Args:
        script: Plotly in the browser, without which some pages cannot be shown.
        viewport: What is in sight: the other figures wait.
        built: Called with each board that is made.

    Attributes:
        page: A key of `PLANS`; empty before the first is opened.
        leading: The pictures that lead the page.
        others: Those that go into detail.
    """

    def __init__(self, script: PlotlyScript, viewport: Viewport, built: Callable[[Board], None]) -> None:
        self._script, self._viewport, self._built = script, viewport, built
        viewport.param.watch(lambda event: self.board.see(event.new), "near")
        self._boards: dict[str, Board] = {}
        self._lit: Sequence[str] = ()
        self._pins: Sequence[Pin] = ()
        self._large = LARGE
        self.page = ""
        self.leading, self.others = stack(), stack(margin=(GAP, 0, 0, 0))

    @property
    def board(self) -> Board:
        """The pictures of the page that is open."""
        return self._boards[self.page]

    def turn_to(self, page: str) -> None:
        """Show a page's pictures."""
        if page == self.page:
            return
        if page not in self._boards:
            self._boards[page] = Board(plan_of(page))
            self._built(self._boards[page])
        self.page = page
        self.board.cards.enlarge(self._large)
        self.board.cards.light(self._lit)
        self._pin()
        if self._viewport.near is not None:
            self._viewport.near = []  # until the browser has found the new ones
        self._viewport.page = page
        self.leading.objects, self.others.objects = [self.board.cards.leading], [self.board.cards.others]

    def show(self, recording: Recording, page: str, moment: int = LATEST, at_once: int | None = None) -> None:
        """Show a recording; see `Board.begin`.

        Args:
            recording: What to show.
            page: Where, if that page can show it; else its own page is opened.
            moment: Which of its moments.
            at_once: Figures to draw now; None: all.
        """
        self.turn_to(_page_of(recording, page))
        self.board.begin(recording, moment, at_once)

    def ready(self, recording: Recording, page: str) -> bool:
        """Return whether the browser has what it needs to `show` a recording; if not, it is on its way."""
        return not PLANS[_page_of(recording, page)].by_plotly or self._script.here()

    def light(self, figures: Sequence[str]) -> None:
        """Draw a frame around some figures, and go to the first; without any, to the page's top."""
        self._lit = figures
        self._viewport.seek(figures[0] if figures else "")
        self.board.cards.light(figures)

    def pin(self, pins: Sequence[Pin]) -> None:
        """Draw other results beside the recording's, on whichever page can show them."""
        self._pins = pins
        self._pin()

    def _pin(self) -> None:
        of = [pin for pin in self._pins if PLANS[self.page].fits(read_once(pin.dataset.attrs["experiment"]))]
        self.board.pin(of)

    def enlarge(self, height: int) -> None:
        """Give each leading picture so many pixels of height, on whichever page."""
        self._large = height
        self.board.cards.enlarge(height)

    def fade(self, faint: bool) -> None:
        """Draw all pictures faint, or as usual."""
        self.board.fade(faint)


def experiment_of(recording: Recording) -> Experiment:
    """Return the experiment that a recording is of."""
    return read_once(recording.header.experiment)


def _page_of(recording: Recording, page: str) -> str:
    """Return the page that shows a recording: the one that is wanted, where that can."""
    experiment = experiment_of(recording)
    return page if PLANS[page].fits(experiment) else home(experiment)
