"""The curvature G that the dynamics use: a loss's own, with a floor where it underflows."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gnviz.losses import Loss

LONGEST = 0.75
"""A sample's own Newton step |e_i / G_i| is at most eps^-LONGEST (5e11 in float64), in units of the loss's
`scale`: G_i is raised until it is. Then |z_i| is at most 7e5 sqrt(scale |e_i|), whose rounding costs others
1e-10 of theirs."""


def longest_step(dtype: torch.dtype) -> float:
    """Return eps^-LONGEST, the longest Newton step of a sample in units of the loss's `scale`."""
    return torch.finfo(dtype).eps ** -LONGEST


def usable_curvature(loss: Loss, u: Tensor, y: Tensor, e: Tensor) -> Tensor:
    """Return G with a floor under saturated samples, so that z = G^{-1/2} e stays finite, shape (R, n).

    Where a sample is fitted so badly that the loss is all but straight there, G underflows while e does not.
    It is lifted to |e| / (longest_step scale), which changes the metric but neither the descent nor its end.
    It is never lifted above e^2 / (2 kappa g), so that the decay constant holds as it does for G itself.
    Below the square root of the smallest normal number G, e and g are as good as 0 (derived).

    Args:
        loss: The loss.
        u: Predictions, shape (R, n).
        y: Targets, shape (n,).
        e: The gradient at u, shape (R, n).
    """
    if math.isinf(loss.scale):
        return loss.curvature(u, y)  # it does not change with u
    lifted = e.abs() / (longest_step(u.dtype) * loss.scale)
    if loss.decay_constant:
        terms = loss.terms(u, y)
        certified = e.square() / torch.where(terms > 0, 2 * loss.decay_constant * terms, torch.inf)
        lifted = torch.minimum(lifted, certified)
    least = math.sqrt(torch.finfo(u.dtype).tiny)
    return torch.maximum(loss.curvature(u, y), lifted).clamp(min=least)
