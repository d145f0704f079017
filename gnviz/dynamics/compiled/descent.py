"""Searches for a small squared loss in machine code, one by one; see `measure.searches`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.compiled.code.entry import residual_and_slopes, search
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.compiled.models import compiled_model
from gnviz.dynamics.compiled.runs import runs_of, states
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.searches import CHECKED, Searches


class CompiledDescent:
    """Moves searches one by one, each until it has come to rest; see `measure.searches.Descent`.

    Args:
        system: The runs in whose classes is searched, which the compiled engine covers.
        w0: Any weights of them, shape (R, p).
    """

    def __init__(self, system: System, w0: Tensor) -> None:
        self._model = compiled_model(system.model)
        first, settings = system.select(torch.tensor([0])), np.zeros((1, at.SETTINGS - at.FIRST_SOLVER))
        scratch = states(1, len(system.y), self._model)
        (self._run,) = runs_of(first, self._model, w0[:1], 1.0, settings, scratch)

    def advance(self, searches: Searches, iterations: int, tick: Tick) -> Searches:
        """Return searches after some iterations each, or fewer where one has come to rest.

        Args:
            searches: Where they stand.
            iterations: Each evaluates the outputs three times, and their Jacobian once.
            tick: Called every `CHECKED` of them; it may raise.
        """
        alpha, offset = searches.system.alpha.numpy(), searches.system.offset.numpy()
        w, scale = (self._model.inward(q.numpy()) for q in (searches.w, searches.scale))
        residual, loss = searches.residual.numpy().copy(), searches.loss.numpy()
        numbers = np.stack([loss, loss, searches.damping.numpy(), np.isfinite(loss)], axis=1)
        for done in range(0, iterations, CHECKED):
            tick()
            some = min(CHECKED, iterations - done)
            if not search(self._run, alpha, offset, w, residual, scale, numbers, some):
                break
        _, loss, damping, moves = numbers.T
        return replace(
            searches,
            w=torch.from_numpy(self._model.outward(w)),
            residual=torch.from_numpy(residual),
            loss=torch.from_numpy(loss.copy()),
            scale=torch.from_numpy(self._model.outward(scale)),
            damping=torch.from_numpy(damping.copy()),
            rest=torch.from_numpy(moves == 0),
        )

    def residual(self, one: System, w: np.ndarray) -> np.ndarray:
        """Evaluate the outputs of one run's class at weights w (p,); return u - y, shape (n,)."""
        return self._look(one, w, 0)[0]

    def jacobian(self, one: System, w: np.ndarray) -> np.ndarray:
        """Differentiate the outputs of one run's class at weights w (p,); return du/dw, shape (n, p)."""
        return self._model.outward(self._look(one, w, len(one.y))[1])

    def _look(self, one: System, w: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return u - y (n,) and so many rows of du/dw, in the order that weights have in `vec`."""
        self._run.num[at.ALPHA], self._run.mode[at.OFFSET] = one.alpha.item(), one.offset[0]
        slopes = np.empty((rows, len(w)))
        return residual_and_slopes(self._run, self._model.inward(w), slopes), slopes


def rehearse(system: System, w0: Tensor) -> None:
    """Do all of it once, so that it is compiled, or loaded from disk.

    Args:
        system: A run or more.
        w0: Weights of them, shape (R, p).
    """
    descent = CompiledDescent(system, w0)
    one = system.select(torch.tensor([0]))
    descent.jacobian(one, w0[0].numpy())
    descent.advance(Searches.at(one, w0[:1]), 1, lambda: None)
