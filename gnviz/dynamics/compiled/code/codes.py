"""How activations, losses and schedules are told to compiled code: by small numbers and settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from gnviz.dynamics.steps.directions import Solver, cholesky, gradient, spectral
from gnviz.losses import Loss
from gnviz.losses.log_cosh import LogCosh
from gnviz.losses.logistic import Logistic
from gnviz.losses.pseudo_huber import PseudoHuber
from gnviz.losses.squared import Squared
from gnviz.losses.weighted import Weighted
from gnviz.methods import Method
from gnviz.methods.adam import Adam
from gnviz.methods.momentum import Momentum
from gnviz.methods.schedules.adaptive import Adaptive
from gnviz.methods.schedules.constant import Constant
from gnviz.methods.schedules.exponential import Exponential
from gnviz.methods.schedules.gauss_newton import GaussNewton
from gnviz.methods.schedules.gradient_flow import GradientFlow
from gnviz.methods.schedules.hybrid import ORDERS, Hybrid
from gnviz.methods.schedules.polynomial import Polynomial

TANH, ERF, SIGMOID, SOFTPLUS, GELU, SILU, SIN, RELU = range(8)
QUADRATIC, LOG_COSH, PSEUDO_HUBER, LOGISTIC = range(4)
GRADIENT_FLOW, CONSTANT, ADAPTIVE, GAUSS_NEWTON, EXPONENTIAL, POLYNOMIAL, BY_LOSS, BY_TIME = range(8)
GRADIENT, CHOLESKY, SPECTRAL = range(3)
AS_IT_IS, MOMENTUM, ADAM = range(3)
PLAIN, BENT, STRETCHED, TWISTED = range(4)
(
    NUMBER, W1, W2, X, ADD, SUB, MUL, DIV, POW, LT, LE, GT, GE, EQ, NE, MIN, MAX, WHERE, NEG, EXP, LOG, LOG10,
    SQRT, ABS, SIN, COS, TANH, FLOOR, END,
) = range(29)  # fmt: skip
"""Instructions of `model.formula`: what is put on the stack, what takes two from it, three, and one."""

ACTIVATIONS = {
    "tanh": TANH, "erf": ERF, "sigmoid": SIGMOID, "softplus": SOFTPLUS, "gelu": GELU, "silu": SILU,
    "sin": SIN, "relu": RELU,
}  # fmt: skip

CHARTS = {"plain": PLAIN, "bent": BENT, "stretched": STRETCHED, "twisted": TWISTED}

LOSSES: dict[type[Loss], int] = {
    Squared: QUADRATIC,
    Weighted: QUADRATIC,
    LogCosh: LOG_COSH,
    PseudoHuber: PSEUDO_HUBER,
    Logistic: LOGISTIC,
}

SCHEDULES: dict[type[Method], Callable[[Any], tuple[float, ...]]] = {
    GradientFlow: lambda s: (GRADIENT_FLOW,),
    Constant: lambda s: (CONSTANT, s.rho),
    Adaptive: lambda s: (ADAPTIVE, s.c),
    GaussNewton: lambda s: (GAUSS_NEWTON,),
    Exponential: lambda s: (EXPONENTIAL, s.start, s.floor, s.rate),
    Polynomial: lambda s: (POLYNOMIAL, s.start, s.floor, s.power),
    Hybrid: lambda s: (
        BY_TIME if s.by == "time" else BY_LOSS, s.switch, s.floor, float(s.order != ORDERS[0]),
    ),
}  # fmt: skip
"""Code and up to three settings, as `schedules.requested` wants them. By type, not by kind: a class derived
from one of these may mean something else."""


SOLVERS: dict[Solver, int] = {gradient: GRADIENT, cholesky: CHOLESKY, spectral: SPECTRAL}
"""By the functions of `steps.directions`."""

TURNS: dict[type[Method], Callable[[Any], tuple[float, ...]]] = {
    Momentum: lambda m: (MOMENTUM, m.beta, float(m.nesterov), 0.0),
    Adam: lambda m: (ADAM, m.beta1, m.beta2, m.eps),
}
"""Code and settings of what an optimizer makes of a direction."""


def coded(method: Method) -> np.ndarray | None:
    """Return the code and settings of a method's schedule, shape (4,); None if it has none."""
    schedule = method.schedule if type(method) in TURNS else method
    if type(schedule) not in SCHEDULES:
        return None
    values = SCHEDULES[type(schedule)](schedule)
    return np.array([*values, *[0.0] * (4 - len(values))])


def turned(method: Method) -> tuple[float, ...]:
    """Return the code and settings of what a method makes of its schedule's direction, four numbers."""
    return TURNS[type(method)](method) if type(method) in TURNS else (AS_IT_IS, 0.0, 0.0, 0.0)


def weights_of(loss: Loss, y: Tensor) -> np.ndarray:
    """Return the samples' weights in a quadratic loss, shape (n,); 1 in others."""
    if isinstance(loss, Weighted):
        return loss.weights(y).double().numpy().copy()
    return np.ones(len(y))


def length_of(loss: Loss) -> float:
    """Return the pseudo-Huber loss's length; 1 for others."""
    return loss.delta if isinstance(loss, PseudoHuber) else 1.0
