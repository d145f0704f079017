"""The contract of jobs: what every runner, on this machine or another, offers.

A job computes elsewhere and its snapshots are collected by `Job.poll`, which never blocks. The
buffer between the two is bounded: a job that nobody polls waits, and nothing is ever dropped or
reordered. All methods may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from gnviz.experiment import Experiment
    from gnviz.problem.user.make import UserProblem
    from gnviz.results import Snapshot


class JobStatus(StrEnum):
    """How a job stands; `final` ones do not change any more."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self not in (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED)


class Job(Protocol):
    """One experiment under way; a control that comes after the end does nothing."""

    @property
    def id(self) -> str:
        """A short name, unique among jobs."""
        ...

    @property
    def experiment(self) -> Experiment:
        """What is run, as it was when submitted."""
        ...

    @property
    def status(self) -> JobStatus:
        """How the job stands; once final, every snapshot that was computed can be polled."""
        ...

    @property
    def done(self) -> bool:
        """Whether the status is final; snapshots may still be waiting to be polled."""
        ...

    @property
    def error(self) -> str | None:
        """Why the job failed or was lost, in one plain sentence; None otherwise."""
        ...

    @property
    def traceback(self) -> str | None:
        """The traceback of a failed job, as text; None otherwise."""
        ...

    @property
    def remedy(self) -> Mapping[str, Any]:
        """Knobs, and values near those that a failed job's experiment has, with which it would run."""
        ...

    def poll(self) -> list[Snapshot]:
        """Return the snapshots that arrived since the last call, in order; never blocks."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Block until there is something to poll or the job is done.

        Args:
            timeout: Most seconds to wait; None for no limit.

        Returns:
            Whether there is something to poll or the job is done.
        """
        ...

    def pause(self) -> None:
        """Stop at the next inner step; a snapshot already on its way still arrives."""
        ...

    def resume(self) -> None:
        """Go on after a pause."""
        ...

    def step(self) -> None:
        """Compute exactly one more snapshot, then pause; a running job is paused by it."""
        ...

    def cancel(self) -> None:
        """Ask the job to end; returns at once, and `status` follows when the work has stopped."""
        ...


class Runner(Protocol):
    """Takes experiments and runs them, in the order of submission, as places become free."""

    @property
    def places(self) -> int:
        """How many jobs run at a time; at least 1."""
        ...

    def submit(
        self,
        experiment: Experiment,
        problem: UserProblem | None = None,
        digest: str = "",
        *,
        paused: bool = False,
    ) -> Job:
        """Run an experiment; returns at once.

        Args:
            experiment: What to run.
            problem: What to run it on, from `gnviz.make_problem`; None: the experiment's own.
            digest: `module:function`, called where the job runs with the experiment and an iterator of its
                snapshots; the job sends what it yields in their place, which pickle must know. Empty: the
                snapshots.
            paused: Whether to wait before the first snapshot, as a job does that is paused.

        Raises:
            RuntimeError: The runner is closed.
        """
        ...

    def ahead(self, job: Job) -> int:
        """Return how many jobs that were submitted before one also wait to begin; 0 if it does not wait."""
        ...

    def warm(self, n: int = 1) -> None:
        """Have `n` places ready ahead of the next submissions; returns at once."""
        ...

    def close(self) -> None:
        """Cancel every job and give all resources back; may be called twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


def stream(job: Job) -> Iterator[Snapshot]:
    """Yield a job's snapshots as they arrive, until it is done; blocks in between."""
    while True:
        done = job.done  # before the poll: what arrives between the two is then not missed
        yield from job.poll()
        if done:
            return
        job.wait()
