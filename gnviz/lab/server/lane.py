"""The part of a runner that maps may take: never all of it, and shared by all visitors who fill one.

A live run is short and looked at while it is made; a map is hundreds of runs. So at most all places but one
are for maps, and of a machine's own workers no more than it has cores.
"""

from __future__ import annotations

import weakref
from time import monotonic
from typing import TYPE_CHECKING

from gnviz.jobs.local import LocalRunner, cores

if TYPE_CHECKING:
    from gnviz.jobs.base import Runner

TURN = 1.0
"""Seconds that a place is one visitor's where there are more visitors than places."""

GONE = 3.0
"""Seconds after which who has not asked again wants nothing any more."""


class Lane:
    """Places for what is not urgent.

    Args:
        runner: Whose.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = weakref.ref(runner)
        self._asked: dict[int, float] = {}  # when each visitor who wants places last said so, in turn

    @property
    def places(self) -> int:
        """How many there are for all."""
        runner = self._runner()
        if runner is None:
            return 1
        own = isinstance(runner, LocalRunner)
        return max(1, min(runner.places - 1, cores()) if own else runner.places - 1)

    def room(self, who: object) -> int:
        """Return how many places are somebody's for now, who is to ask again and again until it leaves."""
        now = monotonic()
        self._asked[id(who)] = now
        for other in [key for key, when in self._asked.items() if now - when > GONE]:
            del self._asked[other]
        turn, count, places = list(self._asked).index(id(who)), len(self._asked), self.places
        if count > places:
            return int((turn + int(now / TURN)) % count < places)
        return places // count + (turn < places % count)

    def leave(self, who: object) -> None:
        """Take no places any more."""
        self._asked.pop(id(who), None)


_LANES: weakref.WeakKeyDictionary[object, Lane] = weakref.WeakKeyDictionary()


def lane_of(runner: Runner) -> Lane:
    """Return the lane that all visitors of a runner share."""
    return _LANES.setdefault(runner, Lane(runner))
