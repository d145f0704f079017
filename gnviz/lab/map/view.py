"""The picture of a map, and what it says: drawn from a sweep, brought up in place while that fills."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import xarray as xr

from gnviz.lab.figures.browser.viewport import ROOM
from gnviz.lab.figures.cards import FOCUS
from gnviz.lab.figures.live_figure import LiveFigure
from gnviz.lab.figures.prints import printed
from gnviz.lab.look.layout import INK, SHEET, fade, sheet, spanning, stack, text
from gnviz.lab.map.axes import symbol_of
from gnviz.lab.map.live_sweep import LiveSweep
from gnviz.lab.map.settings import TIME, Settings
from gnviz.lab.run.status import HEADLINE
from gnviz.sweeps.grid import Index
from gnviz.views.sweeps import SWEEP_VIEWS
from gnviz.views.sweeps.regime_map import CELLS
from gnviz.views.sweeps.sentence import sentence

HEIGHT = 500
"""Pixels of the map: with its head and its bar it fits a 900 pixel screen."""

VIEW = SWEEP_VIEWS["regime_map"]

FIRST = "Press Run map: each cell is an experiment of its own."

STALE = "These are cells of other settings: press Run map to compute them anew."

HINT = "Click on a cell to open its experiment."


class MapView:
    """The map.

    Args:
        live: The sweep that fills it.
        opened: Called with the place of a cell that is clicked on, across and upward.

    Attributes:
        figure: The picture.
        headline: What it shows, in a sentence.
        card: The picture on its sheet.
    """

    def __init__(self, live: LiveSweep, opened: Callable[[Index], None]) -> None:
        self._live, self._opened = live, opened
        self._seen: tuple[Any, ...] = ()
        self.figure = LiveFigure(VIEW, height=HEIGHT)
        self.figure.on_pick(self._pick)
        self.headline = pn.pane.HTML(
            "", stylesheets=[HEADLINE], margin=(2, 10, 8, 10), sizing_mode="stretch_width"
        )
        self._title = text("", "title")
        self._note = text("", "note", margin=(0, 10, 6, 10))
        self._room = stack(
            self.figure, height=HEIGHT + 10, stylesheets=[INK, FOCUS], tags=[ROOM + VIEW.label]
        )
        spans = spanning({"xs": 12, "md": 8, "lg": 9})
        self.card = sheet(self._title, self._room, self._note, stylesheets=[SHEET, INK, spans])

    def draw(self, settings: Settings, *, stale: bool) -> bool:
        """Show what there is by now, if it is not what is shown; return whether something was drawn.

        Args:
            settings: What is coloured.
            stale: Whether the sweep is of other settings.
        """
        live = self._live
        if live.sweep is None:
            return False
        coloured = settings.measure, settings.level, settings.run
        seen = live.new, live.sweep.done, live.filling, stale, coloured
        if seen == self._seen:
            return False
        fresh = seen[:1] != self._seen[:1] or seen[-1:] != self._seen[-1:]
        self._seen = seen
        with pn.io.hold():
            if fresh:
                self.figure.begin(self._dataset(settings), **self._options(settings))
                assert self.figure.figure is not None
                self.figure.figure.toolbar_location = None  # it would lie over cells, which need no zoom
            else:
                self.figure.update(self._dataset(settings))
            self._say(settings, stale)
        return True

    def _say(self, settings: Settings, stale: bool) -> None:
        """Say what is seen, and what can be done."""
        drawing, live = self.figure.drawing, self._live
        assert drawing is not None
        assert live.sweep is not None
        words = settings.names.get(settings.measure, settings.measure)
        words += f" of {settings.level:g}" if settings.measure == TIME else ""
        x, y = (symbol_of(axis.knob) for axis in (live.settings.across, live.settings.up))
        columns: Any = drawing.sources[CELLS].data
        cells = {name: np.asarray(column) for name, column in columns.items()}
        said = sentence(cells, drawing.plot, words, x, y) or FIRST
        if live.filling and said == FIRST:
            said = "Filling, coarse first: the shape shows before the end."
        self.headline.object = f"<h1 class='headline'><span role='status'>{html.escape(said)}</span></h1>"
        self._title.object = html.escape(drawing.plot.title)
        self._note.object = STALE if stale else HINT if live.sweep.done else ""
        for part in (self._room, self.headline):
            fade(part, stale and bool(live.sweep.done))

    def _dataset(self, settings: Settings) -> xr.Dataset:
        return self._live.dataset(settings.level)

    def _options(self, settings: Settings) -> dict[str, Any]:
        """Return how the sweep is shown: its own axes, and the colours that are asked for."""
        assert self._live.sweep is not None
        own, runs = self._live.settings, [run.label for run in self._live.sweep.grid.runs]
        names = own.names | settings.names
        return {
            "x": own.across.knob, "y": own.up.knob, "names": names, "measure": settings.measure,
            "run": settings.run if settings.run in runs else runs[0],
        }  # fmt: skip

    def _pick(self, position: int) -> None:
        """Open the cell that is clicked on, and let it be clicked on again."""
        drawing = self.figure.drawing
        if position < 0 or drawing is None:
            return
        source = drawing.sources[CELLS]
        data: Any = source.data
        columns = len(set(data["x"]))
        source.selected.indices = []
        self._opened((position % columns, position // columns))

    @property
    def titles(self) -> dict[str, str]:
        """What the figure is called, if there is one."""
        return {VIEW.label: VIEW.title} if self.figure.drawing is not None else {}

    def printed(self, name: str) -> dict[str, Any]:
        """Return what the browser needs to draw the figure for a file.

        Raises:
            ValueError: There is none yet.
        """
        if name not in self.titles or self._live.sweep is None:
            raise ValueError("there is no such figure any more")
        return printed(self.figure, self._live.dataset(self._seen[-1][1]))
