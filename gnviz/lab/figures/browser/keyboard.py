"""Pictures by the keyboard: each is one stop of the Tab key, named, and says what its keys do.

The legends and cameras of Bokeh and Plotly listen to the pointer alone: what it does there, digits and arrows
do here. Once they listen to keys themselves, this can go.
"""

from __future__ import annotations

import panel as pn
import param

from gnviz.lab.figures.browser.viewport import ROOM
from gnviz.views import VIEWS
from gnviz.views.sweeps import SWEEP_VIEWS

TURN = 0.1
"""Radians by which an arrow key turns a camera."""

LOOK = 500
"""Milliseconds between two looks for pictures that have come."""

SCRIPT = """
function* below(view) { yield view; for (const part of view.children()) yield* below(part) }
const named = (part) => part.model.tags.find((tag) => String(tag).startsWith("ROOM"))?.slice("ROOM".length)

const places = new WeakMap()  // of figures: the cell that the keyboard has come to

function flat(view) {  // a figure of Bokeh's
  const fig = view.model, cells = fig.renderers.find((r) => r.name == "cells")
  const entries = () => fig.above.flatMap((part) => part.type == "Legend" && part.visible ? part.items : [])
    .filter((item) => item.visible && item.renderers.length)
  const camera = () => [...fig.references()].find((one) => one.name == "camera")
  const toggle = (k) => {
    const item = entries()[k]
    if (!item) return null
    const on = !item.renderers.some((r) => r.visible)
    for (const r of item.renderers) r.visible = on
    return `${item.label?.value ?? item.label} ${on ? "shown" : "hidden"}`
  }
  const turn = (by, up) => {
    const eye = camera()
    if (!eye) return null
    const {azimuth: [a], elevation: [e]} = eye.data, most = Math.PI / 2
    const elevation = [Math.min(most, Math.max(-most, e + up))]
    eye.setv({data: {...eye.data, azimuth: [a + by], elevation}})
    return ""
  }
  const move = (by, up) => {
    const before = places.get(fig) ?? -1
    const source = cells.data_source, columns = new Set(source.data.x).size, count = source.data.x.length
    const x = before < 0 ? 0 : Math.min(columns - 1, Math.max(0, before % columns + by))
    const y = before < 0 ? 0 : Math.min(count / columns - 1, Math.max(0, Math.floor(before / columns) + up))
    const at = y * columns + x
    places.set(fig, at)
    source.inspected.indices = [at]
    for (const part of below(view)) if (part.model == cells) part.request_paint()  // with its outline
    const {across, up: upward, number, said} = source.data
    return [across[at], upward[at], number?.[at] ?? said?.[at]].join(", ")
  }
  const open = () => {
    if (!cells || !places.has(fig)) return null
    cells.data_source.selected.indices = [places.get(fig)]
    return ""
  }
  const arrows = cells ? "arrows go from cell to cell, Enter opens one" : camera() ? "arrows turn it" : ""
  return {toggle, turn: (by, up) => cells ? move(Math.sign(by), Math.sign(up)) : turn(by, up), open, arrows,
    some: entries().length > 0}
}

function solid(view) {  // a scene of Plotly's
  const plot = view.container, shown = () => plot._fullData.filter((trace) => trace.showlegend)
    .sort((one, other) => (one.legendrank ?? 0) - (other.legendrank ?? 0))
  const toggle = (k) => {
    const trace = shown()[k]
    if (!trace) return null
    const group = (other) => trace.legendgroup ? other.legendgroup == trace.legendgroup : other === trace
    const all = plot._fullData.flatMap((other, i) => group(other) ? [i] : [])
    const on = trace.visible !== true
    window.Plotly.restyle(plot, {visible: on ? true : "legendonly"}, all)
    return `${trace.name} ${on ? "shown" : "hidden"}`
  }
  const turn = (by, up) => {
    const camera = plot._fullLayout.scene._scene.getCamera(), {x, y, z} = camera.eye
    const length = Math.hypot(x, y, z), a = Math.atan2(y, x) + by, most = 1.5
    const e = Math.min(most, Math.max(-most, Math.asin(z / length) + up))
    camera.eye = {x: length * Math.cos(e) * Math.cos(a), y: length * Math.cos(e) * Math.sin(a),
      z: length * Math.sin(e)}
    window.Plotly.relayout(plot, {"scene.camera": camera})
    return ""
  }
  return {toggle, turn, open: () => null, arrows: "arrows turn it", some: true}
}

export function render({model, view}) {
  const said = document.createElement("div"), stops = new Map()
  said.setAttribute("role", "status")
  said.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
  const picture = (room) => {
    for (const part of below(room)) {
      if (part.model.type == "Figure") return flat(part)
      if (part.container?._fullLayout?.scene?._scene) return solid(part)
    }
  }
  const label = (room) => {
    const shown = picture(room), title = model.titles[named(room)] ?? "Picture"
    if (!shown) return title
    const keys = [shown.some ? "digits hide and show the legend's entries" : "", shown.arrows]
    return [title, keys.filter(Boolean).join(", ")].filter(Boolean).join(": ")
  }
  const ways = {ArrowLeft: [-TURN, 0], ArrowRight: [TURN, 0], ArrowUp: [0, TURN], ArrowDown: [0, -TURN]}
  const press = (room) => (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const shown = picture(room)
    if (!shown) return
    const words = /^[1-9]$/.test(event.key) ? shown.toggle(Number(event.key) - 1)
      : ways[event.key] && shown.arrows ? shown.turn(...ways[event.key])
      : event.key == "Enter" ? shown.open() : null
    if (words == null) return
    event.preventDefault()
    if (words) said.textContent = words
  }
  const look = () => {
    for (const part of Bokeh.index.query(ours)) {
      for (const {events_el} of below(part)) if (events_el) events_el.tabIndex = -1  // one stop a picture
      if (stops.get(part.model.id) == part.el) continue
      stops.set(part.model.id, part.el)
      part.el.tabIndex = 0
      part.el.setAttribute("role", "group")
      part.el.setAttribute("aria-label", label(part))
      part.el.addEventListener("focus", () => part.el.setAttribute("aria-label", label(part)))
      part.el.addEventListener("keydown", press(part))
    }
  }
  const ours = (part) => part.model.document == view.model.document && named(part)
  const glance = setInterval(look, LOOK)
  model.on("remove", () => clearInterval(glance))
  look()
  return said
}
"""


class Keyboard(pn.custom.JSComponent):
    """Lets the Tab key reach every picture: digits hide legend entries, arrows turn what has a camera."""

    titles = param.Dict({}, doc="Of all figures, also those from outside, by name.")

    _esm = SCRIPT.replace("ROOM", ROOM).replace("TURN", str(TURN)).replace("LOOK", str(LOOK))

    def __init__(self, **params: object) -> None:
        known = {name: view.title for views in (VIEWS, SWEEP_VIEWS) for name, view in views.items()}
        super().__init__(**({"titles": known} | params))
