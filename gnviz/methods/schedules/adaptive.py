"""Curvature-aware (adaptive) damping, after the corollary on adaptive damping of arXiv 2412.14031."""

from typing import Any

import param

from gnviz.methods.base import Schedule, ScheduleInputs


class Adaptive(Schedule):
    """Levenberg-Marquardt damping mu_t = c lambda_min(K_t), so rho = mu / (1 + mu).

    Every rate is then at least 1 / (1 + c), whatever lambda_min is.
    """

    label = "adaptive"
    title = "Adaptive damping"
    color = "#009E73"
    rank = 2
    formula = "ρ = c·λmin / (1 + c·λmin)"
    meaning = "every mode decays at a rate of at least 1/(1 + c), whatever λmin is"
    needs_spectrum = True

    c = param.Number(
        1.0,
        bounds=(1e-6, 1e6),
        softbounds=(1e-3, 1e3),
        doc="Damping in units of the kernel's smallest eigenvalue.",
    )

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return c lambda_min / (1 + c lambda_min)."""
        return self._blend(seen.lambda_min)

    def worst_rho(self, rho: Any, smallest: Any) -> Any:
        """Return the blend at `smallest`: r_min = (1 + c lambda_min) / (1 + c) grows with lambda_min."""
        return self._blend(smallest)

    def _blend(self, lambda_min: Any) -> Any:
        mu = self.c * lambda_min
        return mu / (1 + mu)
