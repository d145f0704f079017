"""The dial reaches what it is set to, or says what it can reach."""

import math

import pytest
import torch

from gnviz import Experiment, KnobError
from gnviz.data.dial import find_separation, inward, most_samples
from gnviz.problem.build import build
from gnviz.problem.data.conditioning import condition_number, resolution


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
    match = r"data.condition = 100 cannot be reached.* reachable is 71600 to 1e\+12"
    with pytest.raises(KnobError, match=match) as refused:
        reached(data__condition=1e2)
    assert refused.value.remedy == {"data.condition": 71600.0}
    assert reached(data__condition=71600.0) == pytest.approx(71600.0)


def test_the_range_ends_where_the_kernel_does():
    with pytest.raises(KnobError, match="reachable is 10 to 1e\\+06") as refused:
        find_separation(lambda s: 10 if s > 1e-3 else 1e6, 1e7, 1.0)
    assert refused.value.remedy == {"data.condition": 1e6}


def test_the_range_is_told_also_where_the_target_is_in_it():
    problem = build(Experiment())
    assert problem.samples.reach == {"data.condition": (71600.0, 1e12)}
    assert "data.condition" not in build(Experiment().replace({"data.condition": None})).samples.reach


def test_a_singular_kernel_is_said_to_be_one():
    with pytest.raises(KnobError, match="even with evenly spread samples K_0 is singular") as refused:
        reached(data__n=60)
    fewer = refused.value.remedy["data.n"]
    assert reached(data__n=fewer) == pytest.approx(1e7, rel=1e-6)
    with pytest.raises(KnobError, match="cannot be reached"):
        reached(data__n=fewer + 2)


def test_a_singular_kernel_of_a_tiny_network_has_no_remedy_in_fewer_samples():
    assert most_samples(lambda n: math.inf, 1e7, 20) is None
    assert [most_samples(lambda n: 10.0**n, 1e7, below) for below in (4, 7, 20)] == [2, 4, 6]


def test_bounds_are_rounded_inward():
    assert (inward(71641.0, math.ceil), inward(71641.0, math.floor)) == (71700.0, 71600.0)
    assert (inward(123.0, math.ceil), inward(9.999e4, math.ceil), inward(1e12, math.floor)) == (
        123.0,
        1e5,
        1e12,
    )


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
