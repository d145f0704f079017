"""When a trust region has come to rest: the tests of MINPACK (More 1978), each relative.

No test depends on the units of data or parameters. A tolerance of less than the precision's eps means eps.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz import experiment as definition


class Rest(IntEnum):
    """Why a run goes no further."""

    NONE = 0
    GRADIENT = 1
    STEP = 2
    FALL = 3
    FITTED = 4


class Tolerances(NamedTuple):
    """What is small enough: see the knobs of the same names.

    Attributes:
        gtol: The share of the residual that the weights can still change.
        xtol: The step over the weights, each in units of its own.
        ftol: The fall of the loss, actual and predicted, over the loss.
    """

    gtol: float
    xtol: float
    ftol: float

    @classmethod
    def of(cls, knobs: definition.Clock, dtype: torch.dtype) -> Tolerances:
        """Return an experiment's tolerances, none below the precision."""
        eps = torch.finfo(dtype).eps
        return cls(*(max(tol, eps) for tol in (knobs.gtol, knobs.xtol, knobs.ftol)))

    def words(self, rest: Rest) -> str:
        """Say why a run came to rest."""
        return {
            Rest.NONE: "",
            Rest.GRADIENT: "the weights can still change at most clock.gtol = "
            f"{self.gtol:.2g} of the residual",
            Rest.STEP: f"the step is at most clock.xtol = {self.xtol:.2g} of the weights",
            Rest.FALL: f"the loss falls by at most clock.ftol = {self.ftol:.2g} of itself, as predicted",
            Rest.FITTED: "the loss is rounding",
        }[rest]


class TriedStep(NamedTuple):
    """A step as the tests look at it, each of shape (R,).

    Attributes:
        loss: Before the step.
        fall, predicted: By how much the step would lower it, actually and by its model.
        changeable: Share of the residual that the weights can still change; NaN if not known.
        step: Norm of the step over that of the weights.
        fitted: Whether every sample is fitted to rounding before the step, bool.
    """

    loss: Tensor
    fall: Tensor
    predicted: Tensor
    changeable: Tensor
    step: Tensor
    fitted: Tensor


def at_rest(tried: TriedStep, tol: Tolerances) -> Tensor:
    """Return the number of the test that is passed, of several the last below; 0 for none, shape (R,)."""
    small = tol.ftol * tried.loss
    tests = {
        Rest.STEP: tried.step <= tol.xtol,
        Rest.FALL: (tried.predicted <= small) & (tried.fall.abs() <= small),
        Rest.GRADIENT: tried.changeable <= tol.gtol,
        Rest.FITTED: tried.fitted,
    }
    rest = torch.zeros_like(tried.loss)
    for why, passed in tests.items():  # the last one that is passed is told
        rest = torch.where(passed, float(why), rest)
    return rest
