"""What only the visitor's browser knows: how wide its window is, and whether it keeps up."""

import time

import panel as pn
import param

PHONE = 700
"""Pixels under which the page has no room for a sidebar beside the pictures."""

PATIENCE = 1.0
"""Seconds after which the next pictures are sent in any case: a tab in the background draws nothing."""


class Viewport(pn.custom.JSComponent):
    """Reports the window's width once, when the page is drawn, and each update once it is painted.

    Updates that come faster than a browser paints pile up before every answer to a click; so the next
    one waits until the last has been seen.
    """

    pixels = param.Integer(0, doc="Of the window, in CSS pixels; 0 until it is known.")
    sent = param.Integer(0, doc="Number of updates sent.")
    seen = param.Integer(0, doc="The last update that the browser has painted.")

    _esm = """
export function render({model}) {
  model.pixels = Math.round(window.innerWidth)
  model.on("sent", () => requestAnimationFrame(() => setTimeout(() => { model.seen = model.sent })))
}
"""

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self._when = 0.0

    @property
    def ready(self) -> bool:
        """Whether the browser has painted what was sent, or does not say."""
        return self.seen >= self.sent or time.monotonic() - self._when > PATIENCE

    def beat(self) -> None:
        """Ask the browser to say when it has painted what has been sent so far."""
        self._when = time.monotonic()
        self.sent += 1
