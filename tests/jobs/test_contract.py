"""The contract of `gnviz.jobs.base`, which every runner keeps."""

import re
import threading
import time

import pytest
from jobs.fakes import experiment
from jobs.waiting import LONG, collect, settled, until

from gnviz.experiment import Experiment
from gnviz.jobs import JobStatus, stream


def indices(job) -> list[int]:
    return [s.index for s in stream(job)]


def test_all_snapshots_come_in_order_and_the_first_has_the_header(runner):
    job = runner.submit(experiment(snapshots=50))
    snapshots = list(stream(job))
    assert [s.index for s in snapshots] == list(range(50))
    assert Experiment.from_json(snapshots[0].header.experiment) == job.experiment == experiment(snapshots=50)
    assert all(s.header is None for s in snapshots[1:])
    assert (job.status, job.done, job.error, job.traceback) == (JobStatus.FINISHED, True, None, None)


def test_snapshots_can_be_polled_after_the_end(runner):
    job = runner.submit(experiment(snapshots=50))
    until(lambda: job.done)
    assert [s.index for s in job.poll()] == list(range(50))
    assert job.poll() == []


def test_ids_are_short_and_unique(runner):
    ids = {runner.submit(experiment(snapshots=2)).id for _ in range(20)}
    assert len(ids) == 20
    assert all(0 < len(i) <= 12 for i in ids)


def test_the_experiment_is_that_of_the_submission(runner):
    mine = experiment(snapshots=5)
    job = runner.submit(mine)
    mine.clock.snapshots = 7
    assert job.experiment.clock.snapshots == 5
    assert len(indices(job)) == 5


def test_extra_jobs_wait_and_start_in_order(runner):
    busy = [runner.submit(experiment("spin")) for _ in range(2)]
    for job in busy:
        collect(job, 1)
    extra = [runner.submit(experiment("slow", 30)) for _ in range(3)]
    assert [j.status for j in extra] == [JobStatus.WAITING] * 3
    busy[0].cancel()
    collect(extra[0], 1)
    assert [j.status for j in extra] == [JobStatus.RUNNING, JobStatus.WAITING, JobStatus.WAITING]
    busy[1].cancel()
    until(lambda: extra[2].done)
    assert extra[0].done


def test_an_unpolled_job_waits_and_loses_nothing(runner):
    job = runner.submit(experiment("flood", 2000))
    job.wait()
    time.sleep(0.4)
    first = job.poll()
    assert len(first) < 1000
    assert job.status == JobStatus.RUNNING
    assert [s.index for s in first] + indices(job) == list(range(2000))


def test_wait_times_out_and_wakes_up(runner):
    job = runner.submit(experiment("spin"))
    collect(job, 1)
    assert not job.wait(0.02)
    threading.Timer(0.05, job.cancel).start()
    assert job.wait(LONG)
    assert job.done


def test_pause_stops_and_resume_goes_on_without_a_gap(runner):
    job = runner.submit(experiment("slow", 60))
    got = collect(job, 5)
    job.pause()
    assert job.status == JobStatus.PAUSED
    got += settled(job)
    assert len(got) < 60
    job.resume()
    assert job.status == JobStatus.RUNNING
    assert got + indices(job) == list(range(60))
    assert job.status == JobStatus.FINISHED


def test_step_gives_exactly_one_snapshot(runner):
    job = paused_at_the_start(runner, experiment("slow", 60))
    for index in range(3):
        job.step()
        assert job.status == JobStatus.PAUSED
        assert collect(job, 1) == [index]
        assert settled(job, 0.03) == []
    job.step()
    job.step()
    assert collect(job, 2) == [3, 4]
    assert settled(job, 0.1) == []


def paused_at_the_start(runner, mine):
    """Return a job that was paused while it waited for a place, and has one."""
    busy = [runner.submit(experiment("spin")) for _ in range(2)]
    job = runner.submit(mine)
    job.pause()
    assert job.status == JobStatus.WAITING
    busy[0].cancel()
    until(lambda: job.status == JobStatus.PAUSED)
    return job


def test_a_job_submitted_paused_computes_nothing_until_a_step(runner):
    job = runner.submit(experiment("slow", 60), paused=True)
    until(lambda: job.status == JobStatus.PAUSED)
    assert settled(job, 0.1) == []
    job.step()
    assert collect(job, 1) == [0]
    assert settled(job, 0.1) == []


def test_stepping_to_the_last_snapshot_finishes(runner):
    job = runner.submit(experiment(snapshots=3), paused=True)
    for _ in range(3):
        job.step()
    until(lambda: job.done)
    assert job.status == JobStatus.FINISHED


def test_a_job_paused_while_waiting_starts_paused(runner):
    job = paused_at_the_start(runner, experiment(snapshots=3))
    assert settled(job, 0.05) == []
    job.resume()
    assert indices(job) == [0, 1, 2]


