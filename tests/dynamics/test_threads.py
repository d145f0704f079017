"""Small runs use one thread, and give the caller's number back."""

import pytest
import torch

from gnviz import Experiment, simulate
from gnviz.dynamics.threads import SMALL, threads_for


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("entries", "inside"), [(SMALL, 1), (SMALL + 1, 2)])
def test_small_work_gets_one_thread(two_threads, entries, inside):
    with threads_for(entries):
        assert torch.get_num_threads() == inside
    assert torch.get_num_threads() == 2


def test_an_error_gives_the_threads_back(two_threads):
    with pytest.raises(ZeroDivisionError), threads_for(1):
        _ = 1 / 0
    assert torch.get_num_threads() == 2


def test_a_run_computes_on_one_thread_and_leaves_the_callers_alone(two_threads):
    seen = []
    values = {"network.width": 10, "data.condition": None, "clock.snapshots": 3, "clock.horizon": 1.0}
    stream = simulate(Experiment().replace(values), lambda: seen.append(torch.get_num_threads()))
    for _ in stream:
        assert torch.get_num_threads() == 2
    assert set(seen) == {1}
