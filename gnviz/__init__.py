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
from typing import Any

_PUBLIC = {
    "Experiment": "gnviz.experiment",
    "KnobError": "gnviz.knobs",
    "preset": "gnviz.experiment.presets",
    "simulate": "gnviz.dynamics.simulate",
    "run": "gnviz.dynamics.simulate",
    "Checkpoint": "gnviz.dynamics.checkpoint",
    "fit_problem": "gnviz.problem.user.make",
    "save": "gnviz.results",
    "load": "gnviz.results",
    "last": "gnviz.analysis.ends",
    "weights": "gnviz.analysis.ends",
    "parameters": "gnviz.analysis.parameter_errors",
    "Snapshot": "gnviz.results",
    "Status": "gnviz.results",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import public names on first use: looking at results must not pull in torch."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'gnviz' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
