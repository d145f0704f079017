"""Many searches for a small squared loss, advanced as one batch.

Each is Levenberg-Marquardt in the metric D = diag(max over its iterations of ||J_j||) of More (1978), whose
step v solves (J^T J + mu D^2) v = -J^T r, with the geodesic acceleration of Transtrum and Sethna (2012): the
correction a = -(J^T J + mu D^2)^{-1} J^T r_vv, r_vv the second derivative of r along v, is half added where
it is short beside v. It follows the curved valleys of networks in a third of the steps. The equations are
solved in their normal form, which halves the digits: enough to choose among starts, and what a search found
is only ever a loss that was evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.linearized.system import System, predict

FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-2, 1e-13, 1e12
"""mu at the start, and its bounds: J^T J with columns of length 1 is rounded by about 1e-14."""

HARDER, EASIER = 2.0, 3.0
"""Factors of mu after a step that was refused, and after one as good as predicted."""

GOOD, POOR = 0.75, 0.25
"""Fall of the loss over the predicted one, above which mu falls, and below which it rises."""

PROBE = 0.1
"""Of v: where r is evaluated for its second derivative along v."""

MOST_CURVED = 0.75
"""2 ||D a|| / ||D v|| up to which the acceleration is trusted; Transtrum and Sethna's."""

CHECKED = 10
"""Iterations after which it is seen whether any search still moves."""

REST = 1e-10
"""Fall of the loss over the loss, predicted and found, up to which a search has come to rest at a step.

So it has where its loss is not finite, or eps^2 of what it began with: 0, but for rounding."""


class Descent(Protocol):
    """What moves searches: an engine's functions of the residual."""

    def advance(self, searches: Searches, iterations: int, tick: Tick) -> Searches:
        """Return searches after some iterations of the scheme above, or fewer where one has come to rest.

        Args:
            searches: Where they stand.
            iterations: Each evaluates the outputs three times, and their Jacobian once.
            tick: Called every few of them; it may raise.
        """
        ...

    def residual(self, one: System, w: np.ndarray) -> np.ndarray:
        """Return u - y (n,) of one run's class at weights w (p,)."""
        ...

    def jacobian(self, one: System, w: np.ndarray) -> np.ndarray:
        """Return du/dw (n, p) of one run's class at weights w (p,)."""
        ...


CHANGING = ("w", "residual", "loss", "scale", "damping", "rest")
"""What of `Searches` there is one of for each."""


