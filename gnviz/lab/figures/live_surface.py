"""Live surfaces, drawn by Plotly: built once, then fed with what is new.

How they follow the light and dark theme (read in panel_material_ui 0.16, `utils.js`):
`apply_plotly_theme` merges colours, but also margins of 64 pixels and small markers into `layout` and
`data`, which are then synchronized back to Python; the next update from Python overwrites them. So the
view's own colours hold on both themes, and the view notes its margins and markers in `meta`, which
`LiveSurface` lets win in the browser, whenever it draws (`_GENTLE`).
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np
import panel as pn
import xarray as xr
from bokeh.models import ColumnDataSource
from plotly.graph_objects import Figure

from gnviz.lab.figures.browser.grip_in_space import grip, script
from gnviz.views.backends.plotly import drawing
from gnviz.views.base import Tables, View
from gnviz.views.described import described
from gnviz.views.plot import Plot

INTERVAL = 0.4
"""Least seconds between two updates of the 3-D figure: each is drawn anew in the browser."""

APART = 10_000
"""Distance between the numbers of two updates of the 3-D figure: more than a browser adds in between."""

SLIP = 4
"""Pixels that the pointer may move in a click; beyond, the figure is being turned."""

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
let held = false, due = false, from = null, turned = false, clicked = null
const settle = () => {  // a legend that has wrapped stays where it was with fewer lines, over the surface
  const legend = view.container?.querySelector(".legend")
  const {_size: room, legend: said} = view.container?._fullLayout ?? {}
  if (!legend || !room || !said || !view.el.isConnected) return
  const down = Number(/,\\s*([-\\d.]+)/.exec(legend.getAttribute("transform") ?? "")?.[1] ?? 0)
  if (Math.abs(down + said._height - room.t) > 2) window.Plotly.relayout(view.container, {"legend.y": said.y})
}
view.plot = async (fresh) => {
  if (held) due = true
  else await plot(fresh).then(settle)
}
const tell = view.model.trigger_event.bind(view.model)
view.model.trigger_event = (event) => {
  if (event.data?.type != "click") tell(event)
  else if (held) clicked = event
  else if (!turned) tell(event)
}
view.el.addEventListener("pointerdown", (event) => {
  if (view.take?.(event)) return
  held = true; turned = false; clicked = null; from = [event.clientX, event.clientY]
}, true)
window.addEventListener("pointermove", (event) => {
  if (held) turned ||= Math.hypot(event.clientX - from[0], event.clientY - from[1]) > SLIP
}, true)
const release = () => setTimeout(() => {
  held = false
  if (clicked && !turned) tell(clicked)
  clicked = null
  if (due) { due = false; view.plot() }
}, 50)
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, release, true)
view.el.style.touchAction = "pan-y"
let finger = null
view.el.addEventListener("touchstart", (event) => {
  finger = event.isTrusted && event.touches.length == 1 ? event : null
  if (finger) event.stopPropagation()
}, true)
view.el.addEventListener("touchmove", (event) => {
  if (!finger) return
  const [now, then] = [event.touches[0], finger.touches[0]]
  const across = Math.abs(now.clientX - then.clientX), along = Math.abs(now.clientY - then.clientY)
  if (across <= along || across < SLIP) return event.stopPropagation()
  const touches = [...finger.touches], shape = {bubbles: true, composed: true, cancelable: true}
  event.composedPath()[0].dispatchEvent(
    new TouchEvent("touchstart", {touches, targetTouches: touches, changedTouches: touches, ...shape}))
}, true)
const fit = view.resize_layout.bind(view)
let size = ""
view.resize_layout = () => {
  const now = `${view.el.clientWidth} ${view.el.clientHeight}`
  if (now == size && view._rendered) return
  size = view._rendered ? now : ""
  const scene = view.container?._fullLayout?.scene?._scene
  if (scene && view.container.layout?.scene) view.container.layout.scene.camera = scene.getCamera()
  fit()
}
view.plot()
""".replace("SLIP", str(SLIP))
"""Keeps the user's camera and the view's own margins and markers (in `meta`), in the browser.

Each update would turn the figure back: while it is being turned, for lack of a stored camera, and
afterwards, because Panel resizes after each update, which parts Plotly's scene from the layout that
it stores its camera in. So updates wait for the pointer, and they and other sizes carry the camera as it
stands.

Plotly tells of a click on a surface as soon as the pointer is down: it is passed on once the pointer is
up again where it was, or each turn of a figure would be a click, too.
"""


