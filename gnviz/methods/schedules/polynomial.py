"""Polynomial decay of the damping."""

from __future__ import annotations

from typing import Any

import param

from gnviz.methods.base import Schedule, ScheduleInputs


class Polynomial(Schedule):
    """From `start` to `floor` as a power of time: rho_t = floor + (start - floor) (1 + t)^(-power)."""

    label = "polynomial"
    title = "Polynomial decay"
    color = "#d6569b"
    rank = 5
    formula = "ρ = floor + (start − floor)·(1 + t)^(−power)"
    meaning = "damped at first, Gauss-Newton later: the damping falls as a power of time to its floor"

    start = param.Number(1.0, bounds=(1e-15, 1.0), softbounds=(1e-6, 1.0), doc="The blend ρ at t = 0.")
    floor = param.Number(
        1e-6, bounds=(1e-15, 1.0), softbounds=(1e-8, 1.0), doc="The blend ρ that is approached."
    )
    power = param.Number(2.0, bounds=(0.01, 100.0), softbounds=(0.1, 10.0), doc="Exponent of the decay.")

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return floor + (start - floor) (1 + t)^(-power)."""
        return self.floor + (self.start - self.floor) * (1 + seen.time) ** -self.power