@dataclass(frozen=True)
class Searches:
    """Where R searches stand.

    Attributes:
        system: Their class each: R runs with squared loss.
        w: Weights, shape (R, p).
        residual: u - y, shape (R, n).
        loss: 1/2 ||u - y||^2, infinite where it is not finite, shape (R,).
        scale: D, shape (R, p).
        damping: mu, shape (R,).
        rest: Whether its last step brought next to nothing; it takes no more, bool, shape (R,).
    """

    system: System
    w: Tensor
    residual: Tensor
    loss: Tensor
    scale: Tensor
    damping: Tensor
    rest: Tensor

    @classmethod
    def at(cls, system: System, w: Tensor) -> Searches:
        """Return searches that start from weights w, shape (R, p)."""
        residual, loss = _evaluate(system, w)
        damping = torch.full_like(loss, FIRST_DAMPING)
        return cls(system, w, residual, loss, torch.zeros_like(w), damping, loss.isinf())

    def select(self, which: Tensor) -> Searches:
        """Return some of the searches, given by index."""
        return Searches(
            self.system.select(which),
            *(getattr(self, name)[which] for name in CHANGING),
        )

    def put(self, which: Tensor, some: Searches) -> Searches:
        """Return the searches with some of them, given by index, replaced."""
        return Searches(
            self.system,
            *(getattr(self, name).index_copy(0, which, getattr(some, name)) for name in CHANGING),
        )

    def advance(self, iterations: int, tick: Tick) -> Searches:
        """Return the searches after some iterations, or fewer if all have come to rest.

        Args:
            iterations: Each evaluates the outputs three times, and their Jacobian once.
            tick: Called before each of them; it may raise.
        """
        here, nothing = self, torch.finfo(self.loss.dtype).eps ** 2 * self.loss
        for i in range(1, iterations + 1):
            tick()
            here = here._step()
            if i % CHECKED == 0 and (here.rest | (here.loss <= nothing)).all():
                break
        return here

    def _step(self) -> Searches:
        """Return the searches after one step, taken where it lowers the loss."""
        s = self.system
        j = s.alpha[:, None, None] * s.model.linearize(self.w, s.x).jacobian()
        scale = torch.maximum(self.scale, j.norm(dim=1)).clamp(min=torch.finfo(j.dtype).tiny)
        j = j / scale[:, None]
        factor = self._factor(j)
        v = _solve(factor, j, self.residual)
        slope = (j @ v[:, :, None])[:, :, 0]
        w = self.w + (v + self._acceleration(factor, j, v, slope, scale)) / scale
        residual, loss = _evaluate(s, w)
        predicted = 0.5 * slope.square().sum(1) + self.damping * v.square().sum(1)
        better, little = (loss < self.loss) & ~self.rest, REST * self.loss
        return Searches(
            s,
            torch.where(better[:, None], w, self.w),
            torch.where(better[:, None], residual, self.residual),
            torch.where(better, loss, self.loss),
            torch.where(self.rest[:, None], self.scale, scale),
            self._damping(better, (self.loss - loss) / predicted),
            self.rest | ((predicted <= little) & (self.loss - loss <= little)),
        )

    def _factor(self, j: Tensor) -> Tensor:
        """Return the Cholesky factor of J^T J + mu I, NaN where there is none, shape (R, p, p)."""
        normal = j.mT @ j
        normal.diagonal(dim1=1, dim2=2).add_(self.damping[:, None])
        factor, failed = torch.linalg.cholesky_ex(normal)
        return torch.where((failed == 0)[:, None, None], factor, torch.nan)

    def _acceleration(self, factor: Tensor, j: Tensor, v: Tensor, slope: Tensor, scale: Tensor) -> Tensor:
        """Return a / 2 where it is short beside v, else 0, shape (R, p); r_vv by a one-sided difference."""
        there = _evaluate(self.system, self.w + PROBE * v / scale)[0]
        curved = 2 / PROBE * ((there - self.residual) / PROBE - slope)
        a = _solve(factor, j, curved)
        short = 2 * a.norm(dim=1) <= MOST_CURVED * v.norm(dim=1)
        return torch.where(short[:, None], a / 2, 0.0)

    def _damping(self, better: Tensor, gain: Tensor) -> Tensor:
        easier = torch.where(gain > GOOD, self.damping / EASIER, self.damping)
        harder = ~better | (gain < POOR)
        return torch.where(harder, self.damping * HARDER, easier).clamp(LEAST_DAMPING, MOST_DAMPING)


class TorchDescent:
    """All searches as one batch."""

    def advance(self, searches: Searches, iterations: int, tick: Tick) -> Searches:
        """Advance until all have come to rest."""
        return searches.advance(iterations, tick)

    def residual(self, one: System, w: np.ndarray) -> np.ndarray:
        """Evaluate the outputs."""
        return _evaluate(one, _weights(one, w))[0][0].cpu().numpy()

    def jacobian(self, one: System, w: np.ndarray) -> np.ndarray:
        """Differentiate the outputs."""
        return (one.alpha * one.model.linearize(_weights(one, w), one.x).jacobian()[0]).cpu().numpy()


def _weights(one: System, w: np.ndarray) -> Tensor:
    """Return w (p,) in torch's own memory, shape (1, p): BLAS rounds by how an array is aligned."""
    return torch.tensor(w).to(one.x)[None]


def _evaluate(system: System, w: Tensor) -> tuple[Tensor, Tensor]:
    """Return u - y, shape (R, n), and the loss, infinite where it is not finite, shape (R,)."""
    residual = predict(system, system.model.outputs(w, system.x)) - system.y
    loss = 0.5 * residual.square().sum(1)
    return residual, torch.where(loss.isfinite(), loss, torch.inf)


def _solve(factor: Tensor, j: Tensor, r: Tensor) -> Tensor:
    """Return -(L L^T)^{-1} J^T r, shape (R, p), for L (R, p, p) and r (R, n)."""
    return -torch.cholesky_solve(j.mT @ r[:, :, None], factor)[:, :, 0]
