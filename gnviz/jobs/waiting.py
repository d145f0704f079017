"""What all runners share: a line of jobs that have not begun, and `with`."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Self

from gnviz.jobs.submitted import SubmittedJob

if TYPE_CHECKING:
    from gnviz.jobs.base import Job


class Waiting(ABC):
    """A runner's jobs in the order of submission, as long as they wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: deque[SubmittedJob] = deque()

    def ahead(self, job: Job) -> int:
        """Return how many jobs that were submitted before one also wait to begin; 0 if it does not wait."""
        with self._lock:
            return next((k for k, other in enumerate(self._waiting) if other is job), 0)

    @abstractmethod
    def close(self) -> None:
        """Cancel every job and give all resources back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
