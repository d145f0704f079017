"""A laboratory made ahead: the default experiment's, with its first moments drawn.

Making controls and figures takes the server most of a second, in which a visitor would look at nothing. So
one laboratory is made before the server opens, and another whenever the last visitor has left. All calls come
from the server's one thread.
"""

from __future__ import annotations

import functools

from gnviz.experiment import Experiment
from gnviz.jobs.base import Runner
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.server.runner import shared_runner
from gnviz.results import Recording


class Prewarmed:
    """At most one laboratory in stock.

    Args:
        runner: Where its runs will train.

    Attributes:
        recording: The default experiment's first moments, to be drawn; without them there is nothing to take.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._stock: Laboratory | None = None
        self.recording: Recording | None = None

    def build(self) -> Laboratory:
        """Return the laboratory in stock; if there is none, make one, without pictures."""
        if self._stock is None:
            self._stock = Laboratory(runner=self._runner)
        return self._stock

    def make(self) -> None:
        """Make a laboratory, if none is in stock, and draw the first moments."""
        if self.recording is not None and not self.build().live.count:
            self.build().viewport.near = []
            self.build().live.exhibit(self.recording)
            self.build().tick()

    def take(self, experiment: Experiment) -> Laboratory | None:
        """Hand out the laboratory, if there is one with pictures and it is for this experiment."""
        if experiment != Experiment() or self._stock is None or not self._stock.live.count:
            return None
        taken, self._stock = self._stock, None
        return taken


@functools.cache
def shared_prewarmed() -> Prewarmed:
    """Return the spare laboratory that all sessions of a server share."""
    return Prewarmed(shared_runner())
