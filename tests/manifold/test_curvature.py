"""Gaussian curvature against closed forms."""

import numpy as np
import pytest
from checks import assert_close
from surfaces import PLANE, manifold_of, scattered

from gnviz.manifold.curvature import gaussian_curvature

CURVATURE = 1e-6  # asked for; 1e-13 is reached away from the poles


@pytest.mark.parametrize("alpha", [0.1, 1.0, 7.0])
def test_a_sphere_of_radius_alpha(alpha):
    w = scattered(50, 0.1, 3.0)
    found = gaussian_curvature(manifold_of("sphere", alpha=alpha).jet(w))
    assert_close(found, np.full(50, alpha**-2), rtol=CURVATURE, label="1 / R^2")


def test_a_plane_and_a_cylinder_are_flat():
    for formula in (PLANE, "cos(w1); sin(w1); w2", "sin(w1*x) + w2*x"):
        found = gaussian_curvature(manifold_of("formula", formula=formula).jet(scattered(20)))
        assert_close(found, np.zeros(20), atol=1e-12, label=formula)


def test_a_paraboloid():
    w = scattered(20)
    a, b = w.T
    for sign in (1, -1):
        formula = f"w1; w2; (w1^2 + {sign}*w2^2)/2"
        found = gaussian_curvature(manifold_of("formula", formula=formula).jet(w))
        assert_close(found, sign / (1 + a**2 + b**2) ** 2, rtol=CURVATURE, label=formula)


def test_a_saddle_whose_second_derivative_is_mixed():
    """K = -1 / (1 + w1^2 + w2^2)^2: the square of the mixed term alone, whose sign decides."""
    w = scattered(20)
    found = gaussian_curvature(manifold_of("formula", formula="w1; w2; w1*w2").jet(w))
    assert_close(found, -1 / (1 + (w**2).sum(1)) ** 2, rtol=CURVATURE, label="w1 w2")


def test_there_is_none_where_the_surface_is_degenerate():
    poles = np.array([[0.0, 0.3], [np.pi, 0.3]])
    assert np.isnan(gaussian_curvature(manifold_of("sphere").jet(poles))).all()
    assert np.isnan(gaussian_curvature(manifold_of("two-neurons").jet(np.array([[0.5, 0.5]])))).all()
    assert np.isnan(gaussian_curvature(manifold_of("neuron", inputs=[1, 1, 1]).jet(scattered(3)))).all()
