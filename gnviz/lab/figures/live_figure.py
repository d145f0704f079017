"""Live figures: built once, then fed with what is new.

`LiveFigure` shows what Bokeh draws, `LiveSurface` what Plotly draws; `live(view)` takes the right one.
All calls come from the session that owns the page (a periodic callback); no threads.

How the figures follow the light and dark theme (read in panel_material_ui 0.16, `utils.js`):
`Page` restyles in the browser, whenever its theme changes or a model is added, the axes, grids,
legends, colour bars and fills of every Bokeh figure (`apply_bokeh_theme`); nothing is needed from
Python. It does not touch glyphs or labels, and keeps backgrounds whose alpha is 0. Hence the views
draw on transparent ground with colours that hold on both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import xarray as xr
from bokeh.models import ColumnDataSource, Line, Span, TapTool
from bokeh.plotting import figure

from gnviz.lab.figures.browser.grip import let_place
from gnviz.lab.figures.live_surface import LiveSurface
from gnviz.views.backends.bokeh.camera import turn_alike
from gnviz.views.backends.bokeh.cursor import add_cursor
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.base import View, takes
from gnviz.views.described import described

FAINT, STRONG = 0.2, 1.8
"""Opacity of modes that are not the one singled out, and how much wider that one is."""


def live(view: View, **settings: Any) -> LiveFigure | LiveSurface:
    """Return the live figure for a view."""
    return LiveSurface(view, **settings) if view.solid else LiveFigure(view, **settings)


class LiveFigure(pn.viewable.Viewer):
    """A flat view that grows with the run; the user's zoom and hidden curves stay.

    Args:
        view: What to show.
        time_range: First and last time known in advance; None: as recorded when first shown.
        follow: Whether the vertical axis follows the data, until the user zooms; "reset" resumes.
        height: Least height in pixels.
        legend: Whether the figure names the runs; kinds of lines it always explains.
        options: Of the view, such as `time_scale` or `run`.
    """

    def __init__(
        self,
        view: View,
        *,
        time_range: tuple[float, float] | None = None,
        follow: bool = True,
        height: int = 300,
        legend: bool = True,
        **options: Any,
    ) -> None:
        super().__init__()
        self.view, self.options, self.follow = view, options, follow
        self._settings: dict[str, Any] = {"height": height, "legend": legend}
        self._time_range = time_range
        self.pane = pn.pane.Bokeh(None, sizing_mode="stretch_both", min_height=height)
        self.drawing: Drawing | None = None
        self._cursor: Span | None = None
        self._time: float | None = None
        self._widths: dict[str, float] = {}
        self._mode: int | None = None
        self._picked: Callable[[int], None] | None = None
        self._held = ""
        self.told = False  # whether `words` have been taken since the last change
        self._placed: Callable[[float, float], None] | None = None

    def __panel__(self) -> pn.pane.Bokeh:
        return self.pane

    @property
    def figure(self) -> figure | None:
        """The Bokeh figure in the pane; None before the first Dataset."""
        return self.drawing.figure if self.drawing else None

    @property
    def sources(self) -> dict[str, ColumnDataSource]:
        """The numbers in the figure, by the labels of their tables."""
        return self.drawing.sources if self.drawing else {}

    @property
    def words(self) -> str:
        """What is shown, for who cannot see it."""
        tables: Any = {label: source.data for label, source in self.sources.items()}
        return described(self.drawing.plot, tables) if self.drawing else ""

    def copy(self, **settings: Any) -> LiveFigure:
        """Return another figure that shows the same, once it begins.

        Args:
            settings: Of the class, such as `height` and `legend`.
        """
        other = LiveFigure(self.view, time_range=self._time_range, **settings, **self.options)
        other.single_out(self._mode)
        return other

    def begin(self, ds: xr.Dataset, *, time_range: tuple[float, float] | None = None, **options: Any) -> None:
        """Show another run, or the same one with other options; the zoom starts afresh.

        Args:
            ds: A Dataset of schema 1.
            time_range: As in the class; None keeps the one before.
            options: To change; the others stay.
        """
        self.options = {**self.options, **options}
        self._time_range = time_range or self._time_range
        self._bring(ds, afresh=True)

    def update(self, ds: xr.Dataset) -> bool:
        """Show what has been recorded since, at the cost of what is new; return True: it is shown."""
        self._bring(ds, afresh=False)
        return True

    def _bring(self, ds: xr.Dataset, *, afresh: bool) -> None:
        """Bring the drawing up to a Dataset; draw anew only what differs in more than numbers."""
        options, self.told = {**self.options, "time_range": self._time_range}, False
        tables, plot = read(self.view, ds, **options)
        if self.drawing is not None and self.drawing.shows(tables, plot):
            self.drawing.update(tables, plot, afresh=afresh, follow=self.follow)
        else:
            drawing = Drawing(self.view, ds, **self._settings, **options)
            self._interact(drawing)
            turn_alike(self.figure, drawing.figure)
            self.drawing = drawing
            self.pane.object = drawing.figure
            self.single_out(self._mode)

    def point(self, time: float | None) -> None:
        """Put a cursor at a time; None takes it away."""
        self._time = time
        if self._cursor is not None:
            self._cursor.update(visible=time is not None, location=time)

    def single_out(self, mode: int | None) -> None:
        """Draw one mode's curves strong and the other modes' faint; None: all alike."""
        self._mode = mode
        for label, width in self._widths.items():
            assert self.drawing is not None
            glyph, chosen = self.drawing.glyphs[label].glyph, label.split()[1] == str(mode)
            other = mode is not None and not chosen
            glyph.update(line_alpha=FAINT if other else 1.0, line_width=width * (STRONG if chosen else 1))

    def on_pick(self, picked: Callable[[int], None]) -> None:
        """Call `picked` with the position of the marker that the user clicks on, -1 for none."""
        self._picked = picked

    def on_place(self, held: str, placed: Callable[[float, float], None]) -> None:
        """Call `placed` with the coordinates to which the user drags the points of a table, or clicks."""
        self._held, self._placed = held, placed

    def _interact(self, drawing: Drawing) -> None:
        """Add the cursor, and let markers be picked."""
        lines = {x: g.glyph for x, g in drawing.glyphs.items() if x.startswith("mode ")}
        self._widths = {x: glyph.line_width for x, glyph in lines.items() if isinstance(glyph, Line)}
        over_time = takes(type(self.view), "time_scale")
        self._cursor = add_cursor(drawing.figure, self._time) if over_time else None
        if self._picked is not None:
            drawing.figure.add_tools(TapTool(visible=False))
            for source in drawing.sources.values():
                source.selected.on_change("indices", lambda attr, old, new: self._pick())
        if self._placed is not None:
            let_place(drawing.figure, drawing.sources[self._held], self._placed)

    def _pick(self) -> None:
        """Say what is picked, in whichever source: the one picked before may be given up later or sooner."""
        indices = [i for source in self.sources.values() for i in source.selected.indices]
        if self._picked is not None:
            self._picked(indices[-1] if indices else -1)
