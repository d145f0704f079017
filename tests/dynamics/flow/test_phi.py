"""phi functions against 120-digit arithmetic."""

import mpmath
import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz.dynamics.flow.phi import SERIES_BELOW, phis

mpmath.mp.dps = 150  # the sum cancels to the sixth power of 1e-18

POINTS = [
    0.0,
    *(-np.geomspace(1e-18, 1e9, 82)),
    -SERIES_BELOW,
    -SERIES_BELOW * (1 + 1e-15),
    -SERIES_BELOW * 0.99,
]


def exact(k, z):
    if z == 0:
        return 1 / mpmath.factorial(k)
    z = mpmath.mpf(z)
    return (mpmath.exp(z) - sum(z**i / mpmath.factorial(i) for i in range(k))) / z**k


RELATIVE = 2e-13
"""The recursion, used from |z| = 1 on, subtracts 1/k! and divides by z up to six times: phi_6(-1) = 1.2e-3
is what six subtractions of numbers near 1 leave, each good to 1e-16."""

CLOSE = 9e-16
"""Four times the spacing of numbers: processors' vectorized exponentials differ by one or two of them."""

LAST = 6


@pytest.mark.parametrize("k", range(LAST + 1))
def test_phi_equals_high_precision(k):
    z = torch.tensor(POINTS, dtype=torch.float64)
    expected = np.array([float(exact(k, v)) for v in POINTS])
    got, seen = phis(z, LAST)[k].numpy(), expected > 1e-300
    limit = CLOSE if k < 2 else RELATIVE
    assert_close(got[seen] / expected[seen], np.ones(seen.sum()), atol=limit, label=f"phi_{k} relative")
    assert_close(got[~seen], np.zeros((~seen).sum()), atol=1e-300, label=f"phi_{k} far out")


@pytest.mark.parametrize("z", [-0.03, -0.99, -1.0, -4.0, -30.0])
def test_phis_are_in_the_exponential_of_an_augmented_matrix(z):
    # exp [[z, 1, 0, ...], [0, 0, 1, ...], ...] has phi_0, ..., phi_k in its first row (Sidje 1998)
    matrix = torch.diag(torch.ones(LAST, dtype=torch.float64), 1)
    matrix[0, 0] = z
    row = torch.linalg.matrix_exp(matrix)[0]
    got = phis(torch.tensor([z], dtype=torch.float64), LAST)[:, 0]
    assert_close(got, row, rtol=1e-13, label="phi_0, ..., phi_6")


def test_phi_of_minus_infinity_is_zero():
    z = torch.tensor([-torch.inf, -1e300], dtype=torch.float64)
    assert_close(phis(z, LAST), torch.zeros(LAST + 1, 2), atol=1e-299, label="phi")


def test_phi_keeps_float32():
    assert phis(torch.zeros(3), 2).dtype == torch.float32
