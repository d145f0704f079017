"""Points of a surface's picture that can be dragged: in the plane of the screen, or along the surface."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bokeh.models import ColumnDataSource

from gnviz.lab.figures.browser.grip import EVERY, NEAR

GRIP = """
const view = Bokeh.index.find_one_by_id(source.id)
if (view == null || view.take) return
const FREE = "free", scene = () => view.container?._fullLayout?.scene?._scene
const named = (name) => (view.container?.data ?? []).findIndex((t) => t.type == "scatter3d" && t.name == name)
const whole = () => {  // from data to the cube that the screen shows
  const {projection, view: eye, model} = scene().glplot.cameraParams
  const parts = [projection, eye, model].map((m) => new DOMMatrix(Array.from(m)))
  return parts.reduce((a, b) => a.multiply(b)).scale(...scene().dataScale)
}
const seen = (all, room, x, y, z) => {
  const at = all.transformPoint(new DOMPoint(x, y, z))
  const [right, up] = [at.x / at.w, at.y / at.w]
  return {at, x: room.left + (1 + right) / 2 * room.width, y: room.top + (1 - up) / 2 * room.height}
}
const far = (event, spot) => Math.hypot(event.clientX - spot.x, event.clientY - spot.y)
const room = () => scene().glplot.canvas.getBoundingClientRect()
let taken = null, drawing = 0
const reach = (event) => {
  if (!scene()?.glplot?.cameraParams) return null
  const all = whole(), box = room()
  const found = Object.entries(HELD).map(([name, how]) => {
    const index = named(name), {x, y, z} = view.container.data[index] ?? {x: []}
    if (!x.length) return {far: Infinity}
    const spot = seen(all, box, x[0], y[0], z[0])
    const off = [spot.x - event.clientX, spot.y - event.clientY]
    return {name, how, place: [x[0], y[0], z[0]], far: far(event, spot), off}
  })
  const best = found.reduce((a, b) => a.far <= b.far ? a : b)
  return best.far <= NEAR ? best : null
}
const within = (event) => {  // in the plane through the point that is parallel to the screen
  const all = whole(), box = room(), {at} = seen(all, box, ...taken.place)
  const right = 2 * (event.clientX + taken.off[0] - box.left) / box.width - 1
  const up = 1 - 2 * (event.clientY + taken.off[1] - box.top) / box.height
  const p = all.inverse().transformPoint(new DOMPoint(right * at.w, up * at.w, at.z, at.w))
  return [[p.x / p.w, p.y / p.w, p.z / p.w], -1]
}
const along = (event) => {  // the surface's point under the pointer that lies in front, else the nearest
  const all = whole(), box = room(), {x, y, z} = view.container.data[0]
  let best = -1, least = Infinity
  for (let k = 0; k < x.length; k++) {
    const spot = seen(all, box, x[k], y[k], z[k]), off = far(event, spot)
    const cost = off < NEAR / 2 ? spot.at.z / spot.at.w - 10 : off
    if (cost < least) [best, least] = [k, cost]
  }
  return best < 0 ? [taken.place, -1] : [[x[best], y[best], z[best]], best]
}
const tell = () => {
  taken.told = performance.now()
  const [x, y, z] = taken.place.map((v) => [v])
  grip.data = {name: [taken.name], x, y, z, point: [taken.point]}
}
const draw = () => {
  if (!drawing) drawing = requestAnimationFrame(() => {
    drawing = 0
    if (!taken) return
    const [x, y, z] = taken.place
    window.Plotly.restyle(view.container, {x: [[x]], y: [[y]], z: [[z]]}, [named(taken.name)])
  })
}
const own = view._get_trace
view._get_trace = (...which) => {
  const drawn = own(...which)
  if (taken && drawn.name == taken.name) [drawn.x, drawn.y, drawn.z] = taken.place.map((v) => [v])
  return drawn
}
const stop = (event) => { event.stopPropagation(); if (event.cancelable) event.preventDefault() }
view.take = (event) => {
  taken = event.isPrimary && event.button == 0 ? reach(event) : null
  if (!taken) return false
  Object.assign(taken, {pointer: event.pointerId, told: 0, point: -1})
  view.el.setPointerCapture(event.pointerId)
  stop(event)
  return true
}
view.el.addEventListener("pointermove", (event) => {
  if (!taken) {
    if (!event.buttons && scene()) scene().glplot.canvas.style.cursor = reach(event) ? "grab" : ""
    return
  }
  stop(event)
  ;[taken.place, taken.point] = taken.how == FREE ? within(event) : along(event)
  draw()
  if (performance.now() - taken.told > EVERY) tell()
}, true)
for (const kind of ["mousedown", "mousemove", "touchstart", "touchmove"])
  view.el.addEventListener(kind, (event) => { if (taken) stop(event) }, {capture: true, passive: false})
for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
  view.el.addEventListener(kind, (event) => {
    if (!taken) return
    stop(event)
    if (taken.told) tell()
    taken = null
  }, true)
"""
"""Runs in the browser where the surface's view is made: `view` is it, `grip` what the server hears of.

While a point is held the camera stands still, and what the server sends is drawn with the point where the
pointer is.
"""

FREE, ALONG = "free", "along the surface"
"""How a point moves: in the plane of the screen, or on the surface's mesh."""


def script(held: dict[str, str]) -> str:
    """Return what lets points be dragged.

    Args:
        held: By the names of their traces, how they move: `FREE` or `ALONG`.
    """
    return GRIP.replace("HELD", json.dumps(held)).replace("NEAR", str(NEAR)).replace("EVERY", str(EVERY))


def grip(placed: Callable[[str, list[float], int], None]) -> ColumnDataSource:
    """Return what hears from the browser.

    Args:
        placed: Called with the name of a point's trace, its place in space, and the number of the mesh's
            point there, -1 if it moves freely: now and then while it is dragged, and at the end.
    """
    source = ColumnDataSource({"name": [], "x": [], "y": [], "z": [], "point": []}, name="grip in space")

    def moved(attr: str, old: Any, new: Any) -> None:
        place = [float(new[axis][0]) for axis in "xyz"]
        placed(str(new["name"][0]), place, int(new["point"][0]))

    source.on_change("data", moved)
    return source
