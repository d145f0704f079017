"""How well a fit's parameters are determined, from the Jacobian at its end."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.modes import column_norms, decomposition, weighted_jacobian
from gnviz.dynamics.linearized.system import System
from gnviz.problem.data.conditioning import jacobian_resolution

UNDETERMINED = 1e-8
"""Share of a parameter's direction that may lie outside the range of B^T: rounding of a few eps, and more."""

MOST = 64
"""Parameters up to which their covariance is recorded."""


def recorded(system: System) -> bool:
    """Return whether covariances are: few parameters, fewer than samples, a constant curvature."""
    p = system.model.parameters
    return p <= MOST and p < len(system.y) and math.isinf(system.loss.scale)


def unscaled_covariance(system: System, here: LinearizedDynamics) -> tuple[Tensor, Tensor]:
    """Return (alpha^2 B^T B)^+, shape (R, p, p), and the rank of B, shape (R,), B = G^{1/2} J.

    Times the variance of a sample of weight 1, it is the covariance of the parameters to first order (for
    example Bates and Watts 1988). Rank and pseudo-inverse are found with columns of equal norm, so that
    neither depends on units. NaN for parameters that are not determined by the samples.
    """
    b = weighted_jacobian(here.modes.linear, here.modes.root)
    units = column_norms(b)
    _, singular, right = decomposition(b / units[:, None])
    usable = singular.square() > jacobian_resolution(singular, max(b.shape[1:]))[:, None]
    scaled = torch.where(usable, 1 / torch.where(usable, singular, 1.0), 0.0)[:, :, None] * right
    inverse = scaled.mT @ scaled / (units[:, :, None] * units[:, None]) / system.alpha.square()[:, None, None]
    reached = torch.where(usable[:, :, None], right, 0.0).square().sum(1)
    lost = reached < 1 - UNDETERMINED
    return torch.where(lost[:, :, None] | lost[:, None], torch.nan, inverse), usable.sum(1)