class Sparing(pn.pane.Plotly):
    """A Plotly pane that sends an array only if it has changed, even where there are gaps in it.

    Panel's own compares with `!=`, for which NaN differs from itself: a surface with a gap, or a path
    yet to be recorded, would travel with every update.
    """

    def _update_data_sources(self, cds: ColumnDataSource, trace: dict[str, Any]) -> bool:
        """Bring a trace's source up to date, take the arrays out of the trace; return whether any changed."""
        arrays: dict[str, list[np.ndarray]] = {}
        self._get_sources_for_trace(trace, arrays)
        old: Any = cds.data
        changed = {k: new for k, new in arrays.items() if k not in old or not same(old[k][0], new[0])}
        gone = old.keys() - arrays.keys()
        for name, column in changed.items():
            old[name] = column
        for name in gone:
            del old[name]
        return bool(changed or gone)


def same(old: np.ndarray, new: np.ndarray) -> bool:
    """Return whether two arrays have the same type and numbers, NaN where the other has NaN."""
    return old.dtype == new.dtype and np.array_equal(old, new, equal_nan=old.dtype.kind == "f")


class LiveSurface(pn.viewable.Viewer):
    """A view of a surface, live; the user's camera stays.

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
        self.pane = Sparing(
            None,
            link_figure=False,
            sizing_mode="stretch_both",
            min_height=height,
            config={"displaylogo": False, "displayModeBar": False, "responsive": True},
        )
        self.pane.jscallback(_render_count=_GENTLE)
        self._last, self._shows = -np.inf, 0
        self._drawn: tuple[Plot, Tables] | None = None
        self.told = False  # whether `words` have been taken since the last change

    def __panel__(self) -> pn.pane.Plotly:
        return self.pane

    def begin(self, ds: xr.Dataset, *, time_range: Any = None, **options: Any) -> None:
        """Show another run, or the same one with other options, at once."""
        self.options = {**self.options, **options}
        tables = self.view.tables(ds, **self.options)
        plot = self.view.plot(ds, tables, **self.options)
        drawn = drawing(plot, tables)
        self._drawn, self.told = (plot, tables), False
        drawn["layout"]["showlegend"] = self.legend
        # Given a dict, Panel makes a Figure of it, which checks every property: 10 ms instead of 1.
        with pn.io.hold():
            self.pane.object = Figure(**drawn, _validate=False)
            self._number()
        self._last = monotonic()

    @property
    def words(self) -> str:
        """What is shown, for who cannot see it."""
        return described(*self._drawn) if self._drawn else ""

    def _number(self) -> None:
        """Give the update a number that the browser cannot have come to by itself.

        Panel asks for a drawing by adding 1 to a count that browser and server share. Where both do so at
        once, as when a run ends as soon as it has begun, the browser sees no change, and would not draw.
        """
        self._shows += 1
        for model, _ in self.pane._models.values():
            model._render_count = APART * self._shows

    def on_place(self, held: dict[str, str], placed: Callable[[str, list[float], int], None]) -> None:
        """Let points be dragged; see `browser.grip_in_space`.

        Args:
            held: By the names of their traces, how they move.
            placed: Called with the name, the place in space, and the mesh's point there or -1.
        """
        self.pane.jscallback(args={"grip": grip(placed)}, _render_count=script(held))

    def on_pick(self, picked: Callable[[int], None]) -> None:
        """Call `picked` with the number of a point of the first trace that the user clicks on."""

        def clicked(event: Any) -> None:
            for point in (event.new or {}).get("points", ()):
                if point["curveNumber"] == 0:
                    picked(point["pointNumber"])

        self.pane.param.watch(clicked, "click_data")

    def update(self, ds: xr.Dataset) -> bool:
        """Show what has been recorded so far, unless the last update was a moment ago; return whether."""
        due = monotonic() - self._last >= INTERVAL
        if due:
            self.begin(ds)
        return due
