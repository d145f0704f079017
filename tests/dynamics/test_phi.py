"""phi functions against 120-digit arithmetic."""

import mpmath
import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz.dynamics.phi import SERIES_BELOW, phi1, phi3

mpmath.mp.dps = 120  # the sum cancels to the third power of 1e-18

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


@pytest.mark.parametrize(
    ("phi", "k", "relative"),
    # phi_3 outside its series divides 1 - phi_1 and the like by z three times: eps / SERIES_BELOW^3 at worst
    [(phi1, 1, 4e-16), (phi3, 3, 1e-13)],
)
def test_phi_equals_high_precision(phi, k, relative):
    z = torch.tensor(POINTS, dtype=torch.float64)
    expected = np.array([float(exact(k, v)) for v in POINTS])
    assert_close(phi(z).numpy() / expected, np.ones(len(z)), atol=relative, label=f"phi_{k} relative")


@pytest.mark.parametrize("phi", [phi1, phi3])
def test_phi_keeps_float32(phi):
    assert phi(torch.zeros(3)).dtype == torch.float32
