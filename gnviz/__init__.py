"""gnviz: an interactive laboratory for Gauss-Newton training of neural networks.

Conventions (used throughout): the predictor is `u = alpha f(w)` on n samples, the loss
`g(u) = 1/2 ||u - y||^2` and the kernel `K = J J^T` (J = Df(w), without alpha) carry no 1/n. The flow is
`dw/dt = -(1/alpha) (rho I + (1 - rho) J^T J)^{-1} J^T (u - y)`; `rho = 1` is gradient flow and
`rho -> 0` pure Gauss-Newton. The factor 1/alpha makes the speed in function space independent of alpha.

Science: S. Cayci, "A Riemannian Optimization Perspective of the Gauss-Newton Method for
Feedforward Neural Networks", arXiv 2412.14031.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

_HOMES = {
    "gnviz.experiment": "Clock Ensemble Experiment Network Observe Surface",
    "gnviz.experiment.presets": "preset",
    "gnviz.knobs": "KnobError",
    "gnviz.knobs.registry": "register",
    "gnviz.methods": "Method Schedule ScheduleInputs",
    "gnviz.losses": "Loss",
    "gnviz.data": "DataSet Made",
    "gnviz.activations": "Activation",
    "gnviz.dynamics.preview": "preview",
    "gnviz.dynamics.simulate": "run simulate",
    "gnviz.dynamics.checkpoint": "Checkpoint",
    "gnviz.problem.user.make": "fit_problem make_problem",
    "gnviz.results": "Snapshot Status load save",
    "gnviz.analysis.ends": "last weights",
    "gnviz.analysis.parameter_errors": "parameters",
    "gnviz.analysis.time_to_loss": "time_to_loss",
    "gnviz.sweeps": "sweep",
    "gnviz.views.base": "View",
    "gnviz.library": "Library",
    "gnviz.lab.explore": "explore",
}
"""Where public names live."""

_PUBLIC = {name: home for home, names in _HOMES.items() for name in names.split()}

_KINDS = {"gnviz.methods": "METHODS", "gnviz.losses": "LOSSES", "gnviz.data": "DATA_SETS"}
"""Registries whose classes are public names: each has a file of its own, and nothing lists them here."""

_ROOMS = ("export", "lessons", "sweeps", "verify", "views")
"""Packages that are reached without an import of their own."""


def __getattr__(name: str) -> Any:
    """Import public names on first use: looking at results must not pull in torch."""
    if name == "__version__":
        return importlib.metadata.version("gnviz")
    if name == "__all__":
        return ["__version__", *_ROOMS, *_PUBLIC, *_kinds()]
    if name in _ROOMS:
        return importlib.import_module(f"gnviz.{name}")
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    if name[:1].isupper() and name in (kinds := _kinds()):
        return kinds[name]
    raise AttributeError(f"module 'gnviz' has no attribute {name!r}")


def _kinds() -> dict[str, type]:
    """Return the methods, losses and data sets of this package by the names of their classes."""
    registries = (getattr(importlib.import_module(home), name) for home, name in _KINDS.items())
    return {kind.__name__: kind for registry in registries for kind in registry.built_in}


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))
