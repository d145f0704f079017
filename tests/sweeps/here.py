"""A runner without processes, for tests of what a sweep makes of its jobs."""

from collections.abc import Callable

from gnviz.dynamics.simulate import simulate
from gnviz.experiment import Experiment
from gnviz.jobs import JobStatus
from gnviz.sweeps.cell import digest


def tiny(**changes) -> Experiment:
    """An experiment that takes some milliseconds; not on the engine that may first have to be compiled."""
    small = {
        "data.kind": "line", "data.n": 3, "network.width": 8, "clock.kind": "steps", "clock.steps": 6,
        "clock.snapshots": 7, "clock.spacing": "linear", "methods": ["gradient-flow", "gauss-newton"],
        "engine": "torch",
    }  # fmt: skip
    return Experiment().replace(small | changes)


class HereJob:
    """A job that is done when it is polled, or has been waited for."""

    def __init__(self, experiment, compute):
        self.experiment, self._compute = experiment, compute
        self.status, self.error, self._sent = JobStatus.RUNNING, None, []

    @property
    def done(self):
        return self.status.final

    def wait(self, timeout=None):
        if not self.done:
            self.status, self.error, self._sent = self._compute(self.experiment)
        return True

    def poll(self):
        return self._sent

    def cancel(self):
        self.status = JobStatus.CANCELLED


class Here:
    """Computes a job when it is waited for; `before` is called with each experiment that is computed."""

    def __init__(self, places=1, before: Callable[[Experiment], object] = lambda experiment: None):
        self.places, self.before, self.submitted = places, before, []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def submit(self, experiment, problem=None, digest=""):
        assert digest == "gnviz.sweeps.cell:digest"
        self.submitted.append(experiment)
        return HereJob(experiment, self.compute)

    def compute(self, experiment):
        if (end := self.before(experiment)) is not None:
            return (*end, [])
        return JobStatus.FINISHED, None, list(digest(experiment, simulate(experiment)))
