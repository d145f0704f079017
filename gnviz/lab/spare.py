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
from gnviz.lab.runner import shared_runner
from gnviz.results import Recording


class Spare:
    """At most one laboratory in stock.

    Args:
        runner: Where its runs will train.

    Attributes:
        recording: The default experiment's first moments, to be drawn; without them nothing is made.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._stock: Laboratory | None = None
        self.recording: Recording | None = None

    def make(self) -> None:
        """Make a laboratory, if none is in stock."""
        if self._stock is None and self.recording is not None:
            self._stock = Laboratory(runner=self._runner)
            self._stock.live.exhibit(self.recording)
            self._stock.tick()

    def take(self, experiment: Experiment) -> Laboratory | None:
        """Hand out the laboratory, if there is one and it is for this experiment."""
        if experiment != Experiment():
            return None
        taken, self._stock = self._stock, None
        return taken


@functools.cache
def shared_spare() -> Spare:
    """Return the spare laboratory that all sessions of a server share."""
    return Spare(shared_runner())
