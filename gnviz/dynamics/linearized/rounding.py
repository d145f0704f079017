"""What rounding alone does: below it no step is small enough, and no claim about the loss holds.

Outputs are sums over weights that are known to eps of themselves, residuals are differences of predictions
and targets. So prediction i of a run is known to about

    delta_i = NOISE eps (alpha sum_j |J_ij w_j| + alpha (|f_i| + |f_i(w0)|) + |y_i|)                (derived)

(f(w0) where the predictor is centred). It follows the units of the targets, and those of every parameter by
itself, so nothing that rests on it depends on units.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.linearized.system import System
from gnviz.problem.models.base import Linearization

NOISE = 30.0
"""Rounding errors that are allowed for, in units of eps: some tens add up in a network's layers and sums."""


def prediction_rounding(system: System, linear: Linearization, w: Tensor) -> Tensor:
    """Return delta, what the predictions are known to, shape (R, n).

    Args:
        system: R runs.
        linear: The model, linearized at w.
        w: Weights, shape (R, p).
    """
    parts = linear.absolute_jvp(w) + linear.outputs.abs() + system.offset.abs()
    return NOISE * torch.finfo(w.dtype).eps * (system.alpha[:, None] * parts + system.y.abs())


def in_metric(delta: Tensor, root: Tensor | None) -> Tensor:
    """Return ||G^{1/2} delta||, what the weighted residual is known to, shape (R,); `root` None: G = I."""
    return (delta if root is None else root * delta).norm(dim=1)


def blurred(system: System, loss: Tensor, delta: Tensor) -> Tensor:
    """Return the most that a loss g can be where predictions are known to their rounding only, shape (R,).

    With a curvature of at most L, g(u + du) <= g + ||e|| ||du|| + L/2 ||du||^2 and ||e||^2 <= 2 L g, so
    (derived) it is at most (sqrt(g) + sqrt(L / 2) ||du||)^2. Unlike the present ||e||, nothing in it grows
    with an error that has been made.

    Args:
        system: R runs.
        loss: g, shape (R,).
        delta: What the predictions are known to, shape (R, n).
    """
    return (loss.sqrt() + (system.loss.steepest / 2) ** 0.5 * delta.norm(dim=1)).square()


def fitted(system: System, u: Tensor, delta: Tensor) -> Tensor:
    """Return whether every sample is fitted to rounding, bool, shape (R,).

    To first order, delta_i changes sample i's loss g_i by |e_i| delta_i. It is rounding where that is all of
    it: 2 g_i <= |e_i| delta_i, for squared loss |u_i - y_i| <= delta_i. A loss whose least value lies at
    infinity is known to full relative accuracy, so it never is.

    Args:
        system: R runs.
        u: Predictions, shape (R, n).
        delta: What they are known to, shape (R, n).
    """
    e = system.loss.gradient(u, system.y).abs()
    return (2 * system.loss.terms(u, system.y) <= e * delta).all(1)
