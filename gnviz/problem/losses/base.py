"""Losses g(u): value, gradient and curvature, none with a factor 1/n.

The generalized Gauss-Newton flow of a loss with gradient e = grad g(u) and diagonal curvature
G = Hess g(u) is `dw/dt = -(1/alpha) (rho I + (1 - rho) J^T G J)^{-1} J^T e`. With the weighted residual
z = G^{-1/2} e and S = G^{1/2} K G^{1/2} = V diag(lambda) V^T the loss falls as
`dg/dt = -sum_i r_i c_i^2`, c = V^T z, where r_i is the rate of mode i. So if every rate is at least r, and if

    e^T G^{-1} e >= 2 kappa g(u)        for all u, with the loss's `decay_constant` kappa,

then g falls at least like exp(-2 kappa r t) (derived: a Polyak-Lojasiewicz inequality in the metric of G).
"""

from __future__ import annotations

import math
from typing import ClassVar, Protocol, Self

import torch
from torch import Tensor

from gnviz import experiment as definition


class Loss(Protocol):
    """A convex loss that is a sum over samples, so that its curvature is diagonal.

    Attributes:
        label: The public name, as in `loss.kind`.
        decay_constant: kappa, with e^T G^{-1} e >= 2 kappa g for all u.
        flat: Whether G is the identity, so that nothing need be multiplied by it.
        attained: Whether u = y minimizes g, rather than predictions at infinity.
    """

    label: ClassVar[str]
    decay_constant: ClassVar[float]
    flat: ClassVar[bool]
    attained: ClassVar[bool] = True

    @classmethod
    def of(cls, knobs: definition.Loss) -> Self:
        """Return the loss with the settings that an experiment gives it."""
        return cls()

    @property
    def steepest(self) -> float:
        """The largest entry that G has for any u."""
        return 1.0

    @property
    def plain(self) -> Loss:
        """The loss of one sample, for data that are not trained on: without weights of the samples."""
        return self

    @property
    def formula(self) -> str:
        """The loss as plain text, shown to users."""
        ...

    @property
    def scale(self) -> float:
        """Distance in u over which G changes; infinite where it does not."""
        ...

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return each sample's part of g, shape (R, n), for predictions u (R, n) and targets y (n,)."""
        ...

    def value(self, u: Tensor, y: Tensor) -> Tensor:
        """Return g(u), shape (R,)."""
        return self.terms(u, y).sum(-1)

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return e = grad g(u), shape (R, n)."""
        ...

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return the diagonal of G = Hess g(u), shape (R, n), at least 0."""
        ...


LONGEST = 0.75
"""Most that a sample's own Newton step |e_i / G_i| may be is eps^-LONGEST (5e11 in float64), in units of the
loss's `scale`. Then |z_i| is at most 7e5 sqrt(scale |e_i|), whose rounding costs others 1e-10 of theirs."""


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
    terms = loss.terms(u, y)
    certified = e.square() / torch.where(terms > 0, 2 * loss.decay_constant * terms, torch.inf)
    lifted = torch.minimum(e.abs() / (longest_step(u.dtype) * loss.scale), certified)
    least = math.sqrt(torch.finfo(u.dtype).tiny)
    return torch.maximum(loss.curvature(u, y), lifted).clamp(min=least)
