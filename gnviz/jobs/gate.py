"""The gate between a job's computation and the page: pause, step, cancel, back-pressure.

The computing thread passes the gate at every inner step (`checkpoint`) and with every snapshot
(`admit`); another thread turns the controls. All waiting is on one condition, so that every control
takes effect at once whatever the computation waits for.
"""

from __future__ import annotations

import threading
from collections import deque

from gnviz.jobs.wire import Start

MOST_SNAPSHOTS = 512
"""Unpolled snapshots allowed: a page polls every 40 ms while a run is new, else every 200."""

MOST_BYTES = 64 * 2**20
"""Unpolled bytes allowed: dozens of the largest snapshots, and little beside the engine itself."""


class Cancelled(BaseException):
    """Unwinds a cancelled run; not an `Exception`, so that no `except Exception` on the way holds it."""


class Gate:
    """The controls of one job, as seen by the process that computes it.

    Attributes:
        job: Its id.
        expired: Whether it was ended because its time is over.
    """

    def __init__(self, start: Start) -> None:
        self.job = start.job
        self._paused, self._steps = start.paused, start.steps
        self._held = False  # by the runner, while it is others' turn
        self._cancelled = self.expired = False
        self._unpolled: deque[int] = deque()  # sizes in bytes
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
                case "hold" | "release":
                    self._held = action == "hold"
                case "cancel":
                    self._cancelled = True
                case "polled":
                    for _ in range(int(value or 0)):
                        self._unpolled.popleft()
            self._changed.notify_all()

    def expire(self) -> None:
        """End the job, as its time is over."""
        with self._changed:
            self._cancelled = self.expired = True
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Wait while paused, or held.

        Raises:
            Cancelled: The job is cancelled.
        """
        if not (self._paused or self._held or self._cancelled):  # no lock: this is the engine's inner loop
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
            self._changed.wait_for(lambda: self._cancelled or self._may_send(size))
            if self._cancelled:
                raise Cancelled
            self._unpolled.append(size)
            self._steps = max(0, self._steps - 1)

    @property
    def _may_go(self) -> bool:
        return not self._held and (not self._paused or self._steps > 0)

    def _may_send(self, size: int) -> bool:
        crowded = len(self._unpolled) >= MOST_SNAPSHOTS or sum(self._unpolled) + size > MOST_BYTES
        return self._may_go and not (self._unpolled and crowded)  # the first one may always go
