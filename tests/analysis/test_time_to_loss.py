import math

import numpy as np
import pytest

from gnviz.analysis.time_to_loss import crossing


def test_power_law_is_interpolated_exactly():
    time = np.array([0.0, 1.0, 10.0, 1000.0])
    loss = np.array([5.0, 1.0, 1e-2, 1e-6])  # t^-2
    assert crossing(time, loss, 1e-4) == pytest.approx(100, rel=1e-12)
    assert crossing(time, loss, 1e-2) == 10


def test_before_the_first_positive_moment_time_is_linear():
    assert crossing(np.array([0.0, 1.0]), np.array([1.0, 1e-4]), 1e-2) == pytest.approx(0.5)


def test_never_reached_is_nan():
    assert math.isnan(crossing(np.array([0.0, 1.0]), np.array([1.0, 0.5]), 1e-2))
    assert math.isnan(crossing(np.array([]), np.array([]), 1e-2))
    assert math.isnan(crossing(np.array([0.0]), np.array([np.nan]), 1e-2))


def test_already_there_is_the_first_moment():
    assert crossing(np.array([0.0, 1.0]), np.array([1e-3, 1e-4]), 1e-2) == 0


def test_the_first_of_several_crossings_counts():
    time, loss = np.arange(1.0, 6.0), np.array([1.0, 1e-3, 1.0, 1e-3, 1e-3])
    assert 1 < crossing(time, loss, 1e-2) < 2


@pytest.mark.parametrize("loss", [[1.0, 0.0], [math.inf, 1e-5]])
def test_what_cannot_be_interpolated_is_the_moment_it_was_seen(loss):
    assert crossing(np.array([1.0, 7.0]), np.array(loss), 1e-2) == 7


def test_gaps_are_bridged():
    time, loss = np.array([1.0, 5.0, 100.0]), np.array([1.0, np.nan, 1e-4])
    assert crossing(time, loss, 1e-2) == pytest.approx(10)
