"""The browser's history: each change of settings is an entry, and Back and Forward bring them again."""

from __future__ import annotations

import panel as pn
import param


class History(pn.custom.JSComponent):
    """Writes queries into the address, and reports the one that Back or Forward has come to.

    Panel's own location writes entries, but is not told of Back. What comes of one press of a pointer or a
    key, such as all values of a slider while it is dragged, is one entry, that of the last.
    """

    written = param.String("", doc="The query, with its question mark, that the address is to have.")
    came = param.List([0, ""], doc="How often Back or Forward was pressed, and the last one's query.")

    _esm = """
export function render({model}) {
  let fresh = true  // whether the next change is an entry of its own
  const press = (event) => { if (!event.repeat) fresh = true }
  const pop = () => { fresh = true; model.came = [model.came[0] + 1, window.location.search] }
  const write = () => {
    if (model.written == window.location.search) return
    const url = window.location.pathname + model.written + window.location.hash
    if (fresh) window.history.pushState(null, "", url)
    else window.history.replaceState(null, "", url)
    fresh = false
  }
  window.addEventListener("pointerdown", press, true)
  window.addEventListener("keydown", press, true)
  window.addEventListener("popstate", pop)
  model.on("written", write)
  model.on("remove", () => {
    window.removeEventListener("pointerdown", press, true)
    window.removeEventListener("keydown", press, true)
    window.removeEventListener("popstate", pop)
  })
}
"""
