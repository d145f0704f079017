"""Gradient flow: rho = 1."""

from typing import Any

from gnviz.methods.base import Schedule, ScheduleInputs


class GradientFlow(Schedule):
    """First order only: mode i decays at its own eigenvalue, r_i = lambda_i."""

    label = "gradient-flow"
    title = "Gradient flow"
    spoken = "gradient flow"
    spoken_in_steps = "gradient descent"
    color = "#1f83d6"
    rank = 0
    formula = "ρ = 1"
    steady = True
    first_order = True
    meaning = "gradient descent in continuous time; mode i decays at rate λᵢ"

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return 1."""
        return 0 * seen.time + 1
