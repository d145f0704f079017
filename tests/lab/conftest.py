"""A runner that computes nothing: its jobs hand out made moments when told to."""

import pytest
from made import made_header, made_snapshots

from gnviz.jobs.base import JobStatus


class MadeJob:
    def __init__(self, experiment, snapshots, paused=False):
        self.experiment, self._left, self._ready = experiment, list(snapshots), []
        self.id, self.error, self.traceback = "made", None, None
        self.status = JobStatus.PAUSED if paused else JobStatus.RUNNING
        self.remedy = {}

    @property
    def done(self):
        return self.status.final

    def compute(self, moments):
        self._ready += [self._left.pop(0) for _ in range(min(moments, len(self._left)))]

    def end(self, status=JobStatus.FINISHED, error=None, remedy=None):
        if not self.done:
            self.status, self.error, self.remedy = status, error, remedy or {}

    def poll(self):
        out, self._ready = self._ready, []
        return out

    def wait(self, timeout=None):
        return True

    def pause(self):
        self.status = JobStatus.PAUSED

    def resume(self):
        self.status = JobStatus.RUNNING

    def step(self):
        self.pause()
        self.compute(1)

    def cancel(self):
        self.end(JobStatus.CANCELLED)


class MadeRunner:
    def __init__(self):
        self.jobs, self.problems = [], []

    def submit(self, experiment, problem=None, *, paused=False):
        self.jobs.append(MadeJob(experiment, made_snapshots(made_header(moments=40)), paused))
        self.problems.append(problem)
        return self.jobs[-1]

    def ahead(self, job):
        return 0


@pytest.fixture
def runner():
    return MadeRunner()
