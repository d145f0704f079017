"""Adam, after Kingma and Ba (2015), as `torch.optim.Adam` has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import param

from gnviz.methods.base import Method, Schedule
from gnviz.methods.schedules.gradient_flow import GradientFlow


class Adam(Method):
    """w+ = w - (eta/alpha) m / (sqrt(s) + eps), m and s the bias-corrected means of g = J^T e and g^2.

    Every weight moves by about eta/alpha in a step, whatever the gradient's size, so without
    `clock.step_size` eta is `weight_step` times alpha. Rates are recorded as for gradient descent.
    """

    label = "adam"
    title = "Adam"
    spoken = "Adam"
    color = "#d0453a"
    rank = 9
    formula = "w ← w − (η/α)·m/(√s + ε), m and s means of Jᵀe and its square"
    meaning = "every weight gets its own step size, from the gradients that it has seen"
    clocks = ("steps",)
    step_rules = ("fixed",)
    weight_step = 1e-3
    """How far a step moves a weight if no step size is set: torch's default."""

    beta1 = param.Number(0.9, bounds=(0.0, 0.9999), doc="Memory of the mean of the gradient.")
    beta2 = param.Number(0.999, bounds=(0.0, 0.999999), doc="Memory of the mean of its square.")
    eps = param.Number(
        1e-8, bounds=(1e-30, 1.0), softbounds=(1e-12, 1.0), doc="Added to the root of the mean square."
    )

    memory = ("mean", "square")

    @staticmethod
    def turn(d: Any, memory: Mapping[str, Any], knobs: Mapping[str, Any], step: int) -> Any:
        """Return m' / (sqrt(s') + eps), m' = m+ / (1 - beta1^k) and s' = s+ / (1 - beta2^k) after k steps."""
        beta1, beta2 = knobs["beta1"], knobs["beta2"]
        mean = memory["mean"].mul_(beta1).add_((1 - beta1) * d)
        square = memory["square"].mul_(beta2).add_((1 - beta2) * d * d)
        root = square.sqrt() / (1 - beta2**step).sqrt()
        return mean / (1 - beta1**step) / (root + knobs["eps"])

    def first_step(self, alpha: Any) -> Any:
        """Return `weight_step` alpha."""
        return self.weight_step * alpha

    @property
    def stretch(self) -> float:
        """Infinite: steps do not scale with the gradient."""
        return math.inf

    @property
    def schedule(self) -> Schedule:
        """First order: rho = 1."""
        return GradientFlow()
