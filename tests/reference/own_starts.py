"""Random problems with fewer parameters than samples, and a plain search for their least loss.

Nothing here is gnviz's: the perceptron and its Jacobian are written out in NumPy, the search is MINPACK's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import erf, expit

from gnviz import Experiment
from gnviz.activations import ACTIVATIONS

SCALES = (0.1, 0.3, 1.0, 3.0)
"""Standard deviations of the starts, in turn."""


def random_problem(seed: int) -> Experiment:
    """Return a random small experiment with p < n, trained by Levenberg-Marquardt."""
    g = np.random.default_rng(seed)
    while True:
        kind, depth = g.choice(["ring", "line", "teacher"]), int(g.choice([1, 1, 2]))
        n, width, d = int(g.integers(10, 41)), int(g.integers(1, 7)), int(g.integers(2, 5))
        inputs = {"ring": 2, "line": 1, "teacher": d}[kind]
        if parameters(inputs, width, depth) < n:
            break
    return Experiment().replace(
        {
            "data.kind": kind, "data.n": n, "data.d": d, "data.seed": int(g.integers(100)),
            "data.condition": None, "data.target": g.choice(["two-tone", "wave", "step"]),
            "data.noise": float(g.choice([0.0, 0.1])),
            "network.width": width, "network.depth": depth, "network.activation": g.choice(list(ACTIVATIONS)),
            "network.initialization": g.choice(["centred", "plain"]), "network.seed": int(g.integers(100)),
            "network.alpha": float(10.0 ** g.integers(0, 4)),
            "methods": ["trust-region"], "clock.kind": "steps", "clock.steps": 200, "clock.snapshots": 3,
        }
    )  # fmt: skip


def parameters(inputs: int, width: int, depth: int) -> int:
    """Return p of a perceptron without output bias."""
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + width


def _softplus(z):
    return np.logaddexp(z, 0.0), expit(z)


def _gelu(z):
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf + z * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


VALUE_AND_SLOPE = {
    "tanh": lambda z: (a := np.tanh(z), 1 - a * a),
    "erf": lambda z: (erf(z), 2 / np.sqrt(np.pi) * np.exp(-z * z)),
    "sigmoid": lambda z: (s := expit(z), s * (1 - s)),
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": lambda z: (z * (s := expit(z)), s + z * s * (1 - s)),
    "sin": lambda z: (np.sin(z), np.cos(z)),
}


@dataclass(frozen=True)
class Perceptron:
    """f(w) = c . a_L / sqrt(m), z_l = s_l W_l a_{l-1} + b_l, on inputs x (n, d)."""

    x: np.ndarray
    width: int
    depth: int
    activation: str

    def forward(self, w):
        """Return f, shape (n,), and what its Jacobian is made of."""
        m, of, k, a, start, layers = (
            self.width,
            VALUE_AND_SLOPE[self.activation],
            self.x.shape[1],
            self.x,
            0,
            [],
        )
        for layer in range(self.depth):
            s = 1.0 if layer == 0 else m**-0.5
            weight, bias = w[start : start + m * k].reshape(m, k), w[start + m * k : start + m * (k + 1)]
            value, slope = of(s * a @ weight.T + bias)
            layers.append((a, weight, slope, s))
            a, start, k = value, start + m * (k + 1), m
        return a @ w[start:] * m**-0.5, (layers, a, w[start:])

    def jacobian(self, parts):
        """Return the Jacobian, shape (n, p), from what `forward` returned beside f."""
        layers, a, c = parts
        out, back = [a * self.width**-0.5], c * self.width**-0.5
        for below, weight, slope, s in reversed(layers):
            d = back * slope
            out[:0] = [(s * d[:, :, None] * below[:, None, :]).reshape(len(d), -1), d]
            back = s * d @ weight
        return np.concatenate(out, axis=1)


def own_search(experiment: Experiment, x, y, w0, starts: int, evaluations: int = 1000, seed: int = 0):
    """Return the loss reached by MINPACK's Levenberg-Marquardt from each of `starts` normal draws, sorted."""
    net = experiment.network
    model = Perceptron(x, net.width, net.depth, net.activation)
    offset = model.forward(w0)[0] if net.initialization == "centred" else 0.0
    g = np.random.default_rng(seed)

    def residual(w):
        return net.alpha * (model.forward(w)[0] - offset) - y

    def jacobian(w):
        return net.alpha * model.jacobian(model.forward(w)[1])

    def search(start, most):
        return least_squares(
            residual, start, jacobian, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=most
        )

    with np.errstate(over="ignore", invalid="ignore"):
        found = [
            search(SCALES[i % len(SCALES)] * g.standard_normal(len(w0)), evaluations) for i in range(starts)
        ]
        found.sort(key=lambda f: f.cost)
        return np.array([search(found[0].x, 5 * evaluations).cost, *(f.cost for f in found)])
