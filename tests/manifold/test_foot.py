"""The nearest point, against closed forms."""

import numpy as np
import pytest
from checks import assert_close
from surfaces import PLANE, manifold_of

from gnviz.manifold.foot import nearest, valleys
from gnviz.manifold.geometry import pairs

FOOT = 1e-7  # a distance is flat at its least: sqrt(eps) and a little


def foot(surface, y, span, points=21):
    axes = np.linspace(*span[:2], points), np.linspace(*span[2:], points)
    return nearest(surface, np.array(y), axes, surface.points(pairs(*axes)).reshape(points, points, 3))


@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.0])
def test_on_a_sphere_it_lies_below_the_target(alpha):
    y = np.array([0.9, -0.5, 1.1])
    found = foot(manifold_of("sphere", alpha=alpha), y, (0, np.pi, -3, 3))
    assert_close(found.u, alpha * y / np.linalg.norm(y), atol=FOOT, label="foot")
    assert f"{abs(alpha - np.linalg.norm(y)):.4g}" in found.text
    assert "edge" not in found.text


def test_on_a_plane_it_is_the_least_squares_fit():
    x, y = np.array([-1, 0.5, 2.0]), np.array([1.0, -1.0, 2.5])
    design = np.stack([x, np.ones(3)], 1)
    w = np.linalg.lstsq(design, y, rcond=None)[0]
    found = foot(manifold_of("formula", formula=PLANE, inputs=list(x)), y, (-2, 2, -2, 2))
    assert_close(found.w, w, atol=FOOT, label="parameters")
    assert_close(found.u, design @ w, atol=FOOT, label="foot")


def test_beyond_the_window_it_lies_on_the_edge():
    surface = manifold_of("formula", formula="w1; w2; 0*x")
    found = foot(surface, [5.0, 0.25, 1.0], (-1, 1, -1, 1))
    assert_close(
        found.u, [1, 0.25, 0], atol=1e-5, label="foot"
    )  # inside its bounds by what the search leaves
    assert found.text.endswith("on the edge of the window")


def test_of_two_valleys_the_deeper_one_wins():
    surface = manifold_of("formula", formula="w1; w2; cos(3*w1)")
    found = foot(surface, [0.5, 0.0, -1.2], (-2, 2, -1, 1))
    away = np.linalg.norm(
        surface.points(pairs(np.linspace(-2, 2, 2001), np.zeros(1))) - [0.5, 0, -1.2], axis=1
    )
    assert np.linalg.norm(found.u - [0.5, 0, -1.2]) <= away.min()


def test_a_surface_without_numbers_has_none():
    found = foot(manifold_of("formula", formula="log(w1); w2; x", start=[1, 1]), [0, 0, 0], (-2, -1, 0, 1))
    assert not found.found
    assert "no finite value" in found.text


def test_a_surface_with_a_hole_has_one_beside_it():
    found = foot(
        manifold_of("formula", formula="w1; w2; log(w1)", start=[1, 1]), [1.0, 0.5, 0.0], (-1, 2, 0, 1)
    )
    assert_close(found.u, [1, 0.5, 0], atol=FOOT, label="foot")


def test_valleys_are_in_order_of_depth():
    height = np.array([[0.0, 5, 5], [5, 5, 5], [5, np.inf, -1]])
    assert valleys(height).tolist()[:2] == [[2, 2], [0, 0]]