@pytest.mark.parametrize("state", ["running", "spinning", "paused", "blocked"])
def test_a_cancel_is_answered_by_the_engine_itself(runner, patience, state):
    scenario = {"blocked": "flood", "spinning": "spin"}.get(state, "slow")
    job = runner.submit(experiment(scenario, 2000))
    job.wait()
    if state == "paused":
        job.pause()
    if state == "blocked":
        time.sleep(0.5)
    job.cancel()
    until(lambda: job.done)
    assert (job.status, job.error) == (JobStatus.CANCELLED, None)
    got = [s.index for s in job.poll()]
    assert got == list(range(len(got)))
    assert got


def test_cancel_of_a_waiting_job_is_immediate(runner):
    busy = [runner.submit(experiment("spin")) for _ in range(2)]
    job = runner.submit(experiment())
    job.cancel()
    assert job.status == JobStatus.CANCELLED
    assert job.poll() == []
    busy[0].cancel()
    assert indices(runner.submit(experiment(snapshots=3))) == [0, 1, 2]


def test_controls_after_the_end_do_nothing(runner):
    job = runner.submit(experiment(snapshots=3))
    assert len(indices(job)) == 3
    for control in (job.cancel, job.pause, job.step, job.resume):
        control()
    assert job.status == JobStatus.FINISHED
    assert indices(runner.submit(experiment(snapshots=3))) == [0, 1, 2]


def test_a_job_that_does_not_answer_a_cancel_is_ended_and_replaced(runner, patience):
    job = runner.submit(experiment("hang"))
    collect(job, 1)
    for call in (job.poll, job.pause, job.step, job.resume, job.cancel, job.cancel):
        call()
    assert not job.done, "none of them waits for the worker"
    patience[-1].run_out()
    until(lambda: job.done)
    assert (job.status, job.error) == (JobStatus.CANCELLED, None)
    both = [runner.submit(experiment("slow", 20)) for _ in range(2)]
    assert [len(indices(j)) for j in both] == [20, 20]


@pytest.mark.parametrize(("scenario", "cause"), [("leave", "exit code 9"), ("die", "signal 9")])
def test_a_dead_worker_loses_its_job_only(runner, scenario, cause):
    other = runner.submit(experiment("slow", 50))
    job = runner.submit(experiment(scenario))
    job.wait()
    until(lambda: job.done)
    assert job.status == JobStatus.LOST
    died = rf"The worker process died \({cause}\)|The worker at tcp://127.0.0.1:\d+ left the cluster"
    taken = "a new worker|another one"
    assert re.fullmatch(rf"({died}) before the run ended; ({taken}) takes the next run\.", job.error)
    assert [s.index for s in job.poll()] == [0, 1, 2]
    assert indices(runner.submit(experiment(snapshots=3))) == [0, 1, 2]
    assert indices(other) == list(range(50))


def test_a_bad_experiment_fails_with_its_own_message(runner):
    job = runner.submit(experiment("knob"))
    until(lambda: job.done)
    assert (job.status, job.error) == (JobStatus.FAILED, "data.n = 3 is not allowed: an even integer")
    assert job.remedy == {"data.n": 4}


def test_an_engine_error_fails_with_its_traceback_and_keeps_the_snapshots(runner):
    job = runner.submit(experiment("trouble"))
    assert indices(job) == [0, 1]
    assert (job.status, job.error) == (JobStatus.FAILED, "RuntimeError: engine trouble")
    assert 'raise RuntimeError("engine trouble")' in job.traceback
    assert indices(runner.submit(experiment(snapshots=3))) == [0, 1, 2]


def test_nothing_on_a_snapshots_way_looks_only_now_and_then(runner):
    """There and back takes 0.3 ms on an idle machine; on a busy one some of many do not have to wait."""
    job = paused_at_the_start(runner, experiment(snapshots=400))
    for _ in range(400):
        begin = time.perf_counter()
        job.step()
        job.wait()
        if time.perf_counter() - begin < 0.02:
            return
        job.poll()
    pytest.fail("each of 400 snapshots took more than 20 ms")


def test_many_threads_may_submit_and_control(runner):
    results: list[list[int]] = []

    def use() -> None:
        for _ in range(5):
            job = runner.submit(experiment(snapshots=20))
            job.pause()
            job.step()
            job.resume()
            results.append(indices(job))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [list(range(20))] * 30


def test_closing_cancels_everything_and_refuses_more(make_runner, patience):
    with make_runner("jobs.fakes:simulate", 1) as runner:
        jobs = [runner.submit(experiment("spin")) for _ in range(2)]
        collect(jobs[0], 1)
    assert [j.status for j in jobs] == [JobStatus.CANCELLED] * 2
    runner.close()
    with pytest.raises(RuntimeError, match="closed"):
        runner.submit(experiment())


def test_an_engine_that_cannot_be_imported_fails_the_job(make_runner):
    with make_runner("jobs.no_such_module:simulate", 1) as runner:
        job = runner.submit(experiment())
        until(lambda: job.done)
    assert job.status == JobStatus.FAILED
    assert job.error == "ModuleNotFoundError: No module named 'jobs.no_such_module'"
