"""Lengths where squares overflow or vanish."""

import pytest
import torch
from checks import assert_close

from gnviz.dynamics.linearized.norms import length, spectral_norm

ROUNDING = 1e-14
"""A division and a product more than the plain norm."""


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_lengths_scale(scale):
    v = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert_close(length(scale * v) / scale, v.flatten(1).norm(dim=1), rtol=ROUNDING, label="length")


def test_every_vector_has_its_own():
    v = torch.tensor([[0.0, 0.0], [3e200, 4e200], [torch.inf, 1.0], [torch.nan, 1.0]], dtype=torch.float64)
    zero, long, endless, unknown = length(v).tolist()
    assert zero == 0
    assert long == pytest.approx(5e200)
    assert endless == float("inf")
    assert unknown != unknown


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_spectral_norms_scale(scale):
    a = torch.randn(3, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    a = (a + a.mT) * scale
    expected = torch.linalg.matrix_norm(a / scale, ord=2)
    assert_close(spectral_norm(a) / scale, expected, rtol=ROUNDING, label="spectral norm")


def test_a_matrix_that_is_not_finite_has_no_norm():
    a = torch.zeros(3, 2, 2)
    a[1, 0, 0], a[2, 1, 0] = torch.inf, torch.nan
    zero, endless, unknown = spectral_norm(a).tolist()
    assert zero == 0
    assert endless != endless
    assert unknown != unknown
