"""Jobs on this machine: a pool of worker processes that are kept warm.

Workers start on demand up to a limit, import the engine once and then run job after job; jobs
beyond the limit wait their turn. Where runs take turns, one that has had its own is held, where it is, in a
process of its own, while others wait. A worker that dies takes only its own job with it.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gnviz.jobs.base import JobStatus
from gnviz.jobs.process import WorkerProcess
from gnviz.jobs.submitted import SubmittedJob
from gnviz.jobs.turns import Turns
from gnviz.jobs.waiting import Waiting
from gnviz.jobs.wire import Ended, Ready, Report, Sent

if TYPE_CHECKING:
    from gnviz.experiment import Experiment
    from gnviz.problem.user.make import UserProblem

ENGINE = "gnviz.dynamics.simulate:simulate"

NO_GPU = "-1"
"""What CUDA_VISIBLE_DEVICES is for a process that is to see none."""


class LocalRunner(Waiting):
    """Runs jobs in worker processes of this machine; see `gnviz.jobs.base.Runner`.

    Args:
        workers: Most processes at a time; None: one per core, at least two.
        threads: Threads that torch uses in each; None: one less than there are cores.
        simulate: The engine as `module:function`, imported in the workers only.
        turn: Seconds after which a run is held while others wait or are new, who get up to as many processes
            more; None: a run has its place to its end.
        gpus: One for each worker to see, as CUDA_VISIBLE_DEVICES names them, which are the most workers
            there are; empty: they see none; None: they see what this process sees.
    """

    def __init__(
        self,
        workers: int | None = None,
        threads: int | None = None,
        simulate: str = ENGINE,
        turn: float | None = None,
        gpus: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._gpus = gpus
        self._most = len(gpus) if gpus else workers or max(2, cores())
        self._threads = threads or max(1, cores() - 1)
        self._simulate, self._turn = simulate, turn or float("inf")
        self._turns = Turns[WorkerProcess](self._turn, self._most, cores())
        self._clock: threading.Timer | None = None
        self._starting: set[WorkerProcess] = set()
        self._idle: list[WorkerProcess] = []
        self._busy: dict[WorkerProcess, SubmittedJob] = {}
        self._workers: set[WorkerProcess] = set()  # all of the above, shared with the finalizer
        self._closed = False
        self._end = weakref.finalize(self, end_all, self._workers)  # also when the interpreter exits

    @property
    def places(self) -> int:
        """How many jobs run at a time."""
        return self._most

    @property
    def load(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        with self._lock:
            held = len(self._turns.held)
            return len(self._busy) - held, len(self._waiting) + held

    def submit(
        self,
        experiment: Experiment,
        problem: UserProblem | None = None,
        digest: str = "",
        *,
        paused: bool = False,
    ) -> SubmittedJob:
        """Run an experiment, on a problem of the user's own if there is one; returns at once."""
        job = SubmittedJob(experiment, self._lock, self._give_up, problem, digest, paused=paused)
        with self._lock:
            if self._closed:
                raise RuntimeError("the runner is closed: it takes no more experiments")
            self._waiting.append(job)
            self._serve()
        return job

    def warm(self, n: int = 1) -> None:
        """Start workers until `n` are idle or about to be, as far as the limit allows."""
        with self._lock:
            self._start(n - len(self._idle) - len(self._starting))

    def close(self) -> None:
        """Cancel every job and end every worker."""
        with self._lock:
            self._closed = True
            for job in [*self._waiting, *self._busy.values()]:
                job.finish(JobStatus.CANCELLED)
            self._waiting.clear()
            self._busy.clear()
            self._turns = Turns(self._turn, self._most, cores())
            if self._clock:
                self._clock.cancel()
        self._end()

    def _serve(self) -> None:
        """Give waiting jobs to idle workers, and start workers for the others."""
        self._take_turns()
        while self._waiting and self._idle and self._free > 0:
            worker, job = self._idle.pop(), self._waiting.popleft()
            self._busy[worker] = job
            self._turns.begin(worker)
            job.begin(worker)
        self._start(min(len(self._waiting), self._free) - len(self._starting))
        if not self._busy and not self._waiting:
            for worker in self._idle[self._most :]:  # which were for those who waited
                self._workers.discard(worker)
                worker.kill()
            del self._idle[self._most :]

    @property
    def _free(self) -> int:
        """How many jobs may be under way beside those that are."""
        return self._most - len(self._busy) + len(self._turns.held)

    @property
    def _limit(self) -> int:
        """How many processes there may be: as many more as jobs are held, up to twice the places."""
        return self._most + min(len(self._turns.held), self._most)

    def _take_turns(self) -> None:
        """Hold jobs and let them go on, as `Turns` says; look again soon while somebody is concerned."""
        at_most = len(self._idle) + len(self._starting) + max(0, 2 * self._most - len(self._workers))
        hold, go_on = self._turns.take(min(len(self._waiting), at_most))
        for worker in (*hold, *go_on):
            self._busy[worker].hold(worker in hold)
        concerned = self._waiting or self._turns.held
        if concerned and self._turn < float("inf") and self._clock is None and not self._closed:
            self._clock = threading.Timer(self._turn / 4, self._look_again)
            self._clock.daemon = True
            self._clock.start()

    def _look_again(self) -> None:
        with self._lock:
            self._clock = None
            self._serve()

    def _start(self, n: int) -> None:
        for _ in range(min(n, self._limit - len(self._workers)) if not self._closed else 0):
            try:
                worker = WorkerProcess(
                    self._simulate, self._threads, self._heard, self._gone, self._next_gpu()
                )
            except OSError as error:
                return self._lose_next(f"No worker process could be started: {error}.")
            self._starting.add(worker)
            self._workers.add(worker)

    def _next_gpu(self) -> str | None:
        """Return what the next worker is to see: the GPU that fewest have, none, or what is there."""
        if not self._gpus:
            return None if self._gpus is None else NO_GPU
        taken = [worker.gpus for worker in self._workers]
        return min(self._gpus, key=taken.count)

    def _heard(self, worker: WorkerProcess, report: Report) -> None:
        with self._lock:
            job = self._busy.get(worker)
            match report:
                case Sent() if job:
                    job.receive(report.snapshot)
                case Ended() if job:
                    self._leave(worker)
                    job.finish(report.status, report.error, report.traceback, report.remedy)
                    self._idle.append(worker)
                case Ready():
                    self._starting.discard(worker)
                    self._idle.append(worker)
            if not isinstance(report, Sent):
                self._serve()

    def _gone(self, worker: WorkerProcess, code: int) -> None:
        """Take leave of a worker that died or was killed; replace it if it was of use."""
        with self._lock:
            self._workers.discard(worker)
            if worker in self._idle:
                self._idle.remove(worker)
            if job := self._leave(worker):
                end = JobStatus.CANCELLED if job.cancelling else JobStatus.LOST
                job.finish(end, None if job.cancelling else obituary(code))
                self._start(1)
            elif worker in self._starting:
                self._starting.discard(worker)
                self._lose_next(f"The worker process could not start ({cause(code)}).")
            self._serve()

    def _leave(self, worker: WorkerProcess) -> SubmittedJob | None:
        """Take a worker's job from it, and return it; None: it has none."""
        self._turns.leave(worker)
        return self._busy.pop(worker, None)

    def _lose_next(self, why: str) -> None:
        """Give up the next waiting job: one for each failed start, so that failing ends."""
        if self._waiting:
            self._waiting.popleft().finish(JobStatus.LOST, why)

    def _give_up(self, job: SubmittedJob) -> None:
        """Cancel a job that has not begun, or kill the worker of one that does not answer."""
        if job in self._waiting:
            self._waiting.remove(job)
            job.finish(JobStatus.CANCELLED)
        for worker, running in self._busy.items():
            if running is job:
                worker.kill()


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cause(code: int) -> str:
    """Say how a process ended, from its exit code."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def obituary(code: int) -> str:
    """Return the sentence for a job whose worker died."""
    return f"The worker process died ({cause(code)}) before the run ended; a new worker takes the next run."


def end_all(workers: set[WorkerProcess]) -> None:
    """End worker processes, and wait until they are reaped."""
    ending = list(workers)
    for worker in ending:
        worker.kill()
    for worker in ending:
        worker.join(timeout=2.0)
