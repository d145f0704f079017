"""Problems of Moré, Garbow and Hillstrom, from their standard starts to their published minima."""

import pytest
from checks import assert_close

import gnviz
from gnviz import Experiment
from gnviz.problem.published.more_garbow_hillstrom import PROBLEMS

RECORDED = 1e-12  # sums of squares of order 1e3 in float64

PUBLISHED = {"freudenstein-roth": 1e-7, "jennrich-sampson": 4e-8, "brown-dennis": 1e-6}
"""Half a unit of the last published digit, relative."""


def steps(method, count):
    values = {"methods": [method], "clock.kind": "steps", "clock.steps": count, "clock.step_size": 1.0}
    values |= {"clock.snapshots": count + 1, "clock.spacing": "linear"}
    return Experiment().replace(values)


def test_rosenbrock_in_two_gauss_newton_steps():
    ds = gnviz.run(steps("gauss-newton", 2), PROBLEMS["rosenbrock"].problem())
    assert_close(2 * ds.loss[0], [24.2, 2342.56, 0], rtol=RECORDED)
    assert_close(ds.weights[0], [[-1.2, 1], [1, -3.84], [1, 1]], rtol=RECORDED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_trust_region_reaches_the_published_minimum(name):
    problem = PROBLEMS[name]
    ds = gnviz.run(steps("trust-region", 100), problem.problem())
    total = 2 * float(ds.loss[0, -1])
    print(f"{name}: sum of squares {total:.8g}")
    assert_close(total, problem.sum_of_squares, rtol=PUBLISHED[name], label=name)
