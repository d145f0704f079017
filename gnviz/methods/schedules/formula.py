"""A user's own formula for rho."""

from __future__ import annotations

from typing import Any

import param

from gnviz.knobs import KnobError, quoted
from gnviz.knobs.formulas import FormulaError, read
from gnviz.methods.base import Schedule, ScheduleInputs

NAMES = {
    "t": "time",
    "loss": "loss",
    "lambda_min": "lambda_min",
    "lambda_max": "lambda_max",
    "grad_norm": "grad_norm",
}
"""What a formula may use, by its name there and in `ScheduleInputs`."""


class Formula(Schedule):
    """The blend as a formula of t, loss, lambda_min, lambda_max and grad_norm = ||J^T e||.

    Values outside (0, 1] are clipped, and the run's status says that they were; a formula that has no
    value (NaN) ends the run.
    """

    label = "formula"
    title = "Your own formula"
    color = "#a0705a"
    rank = 7
    formula = "ρ = your formula of t, loss, lambda_min, lambda_max, grad_norm"
    meaning = "your own schedule, e.g. 0.5*exp(-t) or clip(lambda_min/loss, 1e-6, 1)"
    least = 1e-15

    rho = param.String("max(0.001, exp(-t))", constant=True, doc="The formula, e.g. 0.5*exp(-t).")

    def __init__(self, **values: Any) -> None:
        if "rho" in values:
            values["rho"] = " ".join(values["rho"].split())
        super().__init__(**values)
        try:
            names = read(self.rho, frozenset(NAMES)).names
        except FormulaError as error:
            raise KnobError(f"formula(rho) = {quoted(self.rho)} cannot be used: {error}") from None
        self.needs_spectrum = bool(names & {"lambda_min", "lambda_max"})
        self.needs_gradient = "grad_norm" in names
        self.needs_loss = "loss" in names

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return the formula's value, not clipped."""
        values = {name: getattr(seen, field) for name, field in NAMES.items()}
        return read(self.rho, frozenset(NAMES))(values, seen.time)
