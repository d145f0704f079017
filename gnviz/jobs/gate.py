"""The gate between a job's computation and the page: pause, step, pace, cancel, back-pressure.

The computing thread passes the gate at every inner step (`checkpoint`) and with every snapshot
(`admit`); another thread turns the controls. All waiting is on one condition, so that every control
takes effect at once whatever the computation waits for.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque

from gnviz.jobs.wire import Start

MOST_SNAPSHOTS = 512
"""Unpolled snapshots allowed: 100 ms between polls then still admits 5,000 per second."""

MOST_BYTES = 64 * 2**20
"""Unpolled bytes allowed: dozens of the largest snapshots, and little beside the engine itself."""


class Cancelled(BaseException):
    """Unwinds a cancelled run; not an `Exception`, so that no `except Exception` on the way holds it."""


class Gate:
    """The controls of one job, as seen by the process that computes it."""

    def __init__(self, start: Start) -> None:
        self.job = start.job
        self._pace, self._paused, self._steps = start.pace, start.paused, start.steps
        self._cancelled = False
        self._unpolled: deque[int] = deque()  # sizes in bytes
        self._due = -math.inf
        self._changed = threading.Condition()

    def control(self, action: str, value: float | None) -> None:
        """Apply a `Control`."""
        with self._changed:
            match action:
                case "pause":
                    self._paused, self._steps = True, 0
                case "resume":
                    self._paused, self._steps = False, 0
                case "step":
                    self._paused, self._steps = True, self._steps + 1
                case "cancel":
                    self._cancelled = True
                case "pace":
                    self._pace = value
                case "polled":
                    for _ in range(int(value or 0)):
                        self._unpolled.popleft()
            self._changed.notify_all()

    def checkpoint(self) -> None:
        """Wait while paused.

        Raises:
            Cancelled: The job is cancelled.
        """
        if not self._paused and not self._cancelled:  # no lock: this is the engine's inner loop
            return
        with self._changed:
            self._changed.wait_for(lambda: self._cancelled or self._may_go)
        if self._cancelled:
            raise Cancelled

    def admit(self, size: int) -> None:
        """Wait until a snapshot of `size` bytes may be sent, and count it as sent.

        Raises:
            Cancelled: The job is cancelled.
        """
        with self._changed:
            while not self._cancelled and (delay := self._delay(size)):
                self._changed.wait(delay if math.isfinite(delay) else None)
            if self._cancelled:
                raise Cancelled
            self._unpolled.append(size)
            self._steps = max(0, self._steps - 1)
            self._keep_time()

    @property
    def _may_go(self) -> bool:
        return not self._paused or self._steps > 0

    def _delay(self, size: int) -> float:
        """Return the seconds until a snapshot may go: 0 for now, infinite if only a control tells."""
        crowded = len(self._unpolled) >= MOST_SNAPSHOTS or sum(self._unpolled) + size > MOST_BYTES
        if not self._may_go or (self._unpolled and crowded):  # the first one may always go
            return math.inf
        if self._pace is None or self._paused:  # a step is wanted now
            return 0.0
        return max(0.0, self._due + 1 / self._pace - time.monotonic())

    def _keep_time(self) -> None:
        """Note when this snapshot was due; one that came much later starts a new beat."""
        now, beat = time.monotonic(), 1 / self._pace if self._pace else 0.0
        self._due = now if now - self._due > 2 * beat else self._due + beat
