"""A point of a flat figure that can be dragged: it follows the pointer, and the page is told where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.events import Tap
from bokeh.models import ColumnDataSource, CustomJS
from bokeh.plotting import figure

NEAR = 24
"""Pixels from a point in which a drag takes hold of it: what a finger needs."""

EVERY = 60
"""While it is dragged, milliseconds between two places that the page is told of: a run begins at each."""

TAKE = """
const {inner_width: width, inner_height: height, x_range, y_range} = fig
const [xs, ys] = Object.values(held.data), {x, y} = cb_obj
const off = (a, b, range, size) => (a - b) / (range.end - range.start) * size
grip.on = Array.from(xs, (a, i) => Math.hypot(off(a, x, x_range, width), off(ys[i], y, y_range, height)))
  .some((distance) => distance < NEAR)
"""
"""On the first move of a drag: note whether it is of the point."""

MOVE = """
if (!grip.on) return
const {x, y} = cb_obj, [first, second] = Object.keys(held.data)
held.setv({data: {...held.data, [first]: [x], [second]: [y]}}, {sync: false})
const now = performance.now()
if (LAST || now - (grip.told ?? 0) > EVERY) {
  grip.told = now
  grip.data = {x: [x], y: [y]}
}
if (LAST) grip.on = false
"""
"""Move the point at once, and now and then, and at the end, tell where it is."""


def let_place(fig: figure, held: ColumnDataSource, placed: Callable[[float, float], None]) -> None:
    """Let a point be dragged, or put to where the user clicks.

    Args:
        fig: Where it is.
        held: The point, or several, whose first two columns are where they are.
        placed: Called with the place, in the figure's coordinates: now and then while it is dragged.
    """
    grip = ColumnDataSource({"x": [], "y": []}, name="grip")
    args = {"fig": fig, "held": held, "grip": grip}
    for event, code in (
        ("panstart", TAKE.replace("NEAR", str(NEAR))),
        ("pan", MOVE.replace("LAST", "false").replace("EVERY", str(EVERY))),
        ("panend", MOVE.replace("LAST", "true").replace("EVERY", str(EVERY))),
    ):
        fig.js_on_event(event, CustomJS(args=args, code=code))
    grip.on_change("data", lambda attr, old, new: placed(float(new["x"][0]), float(new["y"][0])))

    def tapped(event: Any) -> None:
        placed(float(event.x), float(event.y))

    fig.on_event(Tap, tapped)
