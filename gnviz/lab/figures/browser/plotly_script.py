"""Plotly in the browser, loaded when the first page needs it.

Panel's own way is to load it with the page, which makes the first picture wait; the pages of networks have no
use for it.
"""

from __future__ import annotations

import panel as pn
import param
from panel.io.resources import LOCAL_DIST
from panel.models.plotly import PLOTLY_VERSION

MISSING = "The surface cannot be drawn: this browser could not load Plotly's script from the server."


class PlotlyScript(pn.custom.JSComponent):
    """Loads the script once it is wanted, and says when the browser has it."""

    source = param.String("", doc="Where the script is.")
    wanted = param.Boolean(False, doc="Whether it is to be loaded.")
    ready = param.Boolean(False, doc="Whether the browser has it.")
    missing = param.Boolean(False, doc="Whether it could not be loaded.")

    _esm = """
export function render({model}) {
  const load = () => {
    if (!model.wanted) return
    const script = document.createElement("script")
    script.onload = () => { model.ready = true }
    script.onerror = () => { model.missing = true }
    script.src = model.source
    document.head.append(script)
  }
  model.on("wanted", load)
  load()
}
"""

    def here(self) -> bool:
        """Return whether figures by Plotly can be shown; if not yet, ask for the script.

        In a notebook Panel has loaded it, or warns that it has not.
        """
        if not (pn.state.curdoc and pn.state.curdoc.session_context):
            return True
        if not self.ready:
            self.param.update(source=address(), wanted=True)
        return self.ready


def address() -> str:
    """Return where this server has the script."""
    root = f"{pn.state.rel_path}/" if pn.state.rel_path else ""
    return f"{root}{LOCAL_DIST}bundled/plotlyplot/plotly-{PLOTLY_VERSION}.min.js"
