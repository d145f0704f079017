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

import numpy as np
import panel as pn
import xarray as xr
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, Line, Span, TapTool
from bokeh.plotting import figure

from gnviz.lab.figures.clipping import raised
from gnviz.lab.figures.figure_cache import drawn
from gnviz.lab.figures.live_surface import LiveSurface
from gnviz.views import Frame, View
from gnviz.views.base import Grounded, Table, Tables
from gnviz.views.endings import explain
from gnviz.views.function_space.space import turn_alike
from gnviz.views.style import only_key

DATA_OPTIONS = frozenset({"run", "moment", "mode", "reference"})
"""Options that choose among numbers, and leave the figure's glyphs and axes as they are."""

CURSOR = {"line_color": "#808791", "line_width": 1.5}
"""The vertical line at the moment shown."""

SHORT = 500
"""Most numbers in a column that is sent as a list."""

FAINT, STRONG = 0.2, 1.8
"""Opacity of modes that are not the one singled out, and how much wider that one is."""


def live(view: View, **settings: Any) -> LiveFigure | LiveSurface:
    """Return the live figure that fits the view's backend."""
    return LiveSurface(view, **settings) if view.backend == "plotly" else LiveFigure(view, **settings)


class LiveFigure(pn.viewable.Viewer):
    """A flat view that grows with the run; the user's zoom and hidden curves stay.

    Args:
        view: What to show.
        time_range: First and last time known in advance; None: as recorded when first shown. For
            a logarithmic axis best the first moment after 0: with 0, the figure is drawn anew
            once that moment is recorded.
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
        self.view, self.options, self.follow, self.legend = view, options, follow, legend
        self.frame = Frame(time_range=time_range, height=height)
        self.pane = pn.pane.Bokeh(None, sizing_mode="stretch_both", min_height=height)
        self.sources: dict[str, ColumnDataSource] = {}
        self._cursor = Span(dimension="height", level="overlay", visible=False, **CURSOR)
        self._widths: dict[str, float] = {}
        self._mode: int | None = None
        self._picked: Callable[[int], None] | None = None
        self._tapped: Callable[[float, float], None] | None = None
        self._signature: tuple[Any, ...] = ()
        self._limits = (0.0, 0.0)

    def __panel__(self) -> pn.pane.Bokeh:
        return self.pane

    @property
    def figure(self) -> figure | None:
        """The Bokeh figure in the pane; None before the first `show`."""
        return self.pane.object

    def show(self, ds: xr.Dataset, *, time_range: tuple[float, float] | None = None, **options: Any) -> None:
        """Show another run, or the same one with other options; the zoom starts afresh.

        The figure is drawn anew only if its glyphs or axes change; drawing takes some tenths of
        a second, everything else about a millisecond.

        Args:
            ds: A Dataset of schema 1.
            time_range: As in the class; None keeps the one before.
            options: To change; the others stay.
        """
        self.options = {**self.options, **options}
        if time_range is not None:
            self.frame = Frame(time_range=time_range, height=self.frame.height)
        tables = self.view.tables(ds, **self.options)
        signature = self._look(ds, tables)
        if signature == self._signature:
            self._refill(tables)
        else:
            self._draw(ds, tables, signature)
            self._signature = signature
        if isinstance(self.view, Grounded):
            self.view.refill(self.figure, ds)

    def update(self, ds: xr.Dataset) -> bool:
        """Show what has been recorded since, at the cost of what is new; return True: it is shown."""
        tables = self.view.tables(ds, **self.options)
        if tables.keys() != self.sources.keys() or self._uncertain(tables) != self._signature[0]:
            self.show(ds)
            return True
        for label, table in tables.items():
            push(self.sources[label], table)
        self._explain(tables)
        self._move(self.view.limits(tables), force=False)
        return True

    def _explain(self, tables: Tables, fig: figure | None = None) -> None:
        """Let the legend explain the marks that have come."""
        for legend in (fig or self.figure).legend:
            explain(legend, tables)

    def point(self, time: float | None) -> None:
        """Put a cursor at a time; None takes it away."""
        self._cursor.update(visible=time is not None, location=time)

    def single_out(self, mode: int | None) -> None:
        """Draw one mode's curves strong and the other modes' faint; None: all alike."""
        self._mode = mode
        for label, width in self._widths.items():
            glyph, chosen = self._glyph(label), label.split()[1] == str(mode)
            other = mode is not None and not chosen
            glyph.update(line_alpha=FAINT if other else 1.0, line_width=width * (STRONG if chosen else 1))

    def on_pick(self, picked: Callable[[int], None]) -> None:
        """Call `picked` with the position of the marker that the user clicks on, -1 for none."""
        self._picked = picked

    def on_tap(self, tapped: Callable[[float, float], None]) -> None:
        """Call `tapped` with the coordinates of a place that the user clicks on."""
        self._tapped = tapped

    def _glyph(self, label: str) -> Any:
        return next(r.glyph for r in self.figure.renderers if r.name == label)

    def _uncertain(self, tables: Tables) -> bool:
        """Return whether a logarithmic time axis does not know yet where to start."""
        logarithmic = self.options.get("time_scale", "log") == "log"
        known = self.frame.time_range is not None and self.frame.time_range[0] > 0
        return logarithmic and not known and any(not len(t.get("time", (0,))) for t in tables.values())

    def _look(self, ds: xr.Dataset, tables: Tables) -> tuple[Any, ...]:
        """Return all that the drawing depends on, apart from the numbers."""
        options = {k: v for k, v in self.options.items() if k not in DATA_OPTIONS}
        words = [ds.attrs.get(name) for name in ("clock", "target", "loss_kind", "loss_formula")]
        named = [*words, *map(str, ds["feature"].values)]
        sizes = [ds.sizes[d] for d in ("mode", "sample", "grid")]
        ends = [
            (len(t["coordinate"]), *t["coordinate"][[0, -1]]) for t in tables.values() if "coordinate" in t
        ]
        first = ds["time"].values[:2] if self.frame.time_range is None else ()
        below = self.view.backdrop(ds) if isinstance(self.view, Grounded) else None
        looks = (*tables, *options.items(), *named, *sizes, *ends, self.frame, *first, below)
        return (self._uncertain(tables), *looks)

    def _draw(self, ds: xr.Dataset, tables: Tables, look: tuple[Any, ...]) -> None:
        """Show a drawing of the view, and find the source of each table."""

        def draw() -> figure:
            import holoviews as hv

            return hv.renderer("bokeh").get_plot(self.view.draw(ds, frame=self.frame, **self.options)).state

        fig = raised(drawn((self.view.name, look), draw))
        self.sources = {glyph.name: glyph.data_source for glyph in fig.renderers if glyph.name in tables}
        for label, table in tables.items():
            push(self.sources[label], table)
        self._move(self.view.limits(tables), force=True, fig=fig)
        for legend in () if self.legend else fig.legend:
            only_key(legend)
        self._explain(tables, fig)
        self._interact(fig)
        turn_alike(self.figure, fig)
        self.pane.object = fig
        self.single_out(self._mode)

    def _interact(self, fig: figure) -> None:
        """Add the cursor, and let markers be picked."""
        lines = (r for r in fig.renderers if (r.name or "").startswith("mode ") and isinstance(r.glyph, Line))
        self._widths = {r.name: r.glyph.line_width for r in lines if r.name in self.sources}
        self._cursor = self._cursor.clone()
        fig.add_layout(self._cursor)
        if self._picked is not None:
            fig.add_tools(TapTool(visible=False))
            for source in self.sources.values():
                source.selected.on_change("indices", lambda attr, old, new: self._pick())

        if self._tapped is not None:
            fig.on_event(Tap, lambda event: self._tapped and self._tapped(float(event.x), float(event.y)))

    def _pick(self) -> None:
        """Say what is picked, in whichever source: the one picked before may be given up later or sooner."""
        indices = [i for source in self.sources.values() for i in source.selected.indices]
        if self._picked is not None:
            self._picked(indices[-1] if indices else -1)

    def _refill(self, tables: Tables) -> None:
        """Replace all numbers and start the zoom afresh."""
        for label, table in tables.items():
            push(self.sources[label], table)
        self._explain(tables)
        across = self.figure.x_range
        across.update(start=across.reset_start, end=across.reset_end)
        self._move(self.view.limits(tables), force=True)

    def _move(self, limits: tuple[float, float], *, force: bool, fig: figure | None = None) -> None:
        """Let the vertical range follow, unless the user has changed it."""
        fig = fig or self.figure
        if force:
            across = fig.x_range
            across.update(reset_start=across.start, reset_end=across.end)
        elif limits == self._limits or not self.follow:
            return
        upright = fig.y_range
        untouched = np.allclose((upright.start, upright.end), self._limits, rtol=1e-9, atol=0)
        upright.update(reset_start=limits[0], reset_end=limits[1])
        if force or untouched:
            upright.update(start=limits[0], end=limits[1])
        self._limits = limits


def push(source: ColumnDataSource, table: Table) -> None:
    """Bring a source up to a table: send the tail if it only grew, else the columns that differ.

    What is short is sent as lists: each array would travel in two messages of its own.
    """
    old, count = source.data, len(next(iter(table.values())))
    known = len(next(iter(old.values()), ()))
    alike = old.keys() == table.keys()
    changed = [name for name, new in table.items() if not (alike and begins(new, old[name]))]
    if not changed and count > known:
        source.stream({name: new[known:].tolist() for name, new in table.items()})
    elif changed and alike and count == known <= SHORT and all(fits(table[n], old[n]) for n in changed):
        source.patch({name: [(slice(0, count), table[name].tolist())] for name in changed})
    elif changed:
        source.data = {name: np.array(new) for name, new in table.items()}


def begins(new: np.ndarray, old: Any) -> bool:
    """Return whether a column goes on from what it was."""
    return len(new) >= len(old) and np.array_equal(old, new[: len(old)], equal_nan=new.dtype.kind == "f")


def fits(new: np.ndarray, old: Any) -> bool:
    """Return whether numbers can be written into a column, which is no one else's: `push` copies."""
    return isinstance(old, np.ndarray) and old.dtype == new.dtype and old.flags.writeable
