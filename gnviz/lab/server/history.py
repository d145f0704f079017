"""The browser's history: each change of settings is an entry, and Back and Forward bring them again."""

from __future__ import annotations

import panel as pn
import param


class History(pn.custom.JSComponent):
    """Writes queries into the address, and reports the one that Back or Forward has come to.

    Panel's own location writes entries, but is not told of Back. What comes of one press of a pointer or a
    key, such as all values of a slider while it is dragged, is one entry, that of the last.
    """

    written = param.List(
        [0, ""],
        doc="How often Back or Forward had been pressed when it was written, and the query, with its "
        "question mark, that the address is to have.",
    )
    came = param.List([0, ""], doc="How often Back or Forward was pressed, and the last one's query.")

    def write(self, query: str) -> None:
        """Bring the address to a query; where Back or Forward has been pressed since, it is out of date."""
        self.written = [self.came[0], query]

    _esm = """
export function render({model}) {
  let fresh = false  // whether the next change is an entry of its own: what opening writes is none
  const press = (event) => { if (!event.repeat) fresh = true }
  const pop = () => { fresh = false; model.came = [model.came[0] + 1, window.location.search] }
  const write = () => {
    const [since, query] = model.written
    if (since != model.came[0] || query == window.location.search) return
    const url = window.location.pathname + query + window.location.hash
    if (fresh) window.history.pushState(null, "", url)
    else window.history.replaceState(null, "", url)
    fresh = false
  }
  window.addEventListener("pointerdown", press, true)
  window.addEventListener("keydown", press, true)
  window.addEventListener("popstate", pop)
  model.on("written", write)
  write()  // what was written before this was there
  model.on("remove", () => {
    window.removeEventListener("pointerdown", press, true)
    window.removeEventListener("keydown", press, true)
    window.removeEventListener("popstate", pop)
  })
}
"""
