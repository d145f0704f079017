"""Trust-region steps: Levenberg-Marquardt, damped by how well the last step was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.frames import ParameterFrame, weighted
from gnviz.dynamics.optimizers import State
from gnviz.dynamics.step_sizes import Outcome
from gnviz.dynamics.tangent import System, predict, weighted_residual
from gnviz.methods import Method, TrustRegion
from gnviz.problem.conditioning import resolution
from gnviz.problem.models import Linearization

LARGEST = 1e30
"""Damping, and growth of it, at which mu stops: steps are rounding long before."""


class Proposal(NamedTuple):
    """A step that R runs may take: w+ = w - (1/alpha) d.

    Attributes:
        d: shape (R, p); NaN where the damped system could not be solved.
        predicted: The fall of the loss by its quadratic model, shape (R,).
        mu: Damping as used, at least the resolution, shape (R,).
    """

    d: Tensor
    predicted: Tensor
    mu: Tensor


class TrustRegionSteps:
    """Steps w+ = w - (1/alpha) J^T G^{1/2} (S + mu I)^{-1} z of R runs; see `gnviz.methods.TrustRegion`.

    With du = alpha J dw, the loss is modelled by g + e . du + 1/2 du^T G du, whose fall is
    c . z - 1/2 ||c||^2 for c = S (S + mu I)^{-1} z (derived). A factorization that fails (S singular and mu
    too small for it) gives a step without a gain, which is not taken and raises mu: the method heals itself.

    Args:
        methods: One `TrustRegion` for each run.
        diagonal: Of S at the start, shape (R, n).
    """

    def __init__(self, methods: Sequence[Method], diagonal: Tensor) -> None:
        settings = [m for m in methods if isinstance(m, TrustRegion)]
        tau = diagonal.new_tensor([m.damping for m in settings])
        self._nielsen = torch.tensor([m.update == "nielsen" for m in settings], device=diagonal.device)
        mu = tau * diagonal.amax(1)
        self.state: State = {"mu": mu, "growth": torch.full_like(mu, 2.0)}

    @property
    def rho(self) -> Tensor:
        """Mu / (1 + mu), shape (R,)."""
        return self.state["mu"] / (1 + self.state["mu"])

    def step(self, system: System, w: Tensor, index: int) -> Outcome:
        """Try a step of R runs from w (R, p)."""
        linear = system.model.linearize(w, system.x)
        u = predict(system, linear.outputs)
        loss = system.loss.value(u, system.y)
        propose = _by_modes if system.in_parameter_space else _by_kernel
        d, predicted, mu = propose(linear, self.state["mu"], *weighted_residual(system, u))
        there = torch.addcmul(w, d, (-1 / system.alpha)[:, None])
        after = system.loss.value(predict(system, system.model.outputs(there, system.x)), system.y)
        gain = (loss - after) / predicted
        taken = gain > 0  # not where it is NaN
        self._follow(mu, gain, taken)
        return Outcome(torch.where(taken[:, None], there, w), torch.ones_like(mu), gain, taken)

    def save(self) -> State:
        """Return mu and its growth, each of shape (R,)."""
        return dict(self.state)

    def load(self, state: State) -> None:
        """Take over mu and its growth."""
        self.state = {name: state[name] for name in self.state}

    def _follow(self, mu: Tensor, gain: Tensor, taken: Tensor) -> None:
        """Change mu by the gain."""
        growth = self.state["growth"]
        nielsen = torch.where(taken, (1 - (2 * gain - 1) ** 3).clamp(min=1 / 3), growth)
        poor = ~(gain >= 0.25)
        marquardt = torch.where(poor, 2.0, torch.where(gain > 0.75, 1 / 3, 1.0))
        self.state["mu"] = (mu * torch.where(self._nielsen, nielsen, marquardt)).clamp(max=LARGEST)
        self.state["growth"] = torch.where(taken, 2.0, 2 * growth).clamp(max=LARGEST)


def _by_kernel(linear: Linearization, mu: Tensor, root: Tensor | None, z: Tensor) -> Proposal:
    """Propose a step from the Cholesky factorization of S + mu I, for p >= n."""
    kernel = weighted(linear.kernel(), root)
    mu = torch.maximum(mu, resolution(kernel.diagonal(dim1=1, dim2=2)))
    v = _solve(kernel, mu, z)
    d = linear.vjp(v if root is None else root * v)
    return Proposal(d, _fall((kernel @ v[:, :, None])[:, :, 0], z), mu)


def _by_modes(linear: Linearization, mu: Tensor, root: Tensor | None, z: Tensor) -> Proposal:
    """Propose a step from the singular values of G^{1/2} J, for p < n."""
    frame = ParameterFrame.of(linear, root)
    mu = torch.maximum(mu, frame.floor)
    coefficients = (frame.vectors.mT @ z[:, :, None])[:, :, 0]
    v = coefficients / (frame.eigenvalues + mu[:, None])
    return Proposal(frame.pull_back(v), _fall(frame.eigenvalues * v, coefficients), mu)


def _fall(change: Tensor, z: Tensor) -> Tensor:
    """Return c . z - 1/2 ||c||^2, shape (R,), for a change c of the weighted predictor, sign turned."""
    return (z * change).sum(1) - 0.5 * change.square().sum(1)


def _solve(kernel: Tensor, mu: Tensor, z: Tensor) -> Tensor:
    """Return (S + mu I)^{-1} z, shape (R, n); NaN where the factorization fails."""
    damped = kernel.clone()
    damped.diagonal(dim1=1, dim2=2).add_(mu[:, None])
    factor, trouble = torch.linalg.cholesky_ex(damped)
    v = torch.cholesky_solve(z[:, :, None], factor)[:, :, 0]
    return torch.where((trouble == 0)[:, None], v, torch.nan)
