"""Live figures: built once, then fed with what is new.

`LiveFigure` shows a flat view, `LivePath` a three-dimensional one; `live(view)` takes the right one.
All calls come from the session that owns the page (a periodic callback); no threads.

How the figures follow the light and dark theme (read in panel_material_ui 0.16, `utils.js`):
`Page` restyles in the browser, whenever its theme changes or a model is added, the axes, grids,
legends, colour bars and fills of every Bokeh figure (`apply_bokeh_theme`); nothing is needed from
Python. It does not touch glyphs or labels, and keeps backgrounds whose alpha is 0. Hence the views
draw on transparent ground with colours that hold on both.

For Plotly (`apply_plotly_theme`) it merges colours, but also margins of 64 pixels and small markers
into `layout` and `data`, which are then synchronized back to Python; the next update from Python
overwrites them. So the view's own colours hold on both themes, and the view notes its margins
and markers in `meta`, which `LivePath` lets win in the browser, whenever it draws (`_GENTLE`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import xarray as xr
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, Line, Span, TapTool
from bokeh.plotting import figure
from plotly.graph_objects import Figure

from gnviz.lab.drawn import drawn
from gnviz.views import Frame, View
from gnviz.views.base import Table, Tables, takes

DATA_OPTIONS = frozenset({"run", "moment", "mode", "reference"})
"""Options that choose among numbers, and leave the figure's glyphs and axes as they are."""

PATH_INTERVAL = 0.4
"""Least seconds between two updates of the 3-D figure: each is drawn anew in the browser."""

CURSOR = {"line_color": "#808791", "line_width": 1.5}
"""The vertical line at the moment shown."""

FAINT, STRONG = 0.2, 1.8
"""Opacity of modes that are not the one singled out, and how much wider that one is."""

APART = 10_000
"""Distance between the numbers of two updates of the 3-D figure: more than a browser adds in between."""

_GENTLE = """
const view = Bokeh.index.find_one_by_id(source.id)
if (view == null || view.gentle) return
view.gentle = true
const plot = view.plot.bind(view), planned = view._layout_data.bind(view), trace = view._get_trace.bind(view)
view._layout_data = () => {
  const layout = planned(), scene = view.container._fullLayout?.scene?._scene
  if (layout.scene && scene) layout.scene.camera = scene.getCamera()
  return Object.assign(layout, layout.meta)
}
view._get_trace = (...which) => {
  const drawn = trace(...which)
  return Object.assign(drawn, drawn.meta)
}
let held = false, due = false
view.plot = async (fresh) => { if (held) due = true; else await plot(fresh) }
view.el.addEventListener("pointerdown", () => { held = true }, true)
window.addEventListener("pointerup", () => setTimeout(() => {
  held = false
  if (due) { due = false; view.plot() }
}, 50), true)
const fit = view.resize_layout.bind(view)
let size = ""
view.resize_layout = () => {
  const now = `${view.el.clientWidth} ${view.el.clientHeight}`
  if (now != size || !view._rendered) { size = view._rendered ? now : ""; fit() }
}
view.plot()
"""
"""Keeps the user's camera and the view's own margins and markers (in `meta`), in the browser.

Each update would turn the figure back: while it is being turned, for lack of a stored camera, and
afterwards, because Panel resizes after each update, which parts Plotly's scene from the layout that
it stores its camera in. So updates wait for the pointer, and carry the camera as it stands.
"""


def live(view: View, **settings: Any) -> LiveFigure | LivePath:
    """Return the live figure that fits the view's backend."""
    return LivePath(view, **settings) if view.backend == "plotly" else LiveFigure(view, **settings)


