"""Geodesics against great circles, straight lines and helices, and what is said where there is none."""

import numpy as np
import pytest
from checks import assert_close
from surfaces import PLANE, manifold_of

from gnviz.manifold.geodesic import MOST_CALLS, geodesic

CURVE = 1e-6  # the solver's accuracy, over a length of order 1


@pytest.mark.parametrize("alpha", [1.0, 4.0])
def test_on_a_sphere_it_is_an_arc_of_a_great_circle(alpha):
    found = geodesic(manifold_of("sphere", alpha=alpha), np.array([0.4, -0.6]), np.array([1.9, 1.1]))
    first, last = found.u[0] / alpha, found.u[-1] / alpha
    angle = np.arccos(first @ last)
    assert found.length == pytest.approx(alpha * angle, rel=CURVE)
    assert_close(
        found.u @ np.cross(first, last), np.zeros(len(found.u)), atol=alpha * CURVE, label="its plane"
    )
    steps = np.linalg.norm(np.diff(found.u, axis=0), axis=1)
    assert_close(steps, np.full_like(steps, steps.mean()), rtol=1e-5, label="evenly spaced")
    assert f"length {found.length:.4g}" in found.text


def test_on_a_plane_it_is_straight_and_on_a_cylinder_a_helix():
    a, b = np.array([-1.0, 0.5]), np.array([1.2, -1.0])
    plane = manifold_of("formula", formula=PLANE)
    found = geodesic(plane, a, b)
    assert found.length == pytest.approx(
        np.linalg.norm(np.diff(plane.points(np.array([a, b])), axis=0)), rel=CURVE
    )
    bent = manifold_of("formula", formula="cos(w1); sin(w1); w2")
    assert geodesic(bent, a, b).length == pytest.approx(np.linalg.norm(b - a), rel=CURVE)


def test_it_does_not_depend_on_the_parameters():
    t = np.array([0.6, -0.5])
    plain = manifold_of("formula", formula="w1; w2; sin(w1) + w2^2/2")
    other = manifold_of("formula", formula="w1 + w1^3; w2; sin(w1 + w1^3) + w2^2/2")
    first, second = (
        geodesic(m, np.array([w[0], -0.5]), np.array([w[1], 0.9])) for m, w in ((plain, t + t**3), (other, t))
    )
    assert first.length > 2
    assert_close(second.u, first.u, atol=CURVE, label="curve")


@pytest.mark.parametrize(
    ("model", "knobs", "start", "end"),
    [
        ("two-neurons", {}, [0.5, 0.5], [1.0, 0.2]),
        ("two-neurons", {}, [1.0, 0.2], [0.2, 1.0]),
        ("neuron", {"inputs": [1, 1, 1]}, [0.5, 0.5], [1.0, 0.2]),
        ("sphere", {}, [0.0, 0.5], [1.0, 0.2]),
        ("neuron", {}, [1.0, 0.0], [np.nan, np.nan]),
        ("formula", {"formula": "log(w1); w2; w1*w2", "start": [1, 1]}, [1.0, 0.5], [-1.0, 0.5]),
        ("formula", {"formula": "w1^3; w2; sin(w1^3)"}, [1.0, -0.5], [-0.9, 0.9]),
        ("formula", {"formula": "1/w1; w2; w1*w2", "start": [1, 1]}, [1.0, 0.5], [-1.0, 0.5]),
    ],
)
def test_where_there_is_none_a_sentence_says_so(model, knobs, start, end):
    found = geodesic(manifold_of(model, **knobs), np.array(start), np.array(end))
    assert "no geodesic" in found.text
    assert np.isnan(found.u).all()
    assert np.isnan(found.w).all()
    assert np.isnan(found.length)


def test_the_search_is_bounded(monkeypatch):
    surface = manifold_of("neuron")
    calls = []
    jet = type(surface).jet
    monkeypatch.setattr(type(surface), "jet", lambda self, w: calls.append(1) or jet(self, w))
    geodesic(surface, np.array([40.0, -30.0]), np.array([-50.0, 20.0]))
    assert len(calls) <= MOST_CALLS
