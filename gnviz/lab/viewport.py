"""What only the visitor's browser knows: how wide its window is, and whether it keeps up."""

from time import monotonic

import panel as pn
import param

PHONE = 700
"""Pixels under which the page has no room for a sidebar beside the pictures."""

QUICK = 0.1
"""Seconds from sending to painting under which a browser is given everything at once."""

TURNS = 2
"""Figures that a slower browser is given at a time. More would keep it from answering to clicks and, where it
paints without a graphics card, take the training's processor time."""

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
        self._when = self._took = 0.0
        self.param.watch(self._painted, "seen")

    def figures(self, count: int) -> int:
        """Return how many of `count` figures to send now; none while the last ones are being painted."""
        waited = monotonic() - self._when
        if self.seen < self.sent and waited < PATIENCE:
            return 0
        return count if self._took < QUICK else min(count, TURNS)

    def _painted(self, _: object) -> None:
        self._took = monotonic() - self._when

    def beat(self) -> None:
        """Ask the browser to say when it has painted what has been sent so far."""
        self._when = monotonic()
        self.sent += 1
