"""Experiments drawn at random, of those that both engines know: small, and over soon."""

import numpy as np

from gnviz import Experiment
from gnviz.activations import ACTIVATIONS
from gnviz.losses import LOSSES

METHODS = (
    "gradient-flow", "constant(rho=0.01)", "constant(rho=0.0001)", "adaptive(c=1)", "adaptive(c=0.01)",
    "gauss-newton", "exponential", "polynomial", "hybrid", "hybrid(by=time)", "hybrid(order=second-to-first)",
)  # fmt: skip


SMOOTH = [name for name, kind in ACTIVATIONS.items() if kind.smooth]
"""Flows of the others cannot be followed."""


def experiment(seed: int, most: int = 8) -> Experiment:
    """Return an experiment of up to `most` samples, with at least as many parameters."""
    g = np.random.default_rng(seed)
    kind = str(g.choice(["circle", "ring", "line", "teacher"]))
    n = int(g.integers(1, most + 1))
    start = str(g.choice(["paired", "centred", "plain"]))
    width = 2 * int(g.integers(1, 15)) if start == "paired" else int(g.integers(1, 30))
    depth = int(g.choice([1, 1, 1, 2, 3]))
    width += 2 * int(np.ceil(n / 2)) if 4 * width < n else 0
    return Experiment().replace(
        {
            "data.kind": kind,
            "data.n": n,
            "data.condition": None,
            "data.separation": 0.05,
            "data.target": str(g.choice(["two-tone", "wave", "step"])),
            "data.noise": float(g.choice([0.0, 0.1, 10.0])),
            "data.seed": int(g.integers(100)),
            "data.test": int(g.choice([0, 3])),
            "network.width": width,
            "network.depth": depth,
            "network.activation": str(g.choice(SMOOTH)),
            "network.initialization": start,
            "network.alpha": float(10 ** g.uniform(-1, 2)),
            "network.seed": int(g.integers(100)),
            "loss.kind": str(g.choice(["squared", *LOSSES])),
            "methods": [str(m) for m in g.choice(METHODS, size=2, replace=False)],
            "clock.tol": float(10 ** g.uniform(-4, -1.6)),
            "clock.horizon": float(10 ** g.uniform(-1, 1.5)),
            "clock.snapshots": int(g.integers(2, 15)),
            "clock.spacing": str(g.choice(["log", "linear"])),
        }
    )


STEPPING = (*METHODS, "constant(rho=0.1)", "momentum", "momentum(beta=0.5, nesterov=true)", "adam")


def stepping(seed: int) -> Experiment:
    """Return an experiment of 50 discrete steps."""
    g = np.random.default_rng(10_000 + seed)
    rule = str(g.choice(["fixed", "stable"]))
    methods = [m for m in STEPPING if (rule, m) != ("stable", "adam")]
    size = float(10 ** g.uniform(-2, 0.5)) if g.random() < 0.4 else None
    return experiment(seed).replace(
        {
            "clock.kind": "steps",
            "clock.steps": 50,
            "clock.step_rule": rule,
            "clock.step_size": size,
            "methods": [str(m) for m in g.choice(methods, size=2, replace=False)],
        }
    )


def few_parameters(seed: int) -> Experiment:
    """Return an experiment of one run with fewer parameters than samples.

    One, as torch decides for all runs of a batch together whether second derivatives are of use.
    """
    g = np.random.default_rng(20_000 + seed)
    depth, width, d = int(g.choice([1, 1, 2])), int(g.integers(1, 5)), 2
    parameters = width * (d + 2) + (depth - 1) * width * (width + 1)
    start = str(g.choice(["centred", "plain"]))
    return experiment(seed).replace(
        {
            "data.kind": str(g.choice(["ring", "teacher"])),
            "data.n": parameters + int(g.integers(1, 12)),
            "network.depth": depth,
            "network.width": width,
            "network.initialization": start,
            "methods": [str(g.choice(METHODS))],
        }
    )


FORMULAS = (
    "w2 + w1*x + w1*w2*x^2/2", "max(w1*x, w2) + w1^3", "where(w1 > w2, w1*x, w2^2)", "w1; w2; w1*w2",
    "log(2 + sin(w1*x)) * sqrt(1 + w2^2)", "abs(w1)^x + exp(-w2)", "clip(w1*x, -1, w2) + w1 - w2",
)  # fmt: skip


def surface(seed: int) -> Experiment:
    """Return an experiment of one run on a surface: of three samples, two parameters."""
    g = np.random.default_rng(30_000 + seed)
    model = str(g.choice(["neuron", "two-neurons", "sphere", "formula"]))
    return Experiment().replace(
        {
            "surface.model": model,
            "surface.formula": str(g.choice(FORMULAS)),
            "surface.chart": str(g.choice(["plain", "bent", "stretched", "twisted"])),
            "surface.start": [float(v) for v in g.uniform(-1.5, 1.5, 2).round(3)],
            "surface.target": [float(v) for v in g.uniform(-1.5, 1.5, 3).round(3)],
            "network.alpha": float(10 ** g.uniform(-1, 1)),
            "network.initialization": str(g.choice(["centred", "plain"])),
            "loss.kind": str(g.choice(["squared", *LOSSES])),
            "methods": [str(g.choice(METHODS))],
            "clock.tol": float(10 ** g.uniform(-4, -1.6)),
            "clock.horizon": float(10 ** g.uniform(-1, 1.5)),
            "clock.snapshots": int(g.integers(2, 15)),
            "observe.optimum": bool(g.random() < 0.1),
        }
    )
