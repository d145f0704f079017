"""Figure `manifold`: the surface of all that a model can predict, and the paths on it."""

from gnviz.views.figures.manifold.figure import Manifold

__all__ = ["Manifold"]
