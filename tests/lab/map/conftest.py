"""A runner whose live runs are made, and whose cells are computed here, when told to."""

import pytest
from lab.conftest import MadeRunner
from sweeps.here import Here


class MapRunner(MadeRunner):
    places = 3

    def __init__(self):
        super().__init__()
        self.here, self.cells = Here(places=3), []

    def warm(self, n=1):
        pass

    def submit(self, experiment, problem=None, digest="", *, paused=False):
        if not digest:
            return super().submit(experiment, problem, paused=paused)
        self.cells.append(self.here.submit(experiment, digest=digest))
        return self.cells[-1]

    def compute(self):
        """Let all cells that it has been given be done."""
        for job in self.cells:
            job.wait()


@pytest.fixture
def runner():
    return MapRunner()
