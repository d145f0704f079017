"""A live run: an experiment handed to a worker, and what has come back so far.

Nothing here draws. `tick` is called from one periodic callback per browser session; it never blocks.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import param

from gnviz.experiment import Experiment
from gnviz.jobs.base import Job, JobStatus, Runner
from gnviz.results import Recording, Status
from gnviz.sweeps import in_words
from gnviz.views.numbers import number

if TYPE_CHECKING:
    from gnviz.problem.user.make import UserProblem


class LiveRun(param.Parameterized):
    """At most one job at a time, its recording and its state.

    Args:
        runner: Where jobs are run.
        problem: The user's own, that experiments are run on; None: theirs.

    `new` counts recordings begun, `count` the moments in the current one: watch them to draw.
    """

    status = param.ClassSelector(
        class_=JobStatus, allow_None=True, doc="The job's status; None before the first."
    )
    message = param.String("", doc="Why the last run could not be made, or ended early.")
    remedy = param.Dict({}, doc="Knobs, and near values with which the last run could be made.")
    new = param.Integer(0, doc="Number of recordings begun.")
    count = param.Integer(0, doc="Moments in the current recording.")

    def __init__(self, runner: Runner, problem: UserProblem | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.runner, self._problem = runner, problem
        self._job: Job | None = None
        self._since = (0.0, 0.0)  # when the job last went on, and at which share
        self.experiment: Experiment | None = None
        self.recording: Recording | None = None

    @property
    def active(self) -> bool:
        """Whether a job is under way, paused or waiting."""
        return self._job is not None and not self._job.done

    @property
    def job(self) -> Job | None:
        """The current job."""
        return self._job

    def start(self, experiment: Experiment, *, paused: bool = False) -> None:
        """Give up the current job, if any, and begin an experiment."""
        if self._job is not None:
            self._job.cancel()
        self.experiment = experiment
        self._job = self.runner.submit(experiment, problem=self._problem, paused=paused)
        self._since = time.monotonic(), 0.0
        # the last recording stays in sight
        self.param.update(status=self._job.status, message="", remedy={}, count=0)

    def exhibit(self, recording: Recording) -> None:
        """Show a recording made before, until a job of our own brings another."""
        self.recording = recording
        self.param.update(new=self.new + 1, count=recording.count)

    def recall(self, recording: Recording) -> None:
        """Show a recording made before as a run that has ended, in place of what is under way."""
        self.cancel()
        self._job, self.recording = None, recording
        ended = {"status": JobStatus.FINISHED, "message": "", "remedy": {}}
        self.param.update(new=self.new + 1, count=recording.count, **ended)

    def resume(self) -> None:
        """Let a paused job go on."""
        if self._job is not None and not self._job.done:
            self._job.resume()
            self._since = time.monotonic(), self.progress()[0]
            self.status = self._job.status

    def pause_or_resume(self) -> None:
        """Pause a running job, resume a paused one."""
        if self._job is None or self._job.done:
            return
        if self._job.status == JobStatus.PAUSED:
            self.resume()
        else:
            self._job.pause()
        self.status = self._job.status

    def step(self, moments: int = 1) -> None:
        """Advance by a moment, or some, and stay paused there."""
        if self._job is None or self._job.done:
            return
        if self._job.status != JobStatus.PAUSED:
            self._job.pause()
        for _ in range(moments):
            self._job.step()

    def cancel(self) -> None:
        """Stop the run; what it has shown stays."""
        if self._job is not None:
            self._job.cancel()

    def wait(self, moments: int, seconds: float) -> None:
        """Collect until there are so many moments or the job has ended, for at most so long."""
        end = time.monotonic() + seconds
        self.tick()
        while self.active and self.count < moments and (left := end - time.monotonic()) > 0:
            assert self._job is not None
            self._job.wait(left)
            self.tick()

    def tick(self) -> None:
        """Collect what the worker has sent."""
        job = self._job
        if job is None:
            return
        done = job.done  # before polling: nothing comes after it
        snapshots = job.poll()
        with param.parameterized.batch_call_watchers(self):
            for snapshot in snapshots:
                if snapshot.header is not None:
                    self.recording = Recording(snapshot.header)
                    self.new += 1
                assert self.recording is not None
                self.recording.append(snapshot)
            if snapshots:
                self.count = snapshots[-1].index + 1
            if done and self.status != job.status:
                self._ended(job)
            self.status = job.status

    def _ended(self, job: Job) -> None:
        recording = self.recording if self.count else None  # the last one, if this job sent none
        if recording is not None and job.status in (JobStatus.CANCELLED, JobStatus.LOST):
            word = Status.CANCELLED if job.status == JobStatus.CANCELLED else Status.LOST
            recording.close(word, f"{word} after {self.count} moments")
        if job.error:
            self.param.update(message=job.error, remedy=dict(job.remedy))

    def _to_come(self) -> str:
        """Return what the first moment waits for: on a server it may be others' turn."""
        ahead = self.runner.ahead(self._job) if self._job and self._job.status == JobStatus.WAITING else 0
        if not ahead:
            return "waiting for the first moment"
        return f"waiting: {ahead} {'runs were' if ahead > 1 else 'run was'} asked for before this one"

    def progress(self) -> tuple[float, str]:
        """Return the done share in percent, and a sentence: time reached, time left."""
        r = self.recording
        if r is None or not self.count:
            return 0.0, self._to_come() if self.active else "no moment was computed"
        reached, last = r.header.time[r.count - 1], r.header.time[-1]
        share = 100.0 * r.count / len(r.header.time)
        unit = "step" if r.header.clock == "steps" else "t ="
        text = f"{unit} {number(reached, 4)} of {number(last, 4)}"
        if self.status == JobStatus.FINISHED:
            early = r.count < len(r.header.time)
            return 100.0, f"{unit} {number(reached, 4)}, where all runs have ended" if early else text
        if not self.active:
            return share, text
        if self.status == JobStatus.PAUSED:
            return share, text
        when, before = self._since
        if share <= before:
            return share, text
        left = (time.monotonic() - when) * (100.0 - share) / (share - before)
        return share, f"{text}, {in_words(left)} left"
