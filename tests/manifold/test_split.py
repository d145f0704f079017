import numpy as np
from checks import assert_close
from surfaces import manifold_of, scattered

from gnviz.manifold.split import split, tangent_basis

ROUNDING = 1e-14


def test_on_the_sphere_the_normal_part_is_radial():
    surface, w = manifold_of("sphere"), scattered(9, 0.2, 2.8)
    u, e = surface.points(w), np.random.default_rng(1).standard_normal((9, 3))
    along, off = split(tangent_basis(surface.slopes(w)), e)
    assert_close(off, (u * e).sum(1, keepdims=True) * u, atol=ROUNDING, label="normal part")
    assert_close(along + off, e, atol=ROUNDING, label="sum")


def test_there_is_no_tangent_plane_at_a_degenerate_point():
    assert np.isnan(tangent_basis(manifold_of("sphere").slopes(np.array([[0.0, 1.0]])))).all()
