"""Losses g(u): value, gradient and curvature, none with a factor 1/n.

The generalized Gauss-Newton flow of a loss with gradient e = grad g(u) and diagonal curvature
G = Hess g(u) is `dw/dt = -(1/alpha) (rho I + (1 - rho) J^T G J)^{-1} J^T e`. With the weighted residual
z = G^{-1/2} e and S = G^{1/2} K G^{1/2} = V diag(lambda) V^T the loss falls as
`dg/dt = -sum_i r_i c_i^2`, c = V^T z, where r_i is the rate of mode i. So if every rate is at least r, and if

    e^T G^{-1} e >= 2 kappa g(u)        for all u, with the loss's `decay_constant` kappa,

then g falls at least like exp(-2 kappa r t) (derived: a Polyak-Lojasiewicz inequality in the metric of G).
"""

from __future__ import annotations

from typing import Any, ClassVar

from gnviz.knobs.kinds import Kind


class Loss(Kind):
    """A convex loss that is a sum over samples, so that its curvature is diagonal.

    Subclasses set `label` (the public name) and `meaning` (one line), declare their knobs and define `terms`;
    gradient and curvature are by automatic differentiation where they are not written out.

    Attributes:
        decay_constant: kappa, with e^T G^{-1} e >= 2 kappa g for all u; 0 where it is not known: certificates
            then promise no decay.
        flat: Whether G is the identity, so that nothing need be multiplied by it.
        attained: Whether u = y minimizes g, rather than predictions at infinity.
        labels: Whether targets are two classes, -1 and 1.
        sigma: Standard deviations of the targets, where they belong to the loss.
    """

    decay_constant: ClassVar[float] = 0.0
    flat: ClassVar[bool] = False
    attained: ClassVar[bool] = True
    labels: ClassVar[bool] = False
    sigma: Any = None

    @property
    def steepest(self) -> float:
        """The largest entry that G has for any u: rounding of the predictions is weighed by it."""
        return 1.0

    @property
    def plain(self) -> Loss:
        """The loss for test samples: this one, without weights of single samples."""
        return self

    @property
    def formula(self) -> str:
        """The loss as plain text, shown to users."""
        return self.meaning

    @property
    def scale(self) -> float:
        """Distance in u over which G changes; infinite where it does not."""
        return 1.0

    def terms(self, u: Any, y: Any) -> Any:
        """Return each sample's part of g, shape (R, n), for predictions u (R, n) and targets y (n,)."""
        raise NotImplementedError

    def value(self, u: Any, y: Any) -> Any:
        """Return g(u), shape (R,)."""
        return self.terms(u, y).sum(-1)

    def gradient(self, u: Any, y: Any) -> Any:
        """Return e = grad g(u), shape (R, n)."""
        from torch.func import grad

        return grad(lambda v: self.terms(v, y).sum())(u)

    def curvature(self, u: Any, y: Any) -> Any:
        """Return the diagonal of G = Hess g(u), shape (R, n), at least 0."""
        from torch.func import grad

        return grad(lambda v: self.gradient(v, y).sum())(u).clamp(min=0)
