"""What is particular to worker processes: starting, ending, and what they leave behind."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs.fakes import experiment
from jobs.waiting import LONG, until

from gnviz.jobs import JobStatus, LocalRunner, stream

TESTS = str(Path(__file__).parents[1])

UNGUARDED = f"""
import sys
sys.path.insert(0, {TESTS!r})
print("main runs")
from jobs.fakes import experiment
from gnviz.jobs import LocalRunner, stream
runner = LocalRunner(simulate="jobs.fakes:simulate")
job = runner.submit(experiment("talk", 3))
print([s.index for s in stream(job)], job.status)
left = runner.submit(experiment("spin"))
left.wait()
print(sorted({{"torch", "panel", "holoviews", "bokeh"}} & set(sys.modules)))
print(left.poll()[0].header.device)
"""
"""A script with no main guard, which leaves a job running and closes nothing."""


@pytest.fixture
def runner():
    with LocalRunner(workers=1, simulate="jobs.fakes:simulate") as runner:
        yield runner


def start(*command: str) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-W", "error", *command], text=True, **pipes)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not, whoever should reap it."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no /proc on this system, or gone since
        return not Path("/proc").is_dir()


def first(job):
    """Return the first snapshot's header."""
    job.wait(LONG)
    return job.poll()[0].header


def test_scripts_without_a_guard_run_once_and_leave_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    for process in [start(str(script)), start("-c", UNGUARDED)]:
        out, err = process.communicate(timeout=2 * LONG)
        said, snapshots, heavy, pid = out.splitlines()
        assert (said, snapshots, heavy) == ("main runs", "[0, 1, 2] finished", "[]")
        assert sorted(set(err.splitlines())) == ["and by C code", "said by the engine"]  # and no noise
        assert process.returncode == 0
        until(lambda pid=pid: not alive(int(pid)))


def test_workers_end_with_a_killed_parent():
    process = start("-c", UNGUARDED.replace('"spin"', '"hang"') + "sys.stdout.flush(); sys.stdin.read()")
    assert process.stdout
    pid = int([process.stdout.readline() for _ in range(4)][-1])
    assert alive(pid)
    process.kill()
    process.communicate()
    until(lambda: not alive(pid))


def test_a_warm_worker_is_ready_reused_and_reaped(runner):
    runner.warm()
    runner.warm(5)  # no more than the limit
    seen = {(h.device, h.notes) for h in (first(runner.submit(experiment(snapshots=2))) for _ in range(3))}
    (pid, notes), *others = seen
    assert not others
    assert notes == ("no torch",)
    runner.close()
    with pytest.raises(ProcessLookupError):  # not even a zombie
        os.kill(int(pid), 0)


def test_an_idle_worker_that_dies_is_replaced_on_demand(runner):
    job = runner.submit(experiment(snapshots=2))
    pid = int(first(job).device)
    until(lambda: job.done)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not runner._workers)
    assert first(runner.submit(experiment(snapshots=2))).device != str(pid)


def test_a_forgotten_runner_ends_its_workers():
    runner = LocalRunner(workers=1, simulate="jobs.fakes:simulate")
    job = runner.submit(experiment(snapshots=2))
    pid = int(first(job).device)
    for _ in stream(job):
        pass
    del runner, job
    gc.collect()
    until(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("executable", "error"),
    [
        ("/bin/false", "The worker process could not start (exit code 1)."),
        ("/no/such/python", "No worker process could be started: [Errno 2]"),
    ],
)
def test_a_python_that_does_not_start_loses_the_jobs(runner, monkeypatch, executable, error):
    monkeypatch.setattr(sys, "executable", executable)
    for _ in range(2):  # the second one shows that the first left no trace
        job = runner.submit(experiment())
        until(lambda job=job: job.done)
        assert job.status == JobStatus.LOST
        assert job.error.startswith(error)


def test_a_waiting_job_knows_how_many_were_asked_for_before_it(runner):
    jobs = [runner.submit(experiment("spin")) for _ in range(3)]
    until(lambda: jobs[0].status == JobStatus.RUNNING)
    assert [runner.ahead(job) for job in jobs] == [0, 0, 1]
    jobs[1].cancel()
    assert runner.ahead(jobs[2]) == 0
    jobs[0].cancel()
    until(lambda: jobs[2].status == JobStatus.RUNNING)
    assert runner.ahead(jobs[2]) == 0


def test_a_worker_that_stands_still_holds_nobody_else_and_loses_nothing():
    with LocalRunner(workers=2, simulate="jobs.fakes:simulate") as runner:
        job, waited = runner.submit(experiment("slow", 60)), 0.0
        pid = int(first(job).device)
        os.kill(pid, signal.SIGSTOP)
        try:
            other, seen = runner.submit(experiment(snapshots=3)), [0]
            assert [s.index for s in stream(other)] == [0, 1, 2]
            for _ in range(20):
                began = time.monotonic()
                seen += [s.index for s in job.poll()]
                waited = max(waited, time.monotonic() - began)
                time.sleep(0.05)
            assert waited < 0.5, "polling waits for nobody"
            assert job.status == JobStatus.RUNNING
            assert len(seen) < 60
        finally:
            os.kill(pid, signal.SIGCONT)
        seen += [s.index for s in stream(job)]
    assert seen == list(range(60))
    assert job.status == JobStatus.FINISHED
