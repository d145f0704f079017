"""Gradient descent with momentum, after Polyak (1964) and Nesterov (1983), as `torch.optim.SGD` has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import param

from gnviz.methods.base import Method, Schedule
from gnviz.methods.schedules.gradient_flow import GradientFlow


class Momentum(Method):
    """v+ = beta v + J^T e, w+ = w - (eta/alpha) v+; Nesterov's variant steps along J^T e + beta v+.

    Rates are recorded as for gradient descent: momentum keeps the modes and changes how fast they decay.
    """

    label = "momentum"
    title = "Momentum"
    color = "#1f9bb0"
    rank = 8
    formula = "v ← β·v + Jᵀe, w ← w − (η/α)·v"
    meaning = "gradient descent with a memory: about √κ steps where descent needs κ"
    clocks = ("steps",)
    step_rules = ("fixed", "stable")

    beta = param.Number(0.9, bounds=(0.0, 0.9999), doc="The share of the velocity that a step keeps.")
    nesterov = param.Boolean(False, doc="Whether to look ahead (Nesterov), or not (heavy ball).")

    memory = ("velocity",)

    @staticmethod
    def turn(d: Any, memory: Mapping[str, Any], knobs: Mapping[str, Any], step: int) -> Any:
        """Return v+ or, after Nesterov, J^T e + beta v+."""
        velocity = memory["velocity"].mul_(knobs["beta"]).add_(d)
        return (d + knobs["beta"] * velocity).where(knobs["nesterov"] > 0, velocity)

    @property
    def schedule(self) -> Schedule:
        """First order: rho = 1."""
        return GradientFlow()

    @property
    def stretch(self) -> float:
        """Largest stable step size over that of gradient descent, 2 / lambda_max.

        1 + beta for the heavy ball and (1 + beta) / (1 + 2 beta) for Nesterov's variant, from the root -1 of
        the characteristic polynomial of one mode (derived).
        """
        return (1 + self.beta) / (1 + 2 * self.beta) if self.nesterov else 1 + self.beta
