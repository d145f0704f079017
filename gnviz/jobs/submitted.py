"""A job as its runner has it: its buffer, and the controls passed on to its worker."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from gnviz.jobs.base import JobStatus
from gnviz.jobs.kinds import packed, pickled_kinds
from gnviz.jobs.wire import Action, Control, Order, Start

if TYPE_CHECKING:
    from gnviz.experiment import Experiment
    from gnviz.problem.user.make import UserProblem
    from gnviz.results import Snapshot

PATIENCE = 2.0
"""Seconds that a cancelled job has to stop by itself: far above one inner step."""


class Listener(Protocol):
    """Where a job runs."""

    def send(self, order: Order) -> None:
        """Send an order; returns at once."""
        ...


class SubmittedJob:
    """A job of any runner of gnviz; see `gnviz.jobs.base.Job` for the contract.

    The runner calls `begin`, `receive` and `finish`, holding the lock.

    Args:
        experiment: What to run.
        lock: The runner's, which guards all that jobs and runner share.
        give_up: Called, under the lock, to cancel a job that has not begun or does not answer.
        problem: What to run it on; None: the experiment's own.
        digest: What its snapshots go through, as `module:function`; empty: nothing.
        paused: Whether it begins paused.
    """

    def __init__(
        self,
        experiment: Experiment,
        lock: threading.RLock,
        give_up: Callable[[SubmittedJob], None],
        problem: UserProblem | None = None,
        digest: str = "",
        *,
        paused: bool = False,
    ) -> None:
        self.id = uuid.uuid4().hex[:10]
        self.experiment = experiment.replace({})  # ours: a later change to the caller's is not seen
        self._text, self._kinds, self._problem = self.experiment.to_json(), pickled_kinds(), packed(problem)
        self._digest = digest
        self.error: str | None = None
        self.traceback: str | None = None
        self.remedy: dict[str, Any] = {}
        self._give_up = give_up
        self._changed = threading.Condition(lock)
        self._buffer: list[Snapshot] = []
        self._worker: Listener | None = None
        self._end: JobStatus | None = None
        self._paused, self._steps = paused, 0
        self._held = False
        self._patience: threading.Timer | None = None

    @property
    def status(self) -> JobStatus:
        """How the job stands; `paused` from the moment that a pause is asked for."""
        with self._changed:
            if self._end:
                return self._end
            if self._worker is None or (self._held and not self._paused):
                return JobStatus.WAITING
            return JobStatus.PAUSED if self._paused else JobStatus.RUNNING

    @property
    def done(self) -> bool:
        """Whether the status is final."""
        return self._end is not None

    def poll(self) -> list[Snapshot]:
        """Return the snapshots that arrived since the last call, in order; never blocks."""
        with self._changed:
            arrived, self._buffer = self._buffer, []
            if arrived:
                self._tell("polled", len(arrived))
        return arrived

    def wait(self, timeout: float | None = None) -> bool:
        """Block until there is something to poll or the job is done; return whether so."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._buffer) or self.done, timeout)

    def pause(self) -> None:
        """Stop at the next inner step."""
        with self._changed:
            self._paused, self._steps = True, 0
            self._tell("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        with self._changed:
            self._paused, self._steps = False, 0
            self._tell("resume")

    def step(self) -> None:
        """Compute exactly one more snapshot, then pause."""
        with self._changed:
            self._paused, self._steps = True, self._steps + 1
            self._tell("step")

    def cancel(self) -> None:
        """Ask the job to end; returns at once."""
        with self._changed:
            if self.done or self.cancelling:
                return
            self._patience = threading.Timer(PATIENCE, self._lose_patience)
            if self._worker is None:
                self._give_up(self)
            else:
                self._tell("cancel")
                self._patience.daemon = True
                self._patience.start()

    def __repr__(self) -> str:
        return f"<SubmittedJob {self.id} {self.status}>"

    @property
    def cancelling(self) -> bool:
        """Whether the job was asked to end."""
        return self._patience is not None

    def begin(self, worker: Listener) -> None:
        """Start on a worker, under the controls as they stand."""
        self._worker = worker
        controls = self._paused, self._steps
        worker.send(Start(self.id, self._text, *controls, self._kinds, self._problem, self._digest))

    def hold(self, on: bool) -> None:
        """Keep the job where it is, while it is others' turn, or let it go on."""
        self._held = on
        self._tell("hold" if on else "release")

    def receive(self, snapshot: Snapshot) -> None:
        """Buffer the next snapshot."""
        self._buffer.append(snapshot)
        self._changed.notify_all()

    def finish(
        self,
        end: JobStatus,
        error: str | None = None,
        traceback: str | None = None,
        remedy: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the final status; all snapshots have been received.

        Args:
            end: The status.
            error: What went wrong, in a sentence; None: nothing.
            traceback: Where, for a log.
            remedy: Settings with which it would not have.
        """
        self._end, self.error, self.traceback, self.remedy = end, error, traceback, dict(remedy or {})
        self._worker = None
        if self._patience:
            self._patience.cancel()
        self._changed.notify_all()

    def _tell(self, action: Action, value: float | None = None) -> None:
        if self._worker:  # before the start the controls travel with it, after the end nobody listens
            self._worker.send(Control(self.id, action, value))

    def _lose_patience(self) -> None:
        with self._changed:
            if not self.done:
                self._give_up(self)
