"""Runs that take turns: long ones are held while others wait, lose nothing, and end."""

import pytest
from jobs.fakes import experiment
from jobs.waiting import collect, until

from gnviz.jobs import JobStatus, LocalRunner
from gnviz.jobs.base import stream
from gnviz.jobs.turns import Turns

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


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def turns(jobs, places=4, cores=2):
    """Return `Turns` of ten seconds with some jobs that have had theirs, and its clock."""
    clock = Clock()
    made = Turns(10.0, places, cores, clock)
    for job in jobs:
        made.begin(job)
        clock.now += 1.0
    clock.now = 100.0
    return made, clock


def test_old_jobs_fill_the_places_as_long_as_they_are_alone():
    made, _ = turns("abcd")
    assert made.take(0) == ([], [])


def test_new_jobs_are_served_at_once_and_do_not_share_their_core():
    made, clock = turns("abcd")
    assert made.take(1) == (["a", "b", "c"], []), "one waits: one core is left for an old one"
    made.begin("new")
    assert made.take(1) == (["d"], []), "another waits: none is left"
    made.leave("new")
    clock.now += 0.5
    assert made.take(0) == ([], ["a", "b", "c", "d"]), "in the order in which they were held"


def test_who_was_just_let_go_on_is_held_again_for_a_new_one():
    made, clock = turns("abcd")
    made.take(2)
    made.take(0)
    clock.now += 0.01
    assert len(made.take(1)[0]) == 3


def test_a_new_job_is_not_held_before_its_turn_is_over():
    made, clock = turns("")
    for job in "abcd":
        made.begin(job)
    clock.now += 9.9
    assert made.take(4) == ([], [])
    clock.now += 0.2
    assert made.take(4)[0] == list("abcd")


def test_old_jobs_that_are_more_than_the_places_take_turns():
    made, clock = turns("abcdef")
    assert made.take(0) == (["a", "b"], []), "those that have computed for longest"
    clock.now += 9.0
    assert made.take(0) == (["c", "d"], ["a", "b"])
    clock.now += 9.0
    assert made.take(0) == (["e", "f"], ["c", "d"])
    assert made.take(0) == ([], []), "the others have not had their turn"
    clock.now += 1.5
    assert made.take(0) == (["a", "b"], ["e", "f"])


def test_however_many_are_new_an_old_job_has_a_turn_in_the_end():
    made, clock = turns("ab")
    assert made.take(2) == (["a", "b"], [])
    for k in range(50):
        made.begin(k)
        clock.now += 1.0
        assert made.take(2) == ([], [])
        made.leave(k)
    clock.now += 0.5
    made.begin("new")
    assert made.take(1) == ([], ["a"]), "held for five turns"
    clock.now += 9.0
    made.begin("newer")
    assert made.take(0) == ([], ["b"]), "and nobody who is new ends that turn early"
    clock.now += 1.5
    for job in ("new", "newer"):
        made.leave(job)
    assert made.take(2)[0] == ["a"]


def test_what_a_job_has_computed_before_it_was_held_counts():
    made, clock = turns("")
    made.begin("a")
    clock.now += 20.0
    made.take(2)
    assert list(made.held) == ["a"]
    made.take(0)
    clock.now += 0.1
    assert made.take(2) == (["a"], []), "it is no new one"
