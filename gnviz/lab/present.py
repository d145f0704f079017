"""Presenting: the two leading pictures as large as the screen allows, in type for the last row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.figures.cards import LARGE
from gnviz.lab.figures.stage import Stage
from gnviz.lab.look import dialog

LARGER = 1.5
"""How much larger the type of figures becomes, and of the page's sentence."""

THICKER = 1.5
"""How much thicker their lines become."""

AROUND = 400
"""Pixels of the window that the sentence, the sliders and the buttons need, beside the pictures."""

SCRIPT = """
const SIZED = ["axis_label_text_font_size", "major_label_text_font_size", "label_text_font_size",
  "title_text_font_size", "text_font_size"]

function* figures() {  // those that are in the page
  for (const doc of window.Bokeh?.documents ?? []) for (const model of doc._all_models.values())
    if (model.type == "Figure" && window.Bokeh.index.find_one_by_id(model.id)) yield model
}

function enlarge(figure, kept) {  // the browser alone: the server draws as before
  const change = (model, wanted) => {
    kept.push([model, Object.fromEntries(Object.keys(wanted).map((name) => [name, model[name]]))])
    model.setv(wanted, {sync: false})
  }
  const parts = [...figure.above, ...figure.below, ...figure.left, ...figure.right]
  for (const part of parts) {
    const wanted = {}
    for (const name of SIZED) {
      const size = /^([\\d.]+)(px|em)$/.exec(part[name]?.value ?? part[name] ?? "")
      if (size) wanted[name] = `${size[1] * LARGER}${size[2]}`
    }
    if (Object.keys(wanted).length) change(part, wanted)
  }
  for (const {glyph} of figure.renderers) {
    const wide = glyph?.line_width?.value
    if (glyph?.type == "Line" && wide) change(glyph, {line_width: wide * THICKER})
  }
}

export function render({model}) {
  const root = document.createElement("div"), kept = [], done = new WeakSet()
  root.innerHTML = `<button class="open" type="button" title="Present (P)">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4h18v12H3zM12 16v4M8 20h8"></path></svg>
    <span>Present</span></button>`
  const button = root.querySelector("button")
  const grow = () => {
    for (const one of figures()) {
      if (!done.has(one)) enlarge(one, kept)
      done.add(one)
    }
  }
  let watch = null
  const bar = (root) => {  // the page's, in whichever shadow
    const found = root.querySelector("header.MuiAppBar-root")
    if (found) return found
    for (const one of root.querySelectorAll("*")) {
      const inside = one.shadowRoot && bar(one.shadowRoot)
      if (inside) return inside
    }
  }
  const set = (on) => {
    if (on == model.presenting) return
    model.window = window.innerHeight
    model.presenting = on
    button.classList.toggle("on", on)
    button.lastElementChild.textContent = on ? "Leave (Esc)" : "Present"
    const head = bar(document)
    if (head) head.style.display = on ? "none" : ""
    if (on) {
      document.documentElement.requestFullscreen?.().catch(() => {})  // refused where nobody has clicked
      grow()
      watch = setInterval(grow, 500)  // figures that come while it lasts
    } else {
      clearInterval(watch)
      if (document.fullscreenElement) document.exitFullscreen()
      for (const [part, before] of kept.splice(0).reverse()) part.setv(before, {sync: false})
      for (const one of figures()) done.delete(one)
    }
  }
  const typing = () => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return at?.matches?.("input:not([type=range]), textarea, select, [contenteditable]")
  }
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing()) return
    if (event.key == "p" || event.key == "P") set(!model.presenting)
    else if (!model.presenting) return
    else if (event.key == "Escape") set(false)
    else if (event.key == "n" || event.key == "PageDown") model.send_msg(1)
    else if (event.key == "b" || event.key == "PageUp") model.send_msg(-1)
    else return
    event.preventDefault()
  }
  const screen = () => {
    if (full && !document.fullscreenElement) set(false)
    full = !!document.fullscreenElement
  }
  const size = () => { model.window = window.innerHeight }
  let full = false
  button.addEventListener("click", () => set(!model.presenting))
  document.addEventListener("keydown", keys)
  document.addEventListener("fullscreenchange", screen)
  window.addEventListener("resize", size)
  model.on("remove", () => {
    clearInterval(watch)
    document.removeEventListener("keydown", keys)
    document.removeEventListener("fullscreenchange", screen)
    window.removeEventListener("resize", size)
  })
  return root
}
"""


class Present(pn.custom.JSComponent):
    """The button, and the keys: P begins and ends, Escape ends, N and B turn a lesson's steps."""

    presenting = param.Boolean(False, doc="Whether someone presents.")
    window = param.Integer(0, doc="Its height in pixels.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
.open.on { position: fixed; top: 8px; right: 12px; z-index: 20;
  background: var(--mui-palette-background-paper, Canvas); }
"""
    ]

    _esm = SCRIPT.replace("LARGER", str(LARGER)).replace("THICKER", str(THICKER))

    def __init__(self, turn: Callable[[int], None], **params: Any) -> None:
        """Make the button.

        Args:
            turn: Called with 1 for a lesson's next step, -1 for the one before.
            params: Of the component.
        """
        super().__init__(**({"margin": 0} | params))
        self._turn = turn

    def _handle_msg(self, data: Any) -> None:
        if data in (1, -1):
            self._turn(data)

    @property
    def room(self) -> int:
        """Pixels for each leading picture, at least as many as usual."""
        return max(self.window - AROUND, LARGE) if self.presenting else LARGE

    def over(self, stage: Stage, sentence: pn.viewable.Viewable, *others: pn.viewable.Viewable) -> None:
        """Give a page's leading pictures and its sentence room, and put the rest away, while it lasts.

        Args:
            stage: Its pictures.
            sentence: What stands above them.
            others: What is put away.
        """

        def arrange(*_: Any) -> None:
            with pn.io.hold():
                stage.enlarge(self.room)
                sentence.styles = {"zoom": str(LARGER if self.presenting else 1)}  # type: ignore[attr-defined]
                for part in (stage.others, *others):
                    part.visible = not self.presenting

        self.param.watch(arrange, ["presenting", "window"])
