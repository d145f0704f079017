"""Constant damping."""

from typing import Any

import param

from gnviz.methods.base import Schedule, ScheduleInputs


class Constant(Schedule):
    """A fixed blend: r_i = lambda_i / (rho + (1 - rho) lambda_i)."""

    label = "constant"
    title = "Constant damping"
    color = "#9b6dd6"
    rank = 1
    formula = "ρ fixed"
    steady = True
    meaning = "modes with λᵢ well above ρ decay at rate about 1, the others at λᵢ/ρ"

    rho = param.Number(
        0.01,
        bounds=(1e-15, 1.0),
        softbounds=(1e-8, 1.0),
        doc="The blend ρ: 1 is gradient flow, towards 0 Gauss-Newton.",
    )

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return the fixed rho."""
        return 0 * seen.time + self.rho
