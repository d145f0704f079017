"""Exponential decay of the damping."""

from __future__ import annotations

import math
from typing import Any

import param

from gnviz.methods.base import Schedule, ScheduleInputs


class Exponential(Schedule):
    """From `start` to `floor` at a fixed rate: rho_t = floor + (start - floor) e^(-rate t)."""

    label = "exponential"
    title = "Exponential decay"
    color = "#b8860b"
    rank = 4
    formula = "ρ = floor + (start − floor)·exp(−rate·t)"
    meaning = "damped at first, Gauss-Newton later: the damping decays exponentially to its floor"

    start = param.Number(1.0, bounds=(1e-15, 1.0), softbounds=(1e-6, 1.0), doc="The blend ρ at t = 0.")
    floor = param.Number(
        1e-3, bounds=(1e-15, 1.0), softbounds=(1e-8, 1.0), doc="The blend ρ that is approached."
    )
    rate = param.Number(
        1.0, bounds=(1e-12, 1e6), softbounds=(1e-4, 1e2), doc="Decay per unit of flow time, or per step."
    )

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return floor + (start - floor) e^(-rate t)."""
        return self.floor + (self.start - self.floor) * math.e ** (-self.rate * seen.time)
