"""The one clock of a laboratory: it beats fast while something is about to be drawn, and slowly otherwise."""

from __future__ import annotations

import logging
from collections.abc import Callable

import panel as pn
from panel.io.callbacks import PeriodicCallback

QUICK, CALM, IDLE = 15, 200, 1000
"""Milliseconds between two beats: while something is about to be drawn, while a run streams, and otherwise. A
beat that finds nothing new takes the server 1 or 2, for every visitor."""

BRIEF = 0.25
"""Seconds after its first moment in which a run may end before anything else of it is drawn, or said."""

HURRY = 0.5
"""Seconds that a run has to show its first moment before other settings take its place."""

GRACE = 0.25
"""Seconds that the pictures of the run before stay as they are: most runs have begun by then."""


FAILED = "Something in this page went wrong. It goes on; if a picture stands still, reload the page."
"""What is said when a beat fails; the server's log has the traceback."""


class Heartbeat:
    """Calls something again and again, in the session or the notebook in which it begins.

    A call that fails is logged and told, and the next ones come: else the page would stand still, and nobody
    would know why.

    Args:
        pulse: What it calls.
        say: Called with what to tell the user.
    """

    def __init__(self, pulse: Callable[[], None], say: Callable[[str], None]) -> None:
        self._pulse, self._say = pulse, say
        self._callback: PeriodicCallback | None = None

    @property
    def beats(self) -> bool:
        """Whether it has begun and not ended."""
        return self._callback is not None and self._callback.running

    def begin(self) -> None:
        """Begin, fast."""
        self._callback = pn.state.add_periodic_callback(self._beat, period=QUICK)

    def _beat(self) -> None:
        try:
            self._pulse()
        except Exception:
            logging.getLogger(__name__).exception("a beat of the page failed")
            self.pace(IDLE)
            self._say(FAILED)

    def pace(self, period: int) -> None:
        """Beat once in so many milliseconds from now on."""
        if self._callback is not None and self.beats and self._callback.period != period:
            self._callback.period = period

    def end(self) -> None:
        """End it."""
        if self._callback is not None:
            self._callback.stop()
