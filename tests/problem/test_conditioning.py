"""The dial reaches what it is set to, or says what it can reach."""

import math

import pytest
import torch

from gnviz import Experiment, KnobError
from gnviz.problem.build import build
from gnviz.problem.conditioning import condition_number, find_separation, resolution


def reached(**knobs):
    return build(Experiment().replace({k.replace("__", "."): v for k, v in knobs.items()})).condition


@pytest.mark.parametrize("exponent", range(5, 13))
def test_the_dial_reaches_its_target(exponent):
    target = 10.0**exponent
    # lambda_min = lambda_max / kappa carries the kernel's rounding, a few eps lambda_max: relative kappa eps
    accuracy = 1e-8 + 50 * target * 2.2e-16
    assert abs(reached(data__condition=target) / target - 1) < accuracy


@pytest.mark.parametrize("n", [2, 3, 7])
def test_the_dial_works_for_any_number_of_samples(n):
    assert reached(data__n=n, data__condition=1e6) == pytest.approx(1e6, rel=1e-6)


def test_the_dial_works_on_a_deep_network():
    knobs = {"network__depth": 3, "network__width": 32, "network__activation": "gelu"}
    assert reached(data__condition=1e7, **knobs) == pytest.approx(1e7, rel=1e-6)


def test_an_unreachable_target_names_the_range():
    with pytest.raises(
        KnobError, match=r"data.condition = 100 cannot be reached.* reachable is 7.16e\+04 to 1e\+12"
    ):
        reached(data__condition=1e2)


def test_the_range_ends_where_the_kernel_does():
    with pytest.raises(KnobError, match="reachable is 10 to 1e\\+06"):
        find_separation(lambda s: 10 if s > 1e-3 else 1e6, 1e7, 1.0)


def test_a_singular_kernel_is_said_to_be_one():
    with pytest.raises(KnobError, match="even with evenly spread samples K_0 is singular"):
        reached(network__width=2, data__n=20)


def test_one_sample_has_no_pair():
    with pytest.raises(KnobError, match=r"data.n = 1"):
        reached(data__n=1)


def test_condition_number_of_known_spectra():
    assert condition_number(torch.diag(torch.tensor([4.0, 2.0, 1e-3], dtype=torch.float64))) == pytest.approx(
        4e3
    )
    assert condition_number(torch.diag(torch.tensor([1.0, 1e-17], dtype=torch.float64))) == math.inf
    assert condition_number(torch.zeros(2, 2, dtype=torch.float64)) == math.inf


def test_resolution_is_n_eps_times_the_largest():
    values = torch.tensor([[1.0, 8.0], [2.0, 0.5]], dtype=torch.float32)
    assert torch.equal(resolution(values), 2 * 2.0**-23 * torch.tensor([8.0, 2.0]))
