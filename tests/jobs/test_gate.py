"""The gate by itself, in one process: a computing thread and the test turning the controls."""

import contextlib
import threading
import time

import pytest

from gnviz.jobs.gate import MOST_BYTES, MOST_SNAPSHOTS, Cancelled, Gate
from gnviz.jobs.wire import Start


def gate(pace=None, paused=False, steps=0) -> Gate:
    return Gate(Start("job", "{}", pace, paused, steps))


def passing(action) -> threading.Thread:
    """Run `action` in a thread, which ends quietly if it is cancelled."""

    def run() -> None:
        with contextlib.suppress(Cancelled):
            action()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def held(thread: threading.Thread) -> bool:
    thread.join(0.03)
    return thread.is_alive()


def passed(thread: threading.Thread) -> bool:
    thread.join(5)
    return not thread.is_alive()


def test_an_open_gate_costs_the_inner_loop_little():
    g, start = gate(), time.thread_time()
    for _ in range(10_000):
        g.checkpoint()
    assert time.thread_time() - start < 0.1  # 10 us each at most; a flow step takes hundreds


@pytest.mark.parametrize("action", ["resume", "step", "cancel"])
def test_a_paused_checkpoint_waits_for(action):
    g = gate(paused=True)
    thread = passing(g.checkpoint)
    assert held(thread)
    g.control(action, None)
    assert passed(thread)


def test_a_step_admits_one_and_then_holds():
    g = gate(paused=True, steps=1)
    for _ in range(5):
        g.checkpoint()
    g.admit(1)
    thread = passing(g.checkpoint)
    assert held(thread)
    g.control("cancel", None)


@pytest.mark.parametrize(("size", "most"), [(1, MOST_SNAPSHOTS), (MOST_BYTES // 4, 4)])
def test_unpolled_snapshots_are_bounded_by_number_and_bytes(size, most):
    g = gate()
    for _ in range(most):
        g.admit(size)
    thread = passing(lambda: g.admit(size))
    assert held(thread)
    g.control("polled", 1)
    assert passed(thread)


def test_a_single_snapshot_larger_than_the_bound_still_passes():
    gate().admit(2 * MOST_BYTES)


def test_the_pace_keeps_an_even_beat():
    g, start = gate(pace=100), time.perf_counter()
    for _ in range(21):
        g.admit(1)
    assert 0.195 < time.perf_counter() - start < 2  # 20 intervals of 10 ms


def test_a_step_does_not_wait_for_the_pace():
    g = gate(pace=0.01)
    g.admit(1)
    g.control("step", None)
    assert passed(passing(lambda: g.admit(1)))


def test_cancelled_passes_an_except_exception():
    g = gate()
    g.control("cancel", None)
    with pytest.raises(Cancelled):
        g.checkpoint()
    with pytest.raises(Cancelled):
        g.admit(1)
    assert not issubclass(Cancelled, Exception)


def test_a_change_of_pace_interrupts_the_wait():
    g = gate(pace=0.01)
    g.admit(1)
    thread = passing(lambda: g.admit(1))
    assert held(thread)
    g.control("pace", None)
    assert passed(thread)
