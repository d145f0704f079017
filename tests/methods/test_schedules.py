"""Schedules against their closed forms, written anew (derived)."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import methods

from gnviz.dynamics.linearized.dynamics import blend
from gnviz.methods import METHODS, Schedule, ScheduleInputs, parse_method

SEEN = ScheduleInputs(*np.array([[0.0, 1e3], [1.0, 1e-9], [1e-7, 2.0], [3.0, 30.0], [0.5, 1e-3]]))
"""Two runs: time, loss, smallest and largest eigenvalue, norm of the gradient."""

SCHEDULES = [name for name, cls in METHODS.items() if issubclass(cls, Schedule)]
ROUNDING = 1e-12
"""A dozen operations in float64."""


def at(text, **seen):
    fields = SEEN._replace(**{k: np.asarray(v, float) for k, v in seen.items()})
    return parse_method(text).schedule.rho_at(fields)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_a_blend(name):
    rho = at(name)
    assert rho.shape == SEEN.time.shape
    assert ((rho >= 0) & (rho <= 1)).all()
    assert parse_method(name).schedule == parse_method(name)


@given(methods(), st.floats(0, 1e10), st.floats(0, 1e10), st.floats(0, 1e10))
def test_rho_is_in_the_unit_interval(text, time, loss, lambda_min):
    schedule = parse_method(text).schedule
    seen = ScheduleInputs(
        *(torch.tensor([v], dtype=torch.float64) for v in (time, loss, lambda_min, 1e10, loss))
    )
    rho, asked = blend([schedule], seen)
    assert schedule.least <= rho[0] <= 1 or (schedule.label == "formula" and asked.isnan())
    if schedule.label != "formula":
        assert rho == asked, "only a user's formula is ever clipped"


def test_first_order_and_gauss_newton():
    assert at("gradient-flow").tolist() == [1, 1]
    assert at("gauss-newton").tolist() == [0, 0]
    assert at("constant(0.25)").tolist() == [0.25, 0.25]


def test_adaptive_damping_is_in_units_of_the_smallest_eigenvalue():
    rho = at("adaptive(c=3)")
    np.testing.assert_allclose(rho / (1 - rho), 3 * SEEN.lambda_min, rtol=ROUNDING)  # mu = c lambda_min


@given(st.floats(1e-12, 1e6), st.floats(1e-3, 1e3))
def test_adaptive_rates_are_at_least_one_over_one_plus_c(lambda_min, c):
    rho = at(f"adaptive(c={c!r})", lambda_min=lambda_min)
    assert lambda_min / (rho + (1 - rho) * lambda_min) >= (1 - 1e-9) / (1 + c)


TIMES = np.array([0.0, 0.1, 1.0, 7.0, 1e3])


def test_exponential_decay():
    rho = at("exponential(start=0.8, floor=0.05, rate=0.3)", time=TIMES)
    np.testing.assert_allclose(rho, 0.05 + 0.75 * np.exp(-0.3 * TIMES), rtol=ROUNDING)
    assert rho[0] == pytest.approx(0.8)
    assert rho[-1] == 0.05
    # d rho/dt = -rate (rho - floor): halved every log(2)/rate
    half = at("exponential(start=1, floor=1e-15, rate=2)", time=[0, np.log(2) / 2, np.log(2)])
    np.testing.assert_allclose(half, [1, 0.5, 0.25], rtol=ROUNDING)


def test_polynomial_decay():
    rho = at("polynomial(start=1, floor=0.01, power=2)", time=[0, 1, 9, 1e9])
    np.testing.assert_allclose(rho, [1, 0.01 + 0.99 / 4, 0.01 + 0.99 / 100, 0.01], rtol=ROUNDING)


@pytest.mark.parametrize("by", ["time", "loss"])
def test_hybrid_goes_from_first_to_second_order(by):
    drive = np.array([0.0, 2.0, 1e30])  # start, switch, end: a time that passes, a loss read backwards
    seen = {"time": drive} if by == "time" else {"loss": drive[::-1]}
    rho = at(f"hybrid(by={by}, switch=2, floor=1e-4)", **seen)
    np.testing.assert_allclose(rho, [1, 1e-2, 1e-4], rtol=ROUNDING)
    back = at(f"hybrid(order=second-to-first, by={by}, switch=2, floor=1e-4)", **seen)
    np.testing.assert_allclose(back, rho[::-1], rtol=ROUNDING)


def test_hybrid_is_monotone_and_smooth():
    time = np.geomspace(1e-6, 1e6, 1000)
    log = np.log(at("hybrid(by=time, switch=3, floor=1e-6)", time=time))
    slope = np.diff(log) / np.diff(np.log(time))
    assert (slope <= 0).all()
    # log rho = log(floor) z, dz/dlog t = z (1 - z) <= 1/4: no jump anywhere
    assert slope.min() == pytest.approx(np.log(1e-6) / 4, rel=1e-3)


def test_a_formula_is_what_it_says():
    np.testing.assert_allclose(
        at("formula(0.5*exp(-t) + min(loss, lambda_min)/lambda_max + grad_norm)"),
        0.5 * np.exp(-SEEN.time) + np.minimum(SEEN.loss, SEEN.lambda_min) / SEEN.lambda_max + SEEN.grad_norm,
        rtol=ROUNDING,
    )


def test_a_formula_pays_only_for_what_it_uses():
    free, spectrum, gradient = (
        parse_method(f"formula({f})").schedule for f in ("t", "lambda_min", "grad_norm")
    )
    assert [s.needs_spectrum for s in (free, spectrum, gradient)] == [False, True, False]
    assert [s.needs_gradient for s in (free, spectrum, gradient)] == [False, False, True]


def test_a_formula_out_of_range_is_clipped_and_remembered():
    seen = ScheduleInputs(*(torch.tensor(v, dtype=torch.float64) for v in SEEN))
    rho, asked = blend([parse_method("formula(3*t)").schedule, parse_method("formula(-loss)").schedule], seen)
    assert rho.tolist() == [1e-15, 1e-15]
    assert asked.tolist() == [0, -1e-9]
