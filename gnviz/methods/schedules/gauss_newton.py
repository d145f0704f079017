"""Pure Gauss-Newton: rho = 0."""

from typing import Any

from gnviz.methods.base import Schedule, ScheduleInputs


class GaussNewton(Schedule):
    """The minimum-norm Gauss-Newton direction: every resolved mode decays at rate 1."""

    label = "gauss-newton"
    title = "Pure Gauss-Newton"
    spoken = "Gauss-Newton"
    color = "#D55E00"
    rank = 3
    formula = "ρ → 0"
    meaning = "no damping: every mode above the kernel's resolution decays at rate 1"
    needs_spectrum = True
    undamped = True

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return 0."""
        return 0 * seen.time
