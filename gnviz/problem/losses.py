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
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

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


@dataclass(frozen=True)
class SquaredLoss(Loss):
    """g(u) = 1/2 ||u - y||^2, so e = u - y, G = I and e^T G^{-1} e = 2 g."""

    label: ClassVar[str] = "squared"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "½‖u − y‖²"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * (u - y).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return u - y, shape (R, n)."""
        return u - y

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1, shape (R, n)."""
        return torch.ones_like(u - y)


@dataclass(frozen=True)
class WeightedLoss(Loss):
    """g(u) = 1/2 sum_i omega_i (u_i - y_i)^2: ill-conditioned on purpose; e^T G^{-1} e = 2 g.

    The weights fall geometrically along the samples: omega_i = condition^(-i / (n - 1)), i = 0 .. n - 1,
    from 1 to 1 / condition.

    Attributes:
        condition: Ratio of the largest to the smallest weight.
    """

    condition: float = 1e3
    label: ClassVar[str] = "weighted"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return f"½ Σ ωᵢ(uᵢ − yᵢ)², ω from 1 to {1 / self.condition:.3g}"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    @property
    def plain(self) -> Loss:
        """The squared loss: the weights belong to the training samples."""
        return SquaredLoss()

    def weights(self, y: Tensor) -> Tensor:
        """Return omega, shape (n,), for targets y (n,)."""
        n = len(y)
        exponents = torch.arange(n, dtype=y.dtype, device=y.device) / max(n - 1, 1)
        return torch.exp(-math.log(self.condition) * exponents)

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega (u - y)^2 / 2, shape (R, n)."""
        return 0.5 * self.weights(y) * (u - y).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega (u - y), shape (R, n)."""
        return self.weights(y) * (u - y)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return omega, shape (R, n)."""
        return self.weights(y) * torch.ones_like(u)


@dataclass(frozen=True, eq=False)
class MeasuredLoss(Loss):
    """g(u) = 1/2 sum_i ((u_i - y_i) / sigma_i)^2, half of chi squared; e^T G^{-1} e = 2 g.

    Attributes:
        sigma: Standard deviation of each target's measurement, in units of the targets, shape (n,).
    """

    sigma: Tensor
    label: ClassVar[str] = "squared"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "½ Σ ((uᵢ − yᵢ)/σᵢ)²"

    @property
    def scale(self) -> float:
        """Infinite: G does not change."""
        return math.inf

    @property
    def steepest(self) -> float:
        """One over the smallest variance."""
        return self.sigma.min().item() ** -2

    @property
    def plain(self) -> Loss:
        """The squared loss: the deviations belong to the training samples."""
        return SquaredLoss()

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return ((u - y) / sigma)^2 / 2, shape (R, n)."""
        return 0.5 * ((u - y) / self.sigma.to(u)).square()

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (u - y) / sigma^2, shape (R, n)."""
        return (u - y) / self.sigma.to(u).square()

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1 / sigma^2, shape (R, n)."""
        return self.sigma.to(u).square().reciprocal() * torch.ones_like(u)


@dataclass(frozen=True)
class LogCoshLoss(Loss):
    """g(u) = sum_i log cosh r_i with r = u - y: squared near 0, absolute far out.

    e = tanh r, G = 1 / cosh^2 r, so e^2 / G = sinh^2 r. It is at least 2 log cosh r: the difference is 0 at
    r = 0 and has the derivative 2 tanh r sinh^2 r, which has the sign of r (derived).
    """

    label: ClassVar[str] = "log-cosh"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log cosh(uᵢ − yᵢ)"

    @property
    def scale(self) -> float:
        """1: where the loss turns from squared to absolute."""
        return 1.0

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return log cosh r, shape (R, n), to full relative accuracy near 0 and far out."""
        r = (u - y).abs()
        near = 0.5 * torch.log1p(torch.sinh(r.clamp(max=1.0)).square())  # cosh^2 = 1 + sinh^2
        far = r + torch.log1p(torch.exp(-2 * r)) - math.log(2)
        return torch.where(r < 1, near, far)

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return tanh r, shape (R, n)."""
        return torch.tanh(u - y)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return 1 / cosh^2 r, shape (R, n), written so that nothing overflows."""
        q = torch.exp(-2 * (u - y).abs())
        return 4 * q / (1 + q).square()


@dataclass(frozen=True)
class PseudoHuberLoss(Loss):
    """g(u) = sum_i delta^2 (sqrt(1 + s_i^2) - 1) with s = (u - y) / delta.

    e = r / sqrt(1 + s^2) and G = (1 + s^2)^{-3/2}, r = u - y, so e^2 / G = r^2 sqrt(1 + s^2) >= r^2, and
    2 g = 2 r^2 / (1 + sqrt(1 + s^2)) <= r^2 (derived).

    Attributes:
        delta: Residual at which the loss turns from squared to absolute.
    """

    delta: float = 1.0
    label: ClassVar[str] = "pseudo-huber"
    decay_constant: ClassVar[float] = 1.0
    flat: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return f"Σ δ²(√(1 + (uᵢ − yᵢ)²/δ²) − 1), δ = {self.delta:g}"

    @property
    def scale(self) -> float:
        """Delta."""
        return self.delta

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return delta^2 (sqrt(1 + s^2) - 1), shape (R, n), as r (r / (1 + sqrt(1 + s^2)))."""
        r = u - y
        return r * (r / (1 + self._root(r)))

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return r / sqrt(1 + s^2), shape (R, n)."""
        r = u - y
        return r / self._root(r)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return (1 + s^2)^{-3/2}, shape (R, n)."""
        return self._root(u - y).reciprocal().pow(3)

    def _root(self, r: Tensor) -> Tensor:
        """Return sqrt(1 + s^2) without overflow."""
        return torch.hypot(torch.ones_like(r), r / self.delta)


@dataclass(frozen=True)
class LogisticLoss(Loss):
    """g(u) = sum_i log(1 + exp(-m_i)) with margins m = y u and labels y in {-1, 1}.

    e = -y / (1 + exp(m)) and G = sigmoid(m) sigmoid(-m), so e^2 / G = exp(-m) >= log(1 + exp(-m)): only half
    of what the squared loss has, and no more, since both sides agree for large margins (derived).
    """

    label: ClassVar[str] = "logistic"
    decay_constant: ClassVar[float] = 0.5
    flat: ClassVar[bool] = False
    attained: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log(1 + exp(−yᵢuᵢ))"

    @property
    def steepest(self) -> float:
        """1/4, at margin 0."""
        return 0.25

    @property
    def scale(self) -> float:
        """1: a margin that matters."""
        return 1.0

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return log(1 + exp(-m)), shape (R, n)."""
        return -logsigmoid(y * u)

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return -y sigmoid(-m), shape (R, n)."""
        return -y * torch.sigmoid(-y * u)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return sigmoid(m) sigmoid(-m), shape (R, n)."""
        return torch.sigmoid(u) * torch.sigmoid(-u)


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


def make_loss(knobs: definition.Loss) -> Loss:
    """Return the loss that an experiment asks for."""
    if knobs.kind == WeightedLoss.label:
        return WeightedLoss(knobs.condition)
    if knobs.kind == PseudoHuberLoss.label:
        return PseudoHuberLoss(knobs.delta)
    return {loss.label: loss for loss in (SquaredLoss(), LogCoshLoss(), LogisticLoss())}[knobs.kind]
