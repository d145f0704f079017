"""The predictor over the plane of two inputs: what a curve along the grid is for one.

It costs a thousand evaluations of the model, where a step takes n: so it is looked at at some of the moments,
in the precision of the run, and kept in single precision.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.diagnostics import offset_at
from gnviz.problem.build import Problem

MOST_LOOKS = 40
"""Moments at which the plane is looked at, evenly among all, beside the last."""

MOST_NUMBERS = 2**22
"""Numbers of all looks of all runs up to which there are so many: 16 MB in single precision."""


def stride(moments: int, runs: int, points: int) -> int:
    """Return every how many moments the plane is looked at.

    Args:
        moments: Of the time grid, T.
        runs: R.
        points: Of the plane.
    """
    return math.ceil(moments * max(1 / MOST_LOOKS, runs * points / MOST_NUMBERS))


class PredictorOnPlane:
    """Looks at the predictors of R runs over the plane of their two inputs; does nothing where there is none.

    Args:
        system: The runs.
        problem: Has the plane, of B rows and A columns.
        w0: Initial weights, shape (R, p).
        moments: Of the time grid, T.
    """

    def __init__(self, system: System, problem: Problem, w0: Tensor, moments: int) -> None:
        self._system, plane = system, problem.samples.plane
        self._shape = (len(plane.up), len(plane.across)) if plane else (0, 0)
        if plane:
            self._x = plane.inputs().to(system.x)
            self._stride = stride(moments, len(w0), len(self._x))
            self._offset = torch.cat([offset_at(system, problem, w[None], self._x) for w in w0])

    def look(self, index: int, w: Tensor, absent: np.ndarray, *, last: bool) -> np.ndarray | None:
        """Return u over the plane, shape (R, B, A), float32, NaN for absent runs; None where nothing is due.

        Args:
            index: Position of the moment in the time grid.
            w: Weights there, shape (R, p).
            absent: Runs that have ended before, bool, shape (R,).
            last: Whether no run goes on, so that no other moment follows.
        """
        if not all(self._shape) or (index % self._stride and not last):
            return None
        out = np.full((len(w), *self._shape), np.nan, dtype=np.float32)
        for run in np.flatnonzero(~absent).tolist():  # one by one: a thousand samples of a wide network
            f = self._system.model.outputs(w[run : run + 1], self._x) - self._offset[run]
            out[run] = (self._system.alpha[run] * f).float().cpu().numpy().reshape(self._shape)
        return out
