"""Runs that take turns: long ones are held while others wait, lose nothing, and end."""

import pytest
from jobs.fakes import experiment
from jobs.waiting import collect, until

from gnviz.jobs import JobStatus, LocalRunner
from gnviz.jobs.base import stream

TURN = 0.4


@pytest.fixture(scope="module")
def runner():
    with LocalRunner(workers=2, simulate="jobs.fakes:simulate", turn=TURN) as runner:
        runner.warm(2)
        yield runner


@pytest.fixture
def long(runner):
    """Two runs that hold both places."""
    jobs = [runner.submit(experiment("slow", 2000)) for _ in range(2)]
    for job in jobs:
        collect(job, 1)
    yield jobs
    for job in jobs:
        job.cancel()
    until(lambda: all(job.done for job in jobs))


def test_short_runs_do_not_wait_for_long_ones_to_end(runner, long):
    for _ in range(3):
        short = runner.submit(experiment(snapshots=5))
        assert [s.index for s in stream(short)] == list(range(5))
    assert not any(job.done for job in long)
    until(lambda: all(job.status == JobStatus.RUNNING for job in long))


def test_a_held_run_says_that_it_waits_and_goes_on_where_it_was(runner, long):
    more = [runner.submit(experiment("slow", 2000)) for _ in range(2)]
    until(lambda: any(job.status == JobStatus.WAITING for job in long))
    for job in more:
        collect(job, 1)
    assert runner.load == (2, 2)
    for job in more:
        job.cancel()
    until(lambda: all(job.status == JobStatus.RUNNING for job in long))
    until(lambda: runner.load == (2, 0))
    seen = collect(long[0], 30)
    assert seen == list(range(seen[0], seen[0] + len(seen))), "no moment is lost"


def test_four_long_runs_take_turns_and_all_come_forward(runner, long):
    more = [runner.submit(experiment("slow", 2000)) for _ in range(2)]
    jobs = [*long, *more]
    counts = dict.fromkeys(range(4), 0)

    def forward():
        for k, job in enumerate(jobs):
            counts[k] += len(job.poll())
        return min(counts.values()) > 100

    until(forward)
    for job in more:
        job.cancel()
    until(lambda: all(job.done for job in more))


def test_a_held_run_can_be_cancelled_and_what_was_started_for_others_ends(runner, long):
    more = [runner.submit(experiment("slow", 2000)) for _ in range(2)]
    held = lambda: next((job for job in long if job.status == JobStatus.WAITING), None)  # noqa: E731
    until(held)
    job = held()
    job.cancel()
    until(lambda: job.done)
    assert job.status == JobStatus.CANCELLED
    for other in [*more, *long]:
        other.cancel()
    until(lambda: len(runner._workers) <= 2)
