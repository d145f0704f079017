"""The flow of small networks by general-purpose integrators, from the equation alone: nothing of gnviz in it.

    dw/dt = -(1/alpha) (rho I + (1 - rho) J^T G J)^{-1} J^T e,    u = alpha (f(w) - offset),

in NumPy, with a Jacobian written by hand and the true curvature G. The direction is computed in two ways and
integrated by two solvers of SciPy, so that what `follow` returns knows its own error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.integrate import solve_ivp
from scipy.linalg import lapack, solve_triangular

Array = NDArray[np.float64]

SIGMAS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "erf": (special.erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-z * z)),
    "sigmoid": (special.expit, lambda z: special.expit(z) * special.expit(-z)),
    "softplus": (lambda z: np.logaddexp(z, 0.0), special.expit),
    "gelu": (
        lambda z: z * special.ndtr(z),
        lambda z: special.ndtr(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
    "silu": (
        lambda z: z * special.expit(z),
        lambda z: special.expit(z) * (1 + z * special.expit(-z)),
    ),
    "sin": (np.sin, np.cos),
}

SMALL = 1e-4
"""rho under which normal equations would lose the digits that are asked for."""

EVALUATIONS = 30_000
"""Evaluations of the right-hand side after which a solver is given up."""

TIGHT = 1e-11
"""Relative tolerance of the solvers."""


class Curve(NamedTuple):
    """A loss: value, gradient e and true curvature G, of predictions u (n,)."""

    value: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    curvature: Callable[[Array], Array]


def make_curve(kind: str, y: Array, delta: float, condition: float) -> Curve:
    """Return the loss of that name on targets y (n,)."""
    if kind == "log-cosh":
        return Curve(
            lambda u: float(np.sum(np.logaddexp(u - y, y - u) - np.log(2))),
            lambda u: np.tanh(u - y),
            lambda u: 4 * special.expit(2 * (u - y)) * special.expit(2 * (y - u)),
        )
    if kind == "pseudo-huber":
        return Curve(
            lambda u: float(np.sum((u - y) ** 2 / (1 + np.hypot(1, (u - y) / delta)))),
            lambda u: (u - y) / np.hypot(1, (u - y) / delta),
            lambda u: np.hypot(1, (u - y) / delta) ** -3.0,
        )
    if kind == "logistic":
        return Curve(
            lambda u: float(np.sum(np.logaddexp(0, -y * u))),
            lambda u: -y * special.expit(-y * u),
            lambda u: special.expit(u) * special.expit(-u),
        )
    omega = np.ones_like(y) if kind == "squared" else condition ** -np.linspace(0, 1, len(y))
    return Curve(
        lambda u: float(np.sum(omega * (u - y) ** 2) / 2), lambda u: omega * (u - y), lambda u: omega + 0 * u
    )


class Seen(NamedTuple):
    """What a schedule may look at."""

    time: float
    loss: float
    lambda_min: float
    lambda_max: float
    grad_norm: float


@dataclass
class Equation:
    """One run: network, data, loss, scaling and the schedule rho(seen).

    Attributes:
        shape: Input dimension, width, depth and name of the activation.
        x: shape (n, d).
        y: shape (n,).
        alpha: Output scaling.
        offset: shape (n,).
        curve: The loss.
        schedule: Returns rho in [0, 1].
        plain: Take the direction by the first way of two.
        evaluations: How often a direction was computed since it was last set to 0.
        spread: The smallest lambda_min / lambda_max seen, where the schedule looks at the spectrum.
    """

    shape: tuple[int, int, int, str]
    x: Array
    y: Array
    alpha: float
    offset: Array
    curve: Curve
    schedule: Callable[[Seen], float]
    plain: bool = True
    evaluations: int = 0
    spread: float = 1.0

    def network(self, w: Array) -> tuple[Array, Array]:
        """Return f (n,) and J (n, p)."""
        d, m, depth, name = self.shape
        sigma, slope = SIGMAS[name]
        a, start, inputs, slopes, weights, scales = self.x, 0, [], [], [], []
        for k in [d, *[m] * (depth - 1)]:
            weight, bias = w[start : start + m * k].reshape(m, k), w[start + m * k : start + m * k + m]
            start, scale = start + m * k + m, 1.0 if not inputs else m**-0.5
            z = scale * a @ weight.T + bias
            inputs.append(a), slopes.append(slope(z)), weights.append(weight), scales.append(scale)
            a = sigma(z)
        c = w[start:]
        back, parts = np.broadcast_to(c * m**-0.5, a.shape), [a * m**-0.5]
        for layer in range(depth - 1, -1, -1):
            back = back * slopes[layer]
            outer = scales[layer] * back[:, :, None] * inputs[layer][:, None, :]
            parts[:0] = [outer.reshape(len(a), -1), back]
            back = scales[layer] * back @ weights[layer]
        return a @ c * m**-0.5, np.concatenate(parts, 1)

    def prediction(self, w: Array) -> Array:
        """Return u (n,)."""
        return self.alpha * (self.network(w)[0] - self.offset)

    def __call__(self, t: float, w: Array) -> Array:
        """Return dw/dt (p,)."""
        self.evaluations += 1
        if self.evaluations > EVALUATIONS:
            raise TimeoutError
        f, jacobian = self.network(w)
        u = self.alpha * (f - self.offset)
        e, g = self.curve.gradient(u), self.curve.curvature(u)
        rho = self.schedule(self._seen(t, u, e, g, jacobian))
        return -self._direction(jacobian, e, g, rho) / self.alpha

    def _seen(self, t: float, u: Array, e: Array, g: Array, jacobian: Array) -> Seen:
        if not getattr(self.schedule, "looks", True):
            return Seen(t, np.nan, np.nan, np.nan, np.nan)
        values = np.linalg.svd(np.sqrt(g)[:, None] * jacobian, compute_uv=False) ** 2
        self.spread = min(self.spread, values[-1] / values[0])
        return Seen(t, self.curve.value(u), values[-1], values[0], float(np.linalg.norm(jacobian.T @ e)))

    def _direction(self, jacobian: Array, e: Array, g: Array, rho: float) -> Array:
        if rho == 1:
            return jacobian.T @ e
        if jacobian.shape[0] <= jacobian.shape[1]:
            return (_by_triangle if self.plain else _by_modes)(jacobian, e, g, rho)
        return (_stacked if self.plain else _by_modes)(jacobian, e, g, rho)


def _by_triangle(jacobian: Array, e: Array, g: Array, rho: float) -> Array:
    """J^T = Q R: solve (rho R^{-1} + (1 - rho) G R^T) b = e, with scaled rows, for the direction Q b."""
    q, r = np.linalg.qr(jacobian.T)
    matrix = (1 - rho) * g[:, None] * r.T
    if rho:
        matrix = matrix + rho * solve_triangular(r, np.eye(len(e)))
    size = np.abs(matrix).max(1)
    return q @ np.linalg.solve(matrix / size[:, None], e / size)


def _by_modes(jacobian: Array, e: Array, g: Array, rho: float) -> Array:
    """Where rho is small by the singular values of G^{1/2} J, else by the smaller normal equations."""
    if rho >= SMALL:
        n, p = jacobian.shape
        if n <= p:
            kernel = rho * np.eye(n) + (1 - rho) * g[:, None] * (jacobian @ jacobian.T)
            return jacobian.T @ np.linalg.solve(kernel, e)
        return np.linalg.solve(rho * np.eye(p) + (1 - rho) * (jacobian.T * g) @ jacobian, jacobian.T @ e)
    root = np.sqrt(g)
    v, s, right = np.linalg.svd(root[:, None] * jacobian, full_matrices=False)
    return right.T @ (s / (rho + (1 - rho) * s * s) * (v.T @ (e / root)))


def _stacked(jacobian: Array, e: Array, g: Array, rho: float) -> Array:
    """Least squares, without normal equations, for fewer parameters than samples."""
    root, p = np.sqrt(g * (1 - rho)), jacobian.shape[1]
    rows = np.concatenate([root[:, None] * jacobian, np.sqrt(rho) * np.eye(p)])
    right = np.concatenate([e / root, np.zeros(p)])
    return lapack.dgels(rows, right)[1][:p]


class Followed(NamedTuple):
    """What the solvers found at T moments.

    Attributes:
        u: Predictions, shape (T, n); NaN where neither got to.
        error: How far the two ways are apart, ||du||, shape (T,); infinite where only one got there.
        w: Weights, shape (T, p).
    """

    u: Array
    error: Array
    w: Array


def follow(equation: Equation, w0: Array, times: Array) -> Followed:
    """Return predictions at `times`, the first of which is 0, by two ways.

    An explicit solver of order 8, or an implicit one where that is slow; beside it one that chooses itself.
    """
    first = _integrate(equation, w0, times, True, ("DOP853", "Radau"))
    second = _integrate(equation, w0, times, False, ("LSODA", "DOP853"))
    u, v = ([equation.prediction(w) for w in way] for way in (first, second))
    error = np.linalg.norm(np.array(u) - np.array(v), axis=1)
    return Followed(np.array(u), np.where(np.isfinite(error), error, np.inf), first)


def _integrate(equation: Equation, w0: Array, times: Array, plain: bool, solvers: tuple[str, ...]) -> Array:
    """Return weights at the times, shape (T, p), by the first solver that gets there; NaN where none does."""
    equation.plain = plain
    for solver in solvers:
        if solver == "Radau" and len(w0) > 120:
            continue  # its Jacobian by differences would take too long
        equation.evaluations = 0
        rtol = 100 * TIGHT if solver == "Radau" else TIGHT
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                out = solve_ivp(
                    equation, (0.0, times[-1]), w0, solver, times, rtol=rtol, atol=rtol / 10, first_step=1e-12
                )
        except (TimeoutError, np.linalg.LinAlgError, ValueError):
            continue
        if out.success:
            return out.y.T
    return np.full((len(times), len(w0)), np.nan)
