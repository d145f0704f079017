"""Trust-region steps: Levenberg-Marquardt, damped by how well the last step was predicted.

Damping is measured by D, mu D^2: with D = diag(d_j), d_j the largest norm so far of column j of B = G^{1/2} J
(More 1978, as in MINPACK), a fit does not depend on the units of its parameters. Where all weights share one
unit, D = I needs no Jacobian.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, weighted_residual
from gnviz.dynamics.linearized.modes import column_norms, decomposition, weighted, weighted_jacobian
from gnviz.dynamics.linearized.rounding import fitted, prediction_rounding
from gnviz.dynamics.linearized.system import System, predict
from gnviz.dynamics.steps.radius import TAKEN, damping, first_radius, next_radius
from gnviz.dynamics.steps.rest import Tolerances, TriedStep, at_rest
from gnviz.dynamics.steps.step_sizes import Outcome
from gnviz.methods.trust_region import TrustRegion
from gnviz.problem.data.conditioning import jacobian_resolution, resolution
from gnviz.problem.models.base import Linearization

LARGEST = 1e30
"""Damping, and growth of it, at which mu stops: steps are rounding long before."""

PROBE = 0.1
"""Part of a step at which the outputs tell how their path bends (Transtrum and Sethna 2012)."""

BENT = 0.75
"""An acceleration beyond this share of twice the step is left out: the outputs bend too much for it."""


class Proposal(NamedTuple):
    """A damped step that R runs may take: w+ = w - (1/alpha) d.

    Attributes:
        d: shape (R, p); NaN where the damped system could not be solved.
        predicted: The fall of the loss by its quadratic model, shape (R,).
        slope: c . z, by which the loss falls to first order, shape (R,).
        mu: Damping as chosen, shape (R,).
        used: At least the resolution, shape (R,).
        changeable: Share of the residual in the range of B, shape (R,); NaN if that is not known.
        solve: Maps z (R, n) to (B^T B + mu D^2)^{-1} B^T z, shape (R, p); of the residual it is d.
    """

    d: Tensor
    predicted: Tensor
    slope: Tensor
    mu: Tensor
    used: Tensor
    changeable: Tensor
    solve: Callable[[Tensor], Tensor]


class TrustRegionSteps:
    """Steps w+ = w - (1/alpha) (B^T B + mu D^2)^{-1} B^T z of R runs; see `gnviz.TrustRegion`.

    With du = alpha J dw, the loss is modelled by g + e . du + 1/2 du^T G du, whose fall is
    c . z - 1/2 ||c||^2 for c = B d (derived). A factorization that fails (S singular and mu too small for it)
    gives a step without a gain, which is not taken and raises mu: the method heals itself.

    Args:
        methods: One `TrustRegion` for each run.
        system: The runs.
        first: The dynamics of all runs of the experiment at the start.
        rows: Positions of these runs in it.
        tolerances: When a run has come to rest.
    """

    def __init__(
        self,
        methods: Sequence[TrustRegion],
        system: System,
        first: LinearizedDynamics,
        rows: Tensor,
        tolerances: Tolerances,
    ) -> None:
        alpha = system.alpha
        columns = [m.by_columns(system.model.shared_units) for m in methods]
        radius = [m.update == "auto" and by for m, by in zip(methods, columns, strict=True)]
        self._radius = _flags(radius, rows)
        self._marquardt = _flags([m.update == "marquardt" for m in methods], rows)
        self._bends = _flags([m.acceleration for m in methods], rows)
        self._bending = any(m.acceleration for m in methods)  # known without asking a device
        self._columns = _flags(columns, rows)
        self._tolerances = tolerances
        tau = alpha.new_tensor([m.damping for m in methods])
        diagonal = weighted(first.kernel(), first.modes.root).diagonal(dim1=1, dim2=2)[rows]
        mu = tau * torch.where(self._columns, 1.0, diagonal.amax(1))
        self.state: State = {"mu": mu, "growth": torch.full_like(mu, 2.0)}
        self.state |= {"rest": torch.zeros_like(mu), "rested": torch.zeros_like(mu)}
        if any(columns):
            self.state["units"] = torch.zeros_like(first.w[rows])
        if any(radius):
            self.state |= {"radius": torch.zeros_like(mu), "begun": torch.zeros_like(mu)}

    @property
    def rho(self) -> Tensor:
        """Mu / (1 + mu), shape (R,)."""
        return self.state["mu"] / (1 + self.state["mu"])

    def step(self, system: System, w: Tensor, index: int) -> Outcome:
        """Try a step of R runs from w (R, p)."""
        linear = system.model.linearize(w, system.x)
        u = predict(system, linear.outputs)
        loss, (root, z) = system.loss.value(u, system.y), weighted_residual(system, u)
        way, units = self._propose(system, linear, w, root, z), self.state.get("units")
        move = -way.d / system.alpha[:, None]
        if self._bending:
            move = self._bent(system, linear, w, root, move, way)
        there = w + move
        after = system.loss.value(predict(system, system.model.outputs(there, system.x)), system.y)
        fall = loss - after
        gain = fall / way.predicted
        done = fitted(system, u, prediction_rounding(system, linear, w))
        share = _size(move, units) / _size(w, units)
        tried = TriedStep(loss, fall, way.predicted, way.changeable, share, done)
        still = self.state["rest"] == 0
        taken = (gain > torch.where(self._radius, TAKEN, 0.0)) & still  # not where it is NaN
        self.state["rest"] = torch.where(still, at_rest(tried, self._tolerances), self.state["rest"])
        self.state["rested"] = torch.where(still, float(index + 1), self.state["rested"])
        self._follow(way, gain, taken)
        if "radius" in self.state:
            self._follow_radius(way, tried, gain, taken, after > 100 * loss)
        ones = torch.ones_like(gain)
        rest = {name: self.state[name] for name in ("rest", "rested")}
        return Outcome(torch.where(taken[:, None], there, w), ones, gain, taken, **rest)

    def save(self) -> State:
        """Return mu, its growth, why runs are at rest, each (R,), and D, shape (R, p), where it is not I."""
        return dict(self.state)

    def load(self, state: State) -> None:
        """Take over what `save` returned."""
        self.state = {name: state[name] for name in self.state}

    def _propose(
        self, system: System, linear: Linearization, w: Tensor, root: Tensor | None, z: Tensor
    ) -> Proposal:
        mu = self.state["mu"]
        if "units" not in self.state:
            return (_by_modes if system.in_parameter_space else _by_kernel)(linear, mu, root, z)
        b = weighted_jacobian(linear, root)
        norms = torch.where(self._columns[:, None], column_norms(b), 1.0)
        self.state["units"] = torch.maximum(self.state["units"], norms)
        if "radius" not in self.state:
            return _by_columns(b, self.state["units"], z, lambda *_: mu)
        first = first_radius(system.alpha * _size(w, self.state["units"]), z.norm(dim=1))
        radius = torch.where(self.state["radius"] > 0, self.state["radius"], first)
        self.state["radius"] = radius

        def choose(s: Tensor, c: Tensor, floor: Tensor) -> Tensor:
            return torch.where(self._radius, damping(radius, mu, s, c, floor), mu)

        return _by_columns(b, self.state["units"], z, choose)

    def _bent(
        self,
        system: System,
        linear: Linearization,
        w: Tensor,
        root: Tensor | None,
        move: Tensor,
        way: Proposal,
    ) -> Tensor:
        """Return the move with half its geodesic acceleration, where that is asked for and small, (R, p)."""
        near = predict(system, system.model.outputs(w + PROBE * move, system.x))
        straight, units = system.alpha[:, None] * linear.jvp(move), self.state.get("units")
        bend = 2 / PROBE**2 * (near - predict(system, linear.outputs) - PROBE * straight)
        half = -0.5 * way.solve(bend if root is None else root * bend) / system.alpha[:, None]
        small = 2 * _size(half, units) <= BENT * _size(move, units)
        return torch.where((self._bends & small)[:, None], move + half, move)

    def _follow(self, way: Proposal, gain: Tensor, taken: Tensor) -> None:
        """Change mu by the gain."""
        growth, one = self.state["growth"], torch.ones_like(gain)
        nielsen = torch.where(taken, (1 - (2 * gain - 1) ** 3).clamp(min=1 / 3), growth)
        marquardt = torch.where(~(gain >= 0.25), 2 * one, torch.where(gain > 0.75, one / 3, one))
        factor = torch.where(self._marquardt, marquardt, nielsen)
        self.state["mu"] = (way.used * factor).clamp(max=LARGEST)
        self.state["growth"] = torch.where(taken, 2.0, 2 * growth).clamp(max=LARGEST)

    def _follow_radius(
        self, way: Proposal, tried: TriedStep, gain: Tensor, taken: Tensor, far: Tensor
    ) -> None:
        """Change the radius by the gain, and with it mu."""
        length, radius, begun = _size(way.d, self.state["units"]), self.state["radius"], self.state["begun"]
        radius = torch.where(begun == 0, torch.minimum(radius, length), radius)
        radius, mu = next_radius(radius, length, gain, tried.fall, way.slope, way.mu, far)
        self.state["radius"] = radius
        self.state["begun"] = torch.where(taken, 1.0, begun)
        self.state["mu"] = torch.where(self._radius, mu.clamp(max=LARGEST), self.state["mu"])


def _flags(values: list[bool], like: Tensor) -> Tensor:
    return torch.tensor(values, device=like.device)


def _size(v: Tensor, units: Tensor | None) -> Tensor:
    """Return ||D v||, shape (R,), for v (R, p)."""
    return (v if units is None else units * v).norm(dim=1)


def _by_kernel(linear: Linearization, mu: Tensor, root: Tensor | None, z: Tensor) -> Proposal:
    """Propose a step from the Cholesky factorization of S + mu I, for p >= n."""
    kernel = weighted(linear.kernel(), root)
    used = torch.maximum(mu, resolution(kernel.diagonal(dim1=1, dim2=2)))
    damped = kernel.clone()
    damped.diagonal(dim1=1, dim2=2).add_(used[:, None])
    factor, trouble = torch.linalg.cholesky_ex(damped)

    def inverse(z: Tensor) -> Tensor:
        v = torch.cholesky_solve(z[:, :, None], factor)[:, :, 0]
        return torch.where((trouble == 0)[:, None], v, torch.nan)

    def solve(z: Tensor) -> Tensor:
        v = inverse(z)
        return linear.vjp(v if root is None else root * v)

    change = (kernel @ inverse(z)[:, :, None])[:, :, 0]
    return Proposal(solve(z), *_fall(change, z), mu, used, torch.full_like(mu, torch.nan), solve)


def _by_modes(linear: Linearization, mu: Tensor, root: Tensor | None, z: Tensor) -> Proposal:
    """Propose a step from the singular values of B, for p < n."""
    b = weighted_jacobian(linear, root)
    return _by_columns(b, torch.ones_like(b[:, 0]), z, lambda *_: mu)


def _by_columns(
    b: Tensor, units: Tensor, z: Tensor, choose: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> Proposal:
    """Propose a step from the singular values of B D^-1.

    Args:
        b: B, shape (R, n, p).
        units: D, shape (R, p).
        z: Weighted residual, shape (R, n).
        choose: Returns mu (R,) for singular values (R, k), coefficients of z (R, k), and the squared singular
            value up to which all is rounding (R,).
    """
    vectors, singular, right = decomposition(b / units[:, None])
    floor = jacobian_resolution(singular, max(b.shape[1:]))

    def along(z: Tensor) -> Tensor:
        return (vectors.mT @ z[:, :, None])[:, :, 0]

    c = along(z)
    mu = choose(singular, c, floor)
    used = torch.maximum(mu, floor)
    damps = (mu >= floor)[:, None] | (singular.square() > floor[:, None])
    damped = torch.where(damps, singular / (singular.square() + mu[:, None]), 0.0)

    def solve(z: Tensor) -> Tensor:
        return (right.mT @ (damped * along(z))[:, :, None])[:, :, 0] / units

    left = torch.where(singular.square() > floor[:, None], c, 0.0).norm(dim=1) / z.norm(dim=1)
    return Proposal(solve(z), *_fall(singular * damped * c, c), mu, used, left, solve)


def _fall(change: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return c . z - 1/2 ||c||^2 and c . z, each (R,), for a fall c of weighted u, shape (R, n)."""
    slope = (z * change).sum(1)
    return slope - 0.5 * change.square().sum(1), slope
