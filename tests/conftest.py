"""Tests run in several processes (pytest-xdist), each of which computes with one thread."""

import os
import sys

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("gnviz", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("gnviz")

if "PYTEST_XDIST_WORKER" in os.environ:  # set before torch is imported; servers and workers inherit it
    os.environ.setdefault("OMP_NUM_THREADS", "1")


COMPILE = "from gnviz.dynamics.compiled.machine import ready; [ready.wait(clock) for clock in ready.CLOCKS]"
"""Has the compiled engine compiled. Otherwise the first test that runs anything would have it compiled by a
process that leaves the processor to others, for which those of the engine would wait long."""

SHARED = (
    "tests/ui/test_every_lesson.py::TestAtADesk",
    "tests/ui/test_every_lesson.py::TestOnAPhone",
    "tests/ui/",
    "tests/export/",
    "tests/jobs/",
    "tests/notebooks/",
    "tests/dynamics/measure/test_optimum.py",
    "tests/dynamics/measure/test_multi_start.py",
    "tests/test_release.py",
)
"""Tests that run in one process each, which has the server and the browser, the workers, the kernel, the
wheel, or the runs that several of them look at; the others run anywhere."""


class Together(LoadScopeScheduling):
    """Tests that share something dear run in one process; the longest, the page's, begin first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((scope for scope in SHARED if nodeid.startswith(scope)), nodeid)


def pytest_xdist_make_scheduler(config, log):
    """Distribute the tests; meanwhile the engine is compiled, for those that come to need it."""
    os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", COMPILE])
    return Together(config, log)


@pytest.fixture(scope="session")
def worker():
    """A runner with one worker process, kept for all tests: starting one takes seconds."""
    from gnviz.jobs import LocalRunner

    with LocalRunner(workers=1, threads=1) as runner:
        yield runner
