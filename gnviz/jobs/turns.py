"""Who computes while others wait: new jobs go first, those that have had their turn share the rest.

Most runs of a page end within a turn, and somebody waits for them; long ones can be held, where they are, for
as long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

HELD = 5
"""Turns that a job is held at most before it has one of its own, however many others are new."""

K = TypeVar("K", bound=Hashable)


class Turns(Generic[K]):
    """Decides which jobs compute and which are held; jobs are known by keys.

    Args:
        seconds: A turn: what a job may compute before it steps back for others.
        places: Most jobs that compute at a time.
        cores: Most of them, together with those that wait, while one is new: it would have to share a core.
        now: The clock, in seconds.

    Attributes:
        held: Those that are held, the first for longest.
    """

    def __init__(self, seconds: float, places: int, cores: int, now: Callable[[], float] = monotonic) -> None:
        self._seconds, self._places, self._cores, self._now = seconds, places, cores, now
        self._since: dict[K, float] = {}  # when it began, was held or let go on
        self._spent: dict[K, float] = {}  # seconds that it had computed then
        self._owed: set[K] = set()  # a turn, after having been held for long
        self.held: deque[K] = deque()

    def begin(self, job: K) -> None:
        """Take in a job that begins to compute."""
        self._since[job], self._spent[job] = self._now(), 0.0

    def leave(self, job: K) -> None:
        """Forget a job that computes no longer."""
        self._since.pop(job, None)
        self._spent.pop(job, None)
        self._owed.discard(job)
        if job in self.held:
            self.held.remove(job)

    def take(self, waiting: int) -> tuple[list[K], list[K]]:
        """Return which jobs to hold from now on, and which to let go on.

        Args:
            waiting: Jobs that could begin in their places.
        """
        now = self._now()
        old, crowd = self._old(now), waiting
        crowd += len(self._since) - len(self.held) - len(old)  # and the new ones
        room = max(0, min(self._places, self._cores if crowd else self._places) - crowd)
        if crowd:
            hold = [job for job in old if job not in self._owed][: max(0, len(old) - room)]
        else:
            had = [job for job in old if now - self._since[job] >= self._seconds]
            hold = had[: max(0, len(self.held) + len(old) - room)]
        free = max(0, room - len(old) + len(hold))
        go_on = list(self.held)[:free] or self._starved(now, crowd + len(old) - len(hold))
        for job in hold:
            self._spent[job] += now - self._since[job]
        self._since |= dict.fromkeys([*hold, *go_on], now)
        self.held = deque([*(job for job in self.held if job not in go_on), *hold])
        return hold, go_on

    def _old(self, now: float) -> list[K]:
        """Return the jobs that compute and have had a turn, those first that have for longest."""
        computing = [job for job in self._since if job not in self.held]
        self._owed -= {job for job in computing if now - self._since[job] >= self._seconds}
        old = [job for job in computing if self._spent[job] + now - self._since[job] >= self._seconds]
        return sorted(old, key=self._since.__getitem__)

    def _starved(self, now: float, computing: int) -> list[K]:
        """Return the job that was held for so long that it is owed a turn, if there is a place for it."""
        if not self.held or computing >= self._places:
            return []
        first = self.held[0]
        if now - self._since[first] <= HELD * self._seconds:
            return []
        self._owed.add(first)
        return [first]
