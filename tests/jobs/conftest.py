"""Runners under test. To put another runner under the contract, add it to `RUNNERS`."""

from collections.abc import Callable, Iterator

import pytest
from clusters import cluster
from jobs.waiting import until

from gnviz.jobs import LocalRunner, Runner
from gnviz.jobs.dask import DaskRunner

RUNNERS = ("local", "dask")
"""Kinds of runners: see `make_runner`."""


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory) -> Iterator[str]:
    """The address of a cluster of two places."""
    with cluster(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture(scope="session", params=RUNNERS)
def make_runner(request) -> Callable[..., Runner]:
    """Makes runners: called with the engine as `module:function` and the most jobs at a time."""
    if request.param == "dask":
        address = request.getfixturevalue("scheduler")
        return lambda simulate, workers: DaskRunner(address, simulate)
    return lambda simulate, workers: LocalRunner(workers=workers, simulate=simulate)


@pytest.fixture(scope="session")
def shared(make_runner) -> Iterator[Runner]:
    """A runner of two places with the fake engine, kept for all tests since starting takes a second."""
    with make_runner("jobs.fakes:simulate", 2) as runner:
        runner.warm(2)
        yield runner


@pytest.fixture
def runner(shared) -> Iterator[Runner]:
    """The shared runner, whose jobs of this test are ended after it."""
    jobs, submit = [], shared.submit
    shared.submit = lambda *args, **kwargs: jobs.append(submit(*args, **kwargs)) or jobs[-1]
    yield shared
    del shared.submit
    for job in jobs:
        job.cancel()
    for job in jobs:
        until(lambda job=job: job.done)


class Timer:
    """In the place of `threading.Timer`: its time passes when the test says so."""

    def __init__(self, seconds: float, function: Callable[[], None]) -> None:
        self.run_out, self.daemon = function, False

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Wait no more."""


@pytest.fixture
def patience(monkeypatch) -> list[Timer]:
    """The timers of cancelled jobs, which have for ever to stop by themselves."""
    timers: list[Timer] = []
    monkeypatch.setattr(
        "gnviz.jobs.submitted.threading.Timer", lambda *args: timers.append(Timer(*args)) or timers[-1]
    )
    return timers
