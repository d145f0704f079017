"""Polynomials through past moments against NumPy's own."""

import math

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz.dynamics.flow.interpolation import derivatives, new_node

NODES = [-1.0, -1.7, -2.9]
ROUNDING = 1e-12
"""A 3 x 3 Vandermonde matrix of these nodes has a condition number of some hundred."""


def arguments(count):
    nodes = torch.tensor([NODES, NODES], dtype=torch.float64)
    known = torch.zeros(2, 3, dtype=torch.bool)
    known[0, :count], known[1] = True, True  # the second run has its own number of moments
    return nodes, known


@pytest.mark.parametrize("count", range(4))
def test_derivatives_at_the_present(count):
    nodes, known = arguments(count)
    polynomial = np.poly1d([0.3, -1.1, 2.0, 0.0][3 - count :])  # 0 at 0, of degree `count`
    values = torch.tensor(polynomial(np.array(NODES)))[:, None] * known[0][:, None]
    got = (derivatives(nodes, known)[0] @ values)[:count, 0]
    expected = [polynomial.deriv(m)(0.0) for m in range(1, count + 1)]
    assert_close(got, expected, rtol=ROUNDING, label="derivatives")


@pytest.mark.parametrize("count", range(4))
def test_a_new_node_leaves_the_old_ones_alone(count):
    nodes, known = arguments(count)
    s = torch.tensor([0.7, 2.0], dtype=torch.float64)
    got = new_node(nodes, known, s)[0].numpy()
    polynomial = np.poly1d([*(got / [math.factorial(m) for m in range(1, 5)])[::-1], 0.0])
    at = [0.0, *NODES[:count], 0.7]
    assert_close(polynomial(at), [0.0] * (count + 1) + [1.0], atol=ROUNDING, label="values")
    assert polynomial.order == count + 1
