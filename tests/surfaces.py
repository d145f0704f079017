"""Surfaces for tests: an experiment on one, and its manifold without the dynamics."""

import numpy as np
import torch

from gnviz import Experiment
from gnviz.manifold.geometry import manifold
from gnviz.manifold.surface import Manifold
from gnviz.problem.build import build

PLANE = "w1*x + w2"
"""Linear in w: its surface is the plane spanned by the inputs and (1, 1, 1)."""

METHODS = ["gradient-flow", "gauss-newton"]
SHORT = {"alpha": "network.alpha", "tol": "clock.tol", "horizon": "clock.horizon", "methods": "methods",
         "snapshots": "clock.snapshots"}  # fmt: skip
"""Knobs that tests change often."""


def on(model: str, **knobs) -> Experiment:
    """Return a short experiment on a surface; knobs by their leaf, as in `SHORT`, or a__b."""
    base = {"alpha": 1.0, "tol": 1e-3, "horizon": 2.0, "snapshots": 9, "methods": METHODS}
    chosen = {}
    for name, value in (base | knobs).items():
        chosen[SHORT.get(name) or (name.replace("__", ".") if "__" in name else f"surface.{name}")] = value
    return Experiment().replace({"surface.model": model, "clock.spacing": "linear", "device": "cpu"} | chosen)


def manifold_of(model: str, **knobs) -> Manifold:
    problem = build(on(model, **knobs))
    return manifold(problem, problem.model)


def scattered(count: int, low=-1.5, high=1.5, seed=0) -> np.ndarray:
    """Return points (count, 2)."""
    return np.random.default_rng(seed).uniform(low, high, (count, 2))


def dense_slopes(surface: Manifold, w: np.ndarray) -> np.ndarray:
    """Return du/dw at one point w (2,), shape (3, 2), by one backward pass for each sample."""

    def u(v):
        a, b = v[:, None, None].expand(-1, 1, 3)
        return surface.alpha * (surface.function(a, b, surface.x) - surface.offset)[0]

    return torch.func.jacrev(u)(torch.tensor(w)).numpy()
