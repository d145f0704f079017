import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import methods

from gnviz.knobs import KnobError
from gnviz.schedules import SCHEDULES, Observed, parse_method

SEEN = Observed(*np.array([[0.0, 1e3], [1.0, 1e-9], [1e-7, 2.0], [3.0, 30.0]]))
"""Two runs: time, loss, smallest and largest eigenvalue."""


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_a_blend_and_says_what_it_does(name):
    schedule = parse_method(name)
    rho = schedule.at(SEEN)
    assert rho.shape == SEEN.time.shape
    assert ((rho >= 0) & (rho <= 1)).all()
    assert schedule.label == name
    assert schedule.formula
    assert schedule.meaning
    assert all(p.doc for p in schedule.knobs().values())


@given(methods())
def test_the_canonical_text_is_exact(text):
    schedule = parse_method(text)
    assert str(schedule) == text
    assert parse_method(str(schedule)) == schedule


@given(methods(), st.floats(0, 1e10), st.floats(0, 1e10), st.floats(0, 1e10))
def test_rho_is_in_the_unit_interval(text, time, loss, lambda_min):
    rho = parse_method(text).at(Observed(*(np.array([v]) for v in (time, loss, lambda_min, 1e10))))
    assert 0 <= rho[0] <= 1


def test_closed_forms():
    assert parse_method("gradient-flow").at(SEEN).tolist() == [1, 1]
    assert parse_method("gauss-newton").at(SEEN).tolist() == [0, 0]
    assert parse_method("constant(0.25)").at(SEEN).tolist() == [0.25, 0.25]
    rho = parse_method("adaptive(c=3)").at(SEEN)
    np.testing.assert_allclose(rho / (1 - rho), 3 * SEEN.lambda_min, rtol=1e-12)  # mu = c lambda_min


@given(st.floats(1e-12, 1e6), st.floats(1e-3, 1e3))
def test_adaptive_rates_are_at_least_one_over_one_plus_c(lambda_min, c):
    rho = parse_method(f"adaptive(c={c!r})").at(SEEN._replace(lambda_min=lambda_min))
    assert lambda_min / (rho + (1 - rho) * lambda_min) >= (1 - 1e-9) / (1 + c)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" constant ( rho = 1e-2 ) ", "constant(rho=0.01)"),
        ("constant(0.01)", "constant(rho=0.01)"),
        ("constant", "constant(rho=0.01)"),
        ("gradient_flow()", "gradient-flow"),
        ("adaptive(c=0.1)", "adaptive(c=0.1)"),
    ],
)
def test_spellings(text, canonical):
    assert str(parse_method(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("newton", "unknown method 'newton'; did you mean 'gauss-newton'"),
        ("", "unknown method ''"),
        ("constant(0.1", "unknown method 'constant(0.1'"),
        ("constant(rh=0.1)", "unknown parameter of constant 'rh'; did you mean 'rho'"),
        ("constant(rho=2)", "constant(rho) = '2' is not allowed: a number from 1e-15 to 1"),
        ("constant(rho=)", "constant(rho) = '' is not allowed"),
        ("constant(rho=0.1,rho=0.2)", "constant(rho) is given twice"),
        ("gradient-flow(3)", "gradient-flow takes no parameters, got '3'"),
    ],
)
def test_mistakes(text, message):
    with pytest.raises(KnobError) as error:
        parse_method(text)
    assert message in str(error.value)
