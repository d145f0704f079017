"""Points and derivatives of a surface, against other ways of differentiating."""

import numpy as np
import pytest
from checks import assert_close
from surfaces import dense_slopes, manifold_of, scattered

from gnviz.manifold.surface import degenerate

SAME = 1e-13  # two modes of differentiation round differently
DIFFERENCE = 1e-8  # central differences of step 1e-5: h^2 and eps / h

MODELS = {"neuron": {}, "two-neurons": {}, "sphere": {}, "formula": {},
          "three": {"formula": "sin(w1)*cos(w2); w1*w2^3 + x; exp(-w1)"}}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_derivatives(name):
    surface = manifold_of("formula" if name == "three" else name, alpha=2.0, **MODELS[name])
    w, h = scattered(7), 1e-5
    jet = surface.jet(w)
    assert_close(surface.points(w), jet.u, label="points")
    assert_close(surface.slopes(w), jet.slopes, rtol=SAME, label="slopes of both kinds")
    assert_close(jet.slopes, np.stack([dense_slopes(surface, one) for one in w]), rtol=SAME, label="slopes")
    for k, pairs in enumerate(((0, 1), (1, 2))):
        step = h * np.eye(2)[k]
        change = (surface.slopes(w + step) - surface.slopes(w - step)) / (2 * h)
        assert_close(jet.bends[:, :, list(pairs)], change, rtol=DIFFERENCE, label=f"bends along w{k + 1}")


def test_a_linear_surface_does_not_bend():
    jet = manifold_of("formula", formula="2*w1*x - w2").jet(scattered(5))
    assert (jet.bends == 0).all()


def test_degenerate_points_are_known():
    surface = manifold_of("two-neurons")
    assert degenerate(surface.slopes(np.array([[0.7, 0.7], [0.7, 0.2]]))).tolist() == [True, False]
    assert degenerate(np.full((1, 3, 2), np.nan)).all()