class LiveFigure(pn.viewable.Viewer):
    """A flat view that grows with the run; the user's zoom and hidden curves stay.

    Args:
        view: What to show.
        time_range: First and last time known in advance; None: as recorded when first shown. For
            a logarithmic axis best the first moment after 0: with 0, the figure is drawn anew
            once that moment is recorded.
        follow: Whether the vertical axis follows the data, until the user zooms; "reset" resumes.
        height: Least height in pixels.
        legend: Whether the figure has a legend of its own.
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

    def update(self, ds: xr.Dataset) -> bool:
        """Show what has been recorded since, at the cost of what is new; return True: it is shown."""
        tables = self.view.tables(ds, **self.options)
        if tables.keys() != self.sources.keys() or self._uncertain(tables) != self._signature[0]:
            self.show(ds)
            return True
        for label, table in tables.items():
            push(self.sources[label], table)
        self._move(self.view.limits(tables), force=False)
        return True

    def seek(self, ds: xr.Dataset, moment: int) -> bool:
        """Show a recorded moment (-1: the latest), with a cursor where time is an axis; return True."""
        if takes(self.view, "moment"):
            self.options["moment"] = moment
            return self.update(ds)
        if takes(self.view, "time_scale"):
            self._cursor.update(visible=moment >= 0, location=float(ds["time"].values[moment]))
        return True

    def single_out(self, mode: int | None) -> None:
        """Draw one mode's curves strong and the other modes' faint; None: all alike."""
        self._mode = mode
        for label, width in self._widths.items():
            glyph, chosen = self._glyph(label), label.startswith("mode ") and label.split()[1] == str(mode)
            other = mode is not None and label.startswith("mode ") and not chosen
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
        below = self.view.backdrop(ds) if hasattr(self.view, "backdrop") else None
        looks = (*tables, *options.items(), *named, *sizes, *ends, self.frame, *first, below)
        return (self._uncertain(tables), *looks)

    def _draw(self, ds: xr.Dataset, tables: Tables, look: tuple[Any, ...]) -> None:
        """Show a drawing of the view, and find the source of each table."""

        def draw() -> figure:
            import holoviews as hv

            return hv.renderer("bokeh").get_plot(self.view.draw(ds, frame=self.frame, **self.options)).state

        fig = drawn((self.view.name, look), draw)
        self.sources = {glyph.name: glyph.data_source for glyph in fig.renderers if glyph.name in tables}
        for label, table in tables.items():
            push(self.sources[label], table)
        self._move(self.view.limits(tables), force=True, fig=fig)
        for legend in fig.legend:
            legend.visible = self.legend
        self._interact(fig)
        self.pane.object = fig
        self.single_out(self._mode)

    def _interact(self, fig: figure) -> None:
        """Add the cursor, and let markers be picked."""
        lines = (r for r in fig.renderers if r.name in self.sources and isinstance(r.glyph, Line))
        self._widths = {r.name: r.glyph.line_width for r in lines}
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
    """Bring a source up to a table: send the tail if it only grew, nothing if it is the same."""
    old = source.data
    known = len(next(iter(old.values()), ()))
    grown = old.keys() == table.keys() and all(
        len(new) >= known and np.array_equal(old[name], new[:known], equal_nan=True)
        for name, new in table.items()
    )
    if not grown:
        source.data = {name: np.array(new) for name, new in table.items()}
    elif len(next(iter(table.values()))) > known:
        # as lists: each array would travel in two messages of its own
        source.stream({name: new[known:].tolist() for name, new in table.items()})


class Sparing(pn.pane.Plotly):
    """A Plotly pane that sends an array only if it has changed, even where there are gaps in it.

    Panel's own compares with `!=`, for which NaN differs from itself: a surface with a gap, or a path
    yet to be recorded, would travel with every update.
    """

    def _update_data_sources(self, cds: ColumnDataSource, trace: dict[str, Any]) -> bool:
        """Bring a trace's source up to date, take the arrays out of the trace; return whether any changed."""
        arrays: dict[str, list[np.ndarray]] = {}
        self._get_sources_for_trace(trace, arrays)
        old = cds.data
        changed = {k: new for k, new in arrays.items() if k not in old or not same(old[k][0], new[0])}
        gone = cds.data.keys() - arrays.keys()
        for name, column in changed.items():
            cds.data[name] = column
        for name in gone:
            del cds.data[name]
        return bool(changed or gone)


def same(old: np.ndarray, new: np.ndarray) -> bool:
    """Return whether two arrays have the same type and numbers, NaN where the other has NaN."""
    return old.dtype == new.dtype and np.array_equal(old, new, equal_nan=old.dtype.kind == "f")


class LivePath(pn.viewable.Viewer):
    """A three-dimensional view, live; the user's camera stays.

    Args:
        view: A view that draws a Plotly figure as a dict.
        height: Least height in pixels.
        time_range: Not used: the figure has no time axis.
        legend: Whether the figure has a legend of its own.
        options: Of the view.
    """

    def __init__(
        self, view: View, *, height: int = 300, time_range: Any = None, legend: bool = True, **options: Any
    ) -> None:
        super().__init__()
        self.view, self.options, self.legend = view, options, legend
        self.frame = Frame(height=height)
        self.pane = Sparing(
            None,
            link_figure=False,
            sizing_mode="stretch_both",
            min_height=height,
            config={"displaylogo": False, "displayModeBar": False, "responsive": True},
        )
        self.pane.jscallback(_render_count=_GENTLE)
        self._last, self._shows = -np.inf, 0

    def __panel__(self) -> pn.pane.Plotly:
        return self.pane

    def show(self, ds: xr.Dataset, *, time_range: Any = None, **options: Any) -> None:
        """Show another run, or the same one with other options, at once."""
        self.options = {**self.options, **options}
        drawing = self.view.draw(ds, frame=self.frame, **self.options)
        drawing["layout"]["showlegend"] = self.legend
        # Given a dict, Panel makes a Figure of it, which checks every property: 10 ms instead of 1.
        with pn.io.hold():
            self.pane.object = Figure(**drawing, _validate=False)
            self._number()
        self._last = time.monotonic()

    def _number(self) -> None:
        """Give the update a number that the browser cannot have come to by itself.

        Panel asks for a drawing by adding 1 to a count that browser and server share. Where both do so at
        once, as when a run ends as soon as it has begun, the browser sees no change, and would not draw.
        """
        self._shows += 1
        for model, _ in self.pane._models.values():
            model._render_count = APART * self._shows

    def seek(self, ds: xr.Dataset, moment: int) -> bool:
        """Show a recorded moment (-1: the latest), unless drawn a moment ago; return whether."""
        if takes(self.view, "moment"):
            self.options["moment"] = moment
            return self.update(ds)
        return True

    def single_out(self, mode: int | None) -> None:
        """Do nothing: no trace is of one mode."""

    def on_pick(self, picked: Callable[[int], None]) -> None:
        """Call `picked` with the number of a point of the first trace that the user clicks on."""

        def clicked(event: Any) -> None:
            for point in (event.new or {}).get("points", ()):
                if point["curveNumber"] == 0:
                    picked(self._number_of(point["pointNumber"]))

        self.pane.param.watch(clicked, "click_data")

    def _number_of(self, place: int | list[int]) -> int:
        """Return a point's number in its table: a surface's points are there row by row."""
        if isinstance(place, int):
            return place
        row, column = place
        return row * np.shape(self.pane.object["data"][0]["z"])[1] + column

    def update(self, ds: xr.Dataset) -> bool:
        """Show what has been recorded so far, unless the last update was a moment ago; return whether."""
        due = time.monotonic() - self._last >= PATH_INTERVAL
        if due:
            self.show(ds)
        return due
