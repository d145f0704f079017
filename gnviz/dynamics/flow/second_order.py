"""The linear part of a flow with fewer parameters than samples: the surface bends, and a residual stays.

For p < n the part of the residual normal to range J, e' = G^{1/2} (I - V V^T) z, never decays. It does not
push, J^T e' = 0, until J turns. F(w) = -(1/alpha) H^{-1} J^T e with H = rho I + (1 - rho) J^T G J has the
derivative

    L = -H^{-1} B,    B = J^T G J + (1/alpha) sum_k e'_k Hess f_k,

up to terms in J^T e, which decay (derived). Where a singular value of J is small, H^{-1} makes the second
term fast, and a scheme that knows nothing of it is held to its time scale: undamped flows of eight parameters
that were given up take some 130 kernels with it. With J^T G J = W^T diag(lambda) W, gain = 1/(rho +
(1 - rho) lambda) and gain^{1/2} W B W^T gain^{1/2} = Q diag(mu) Q^T,

    L = -X diag(mu) X^T H,    X = W^T gain^{1/2} Q,    X^T H X = I.

A mode with mu < 0 grows, which the phi functions are not made for: it is left to the force.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.dynamics.flow.local_solution import Map
from gnviz.dynamics.host import to_host
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.modes import JacobianModes
from gnviz.dynamics.linearized.system import System
from gnviz.problem.models.mlp import MLP

MOST = 64
"""Parameters up to which the second derivatives are computed: but for one hidden layer, whose are known in
closed form, they take 2 p gradients, in one batch."""


@dataclass(frozen=True)
class SecondOrderPart:
    """The linear part L = -X diag(mu) X^T H of R runs, as `LocalSolution` wants it.

    Attributes:
        tangent: The dynamics without second derivatives.
        basis: X, shape (R, p, p).
        dual: X^T H, shape (R, p, p).
        rate: mu, at least the smallest normal number, shape (R, p).
    """

    tangent: LinearizedDynamics
    basis: Tensor
    dual: Tensor
    rate: Tensor

    @property
    def w(self) -> Tensor:
        """Weights, shape (R, p)."""
        return self.tangent.w

    @property
    def time(self) -> Tensor:
        """Flow time, shape (R,)."""
        return self.tangent.time

    @property
    def gain(self) -> Tensor:
        """The rates: with X and X^T H as the ways back and forth, L = -X diag(gain) X^T H."""
        return self.rate

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return X c, shape (R, p)."""
        return (self.basis @ coefficients[:, :, None])[:, :, 0]

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return X^T H dw, shape (R, p): its norm is that of G^{1/2} J dw for rho = 0, and no less."""
        return (self.dual @ dw[:, :, None])[:, :, 0]

    def drive(self, alpha: Tensor) -> Tensor:
        """Return c in F = -X c, shape (R, p): X^T J^T e / alpha."""
        slope, units = self.tangent.pull_back(self.tangent.coefficients), self.tangent.modes.units
        slope = slope if units is None else slope * units.square()  # the gradient, not a displacement
        return (self.basis.mT @ slope[:, :, None])[:, :, 0] / alpha[:, None]


def linear_part(system: System, here: LinearizedDynamics) -> LinearizedDynamics | SecondOrderPart:
    """Return the linear part of the dynamics: with second derivatives where the residual cannot vanish.

    Not so where a mode has sunk into rounding: H is singular there; to know it, the host waits.
    """
    frame = here.modes
    small = here.w.shape[1] <= MOST and bool(here.underparameterized)
    if not (small and isinstance(frame, JacobianModes)):
        return here
    bent = frame.right @ _second_derivatives(system, here, frame)
    root = here.gain.sqrt()
    c = torch.diag_embed(here.rate) + root[:, :, None] * bent * root[:, None, :] / system.alpha[:, None, None]
    good = (here.gain > 0).all() & c.isfinite().all()
    if not to_host(good[None])[0][0]:
        return here
    mu, q = torch.linalg.eigh((c + c.mT) / 2)
    basis = frame.right.mT @ (root[:, :, None] * q)
    dual = (q / root[:, :, None]).mT @ frame.right
    if frame.units is not None:
        basis, dual = basis / frame.units[:, :, None], dual * frame.units[:, None]
    return SecondOrderPart(here, basis, dual, mu.clamp(min=torch.finfo(mu.dtype).tiny))


def _second_derivatives(system: System, here: LinearizedDynamics, frame: JacobianModes) -> Tensor:
    """Return sum_k e'_k Hess f_k applied to the modes' directions, as columns, shape (R, p, k).

    In the frame's units, as weights and directions are.
    """
    units = torch.ones_like(here.w) if frame.units is None else frame.units
    directions, e, model = frame.right / units[:, None], _normal(system, here), system.model
    if isinstance(model, MLP) and model.depth == 1:
        bent = model.second_derivatives(here.w, system.x, e) @ directions.mT
    else:
        bent = _by_differences(system, here, frame, directions, e)
    return bent / units[:, :, None]


def _by_differences(
    system: System, here: LinearizedDynamics, frame: JacobianModes, directions: Tensor, e: Tensor
) -> Tensor:
    """Return sum_k e'_k Hess f_k along some directions, by central differences of J^T e', shape (R, p, k).

    What they are off by is left to the force. A step is small beside the weights, or beside what moves the
    predictor by as much as the residual, should weights be next to 0. Steps along the modes: along weights,
    differences would cancel in modes with small singular values.

    Args:
        system: The runs.
        here: Their dynamics at w.
        frame: The modes there.
        directions: Shape (R, k, p).
        e: e', shape (R, n).
    """
    runs, count, p = directions.shape
    reach = here.size / (system.alpha * frame.singular[:, 0])
    own = here.w if frame.units is None else here.w * frame.units
    step = torch.finfo(here.w.dtype).eps ** (1 / 3) * torch.maximum(own.norm(dim=1), reach)[:, None, None]
    sides = []
    for sign in (1, -1):
        w = (here.w[:, None] + sign * step * directions).reshape(runs * count, p)
        normal = e.repeat_interleave(count, 0)
        sides.append(system.model.linearize(w, system.x).vjp(normal).reshape(runs, count, p))
    return ((sides[0] - sides[1]) / (2 * step)).mT


def _normal(system: System, here: LinearizedDynamics) -> Tensor:
    """Return e', shape (R, n)."""
    e, root = system.loss.gradient(here.prediction, system.y), here.modes.root
    reached = (here.vectors @ here.coefficients[:, :, None])[:, :, 0]
    return e - (reached if root is None else root * reached)


def drive(here: Map, alpha: Tensor) -> Tensor:
    """Return c in F(w) = -P c, shape (R, k), with P c = `here.pull_back(c)`."""
    if isinstance(here, SecondOrderPart):
        return here.drive(alpha)
    assert isinstance(here, LinearizedDynamics)
    return here.gain * here.coefficients / alpha[:, None]
