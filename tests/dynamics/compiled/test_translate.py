"""Functions that are parts of others: they are not made into machine code, and mean what they did."""

import math

import numba
import numpy as np

from gnviz.dynamics.compiled.code.model.activations import tanh_row
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.compiled.machine.translate import Part


@jit
def square(x):
    """Return x^2."""
    return x * x


@jit
def sum_of_squares(a):
    """Return a^T a, by way of an array of its own."""
    squares = np.empty(len(a))
    for i in range(len(a)):
        squares[i] = square(a[i])
    return squares.sum()


@numba.njit
def norm(a):
    return math.sqrt(sum_of_squares(a))


@numba.njit
def scaled_norm(a, c):
    return square(c) * norm(a)


def libraries(function):
    return [result.library for result in function.overloads.values()]


def test_parts_are_linked_into_whatever_calls_them():
    a = np.array([3.0, 4.0])
    assert norm(a) == 5.0
    assert scaled_norm(a, 2.0) == 20.0


def test_a_part_has_no_machine_code_of_its_own():
    norm(np.array([1.0]))
    for part in (square, sum_of_squares):
        for library in libraries(part):
            assert isinstance(library, Part)
            assert not hasattr(library, "_compiled_object")
            assert "fmul" in library.get_llvm_str()
    (whole,) = libraries(norm)
    assert whole._compiled_object is not None, "numba no longer keeps what it made where this test looks"


@numba.njit
def tanh(z):
    tanh_row(z)


def test_tanh_is_within_a_few_units_in_the_last_place():
    r = np.random.default_rng(0)
    z = np.concatenate([r.standard_normal(4000), 10 ** r.uniform(-300, 1.5, 4000), [0.0, -0.0, 20.0, 1e300]])
    z = np.concatenate([z, -z])
    ours, expected = z.copy(), np.tanh(z)
    tanh(ours)
    assert (np.abs(ours - expected) <= 4 * np.spacing(np.abs(expected))).all()
    assert (np.signbit(ours) == np.signbit(z)).all()


def test_tanh_of_what_is_not_finite_is_nan():
    z = np.array([np.nan, np.inf, -np.inf, 1.0, 2.0])
    tanh(z)
    assert np.isnan(z[:3]).all()
    assert np.isfinite(z[3:]).all()
