"""Tests run in several processes (pytest-xdist), each of which computes with one thread."""

import os

from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("gnviz", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("gnviz")

if "PYTEST_XDIST_WORKER" in os.environ:  # set before torch is imported; servers and workers inherit it
    os.environ.setdefault("OMP_NUM_THREADS", "1")


class OneBrowser(LoadScopeScheduling):
    """The page's tests run in one process, which has the server and the browser; the others anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        return "ui" if nodeid.startswith("tests/ui/") else nodeid


def pytest_xdist_make_scheduler(config, log):
    """Distribute the tests."""
    return OneBrowser(config, log)
