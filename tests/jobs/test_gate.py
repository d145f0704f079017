"""The gate by itself, in one process: a computing thread and the test turning the controls."""

import contextlib
import io
import threading
import time

import pytest

from gnviz.experiment import Experiment
from gnviz.jobs.base import JobStatus
from gnviz.jobs.gate import MOST_BYTES, MOST_SNAPSHOTS, Cancelled, Gate
from gnviz.jobs.wire import Start
from gnviz.jobs.worker import run

LONG = 60.0
"""Seconds after which a thread is given up: far above what a busy machine takes."""


class Watched(threading.Condition):
    """A condition that tells when something begins to wait on it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Event()

    def wait(self, timeout=None):
        self.waiting.set()
        return super().wait(timeout)


def gate(paused=False, steps=0) -> Gate:
    made = Gate(Start("job", "{}", paused, steps))
    made._changed = Watched()
    return made


def passing(action) -> threading.Thread:
    """Run `action` in a thread, which ends quietly if it is cancelled."""

    def run() -> None:
        with contextlib.suppress(Cancelled):
            action()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def held(g: Gate) -> bool:
    return g._changed.waiting.wait(LONG)


def passed(thread: threading.Thread) -> bool:
    thread.join(LONG)
    return not thread.is_alive()


def test_an_open_gate_costs_the_inner_loop_no_lock():
    g = gate()
    g._changed = None
    g.wait_while_paused()


@pytest.mark.parametrize("action", ["resume", "step", "cancel"])
def test_a_paused_checkpoint_waits_for(action):
    g = gate(paused=True)
    thread = passing(g.wait_while_paused)
    assert held(g)
    g.control(action, None)
    assert passed(thread)


def test_a_step_admits_one_and_then_holds():
    g = gate(paused=True, steps=1)
    for _ in range(5):
        g.wait_while_paused()
    g.admit(1)
    thread = passing(g.wait_while_paused)
    assert held(g)
    g.control("cancel", None)
    assert passed(thread)


@pytest.mark.parametrize(("size", "most"), [(1, MOST_SNAPSHOTS), (MOST_BYTES // 4, 4)])
def test_unpolled_snapshots_are_bounded_by_number_and_bytes(size, most):
    g = gate()
    for _ in range(most):
        g.admit(size)
    thread = passing(lambda: g.admit(size))
    assert held(g)
    g.control("polled", 1)
    assert passed(thread)


def test_a_single_snapshot_larger_than_the_bound_still_passes():
    gate().admit(2 * MOST_BYTES)


def test_cancelled_passes_an_except_exception():
    g = gate()
    g.control("cancel", None)
    with pytest.raises(Cancelled):
        g.wait_while_paused()
    with pytest.raises(Cancelled):
        g.admit(1)
    assert not issubclass(Cancelled, Exception)


def test_a_job_whose_time_is_over_ends_with_the_reason_also_while_it_is_paused(monkeypatch):
    def endless(experiment, checkpoint):
        while True:
            checkpoint()
            time.sleep(0.001)
            yield from ()

    monkeypatch.setenv("GNVIZ_MAX_SECONDS", "0.05")
    for paused in (False, True):
        start = Start("job", Experiment().to_json(), paused, 0)
        ended = run(start, Gate(start), endless, io.BytesIO())
        assert ended.status == JobStatus.CANCELLED
        assert ended.error == "The run took longer than is allowed here: 0.05 s (GNVIZ_MAX_SECONDS)."


def test_a_clock_ends_with_its_job(monkeypatch):
    monkeypatch.setenv("GNVIZ_MAX_SECONDS", "3600")
    start, before = Start("job", Experiment().to_json(), False, 0), threading.active_count()
    ended = run(start, Gate(start), lambda experiment, checkpoint: (), io.BytesIO())
    assert ended.status == JobStatus.FINISHED
    assert threading.active_count() <= before + 1, "the cancelled clock may be about to end"
