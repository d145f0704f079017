"""From first to second order, or back, after the remark on hybrid optimizers of arXiv 2412.14031."""

from __future__ import annotations

from typing import Any

import param

from gnviz.methods.base import Schedule, ScheduleInputs

ORDERS = ("first-to-second", "second-to-first")


class Hybrid(Schedule):
    """Between gradient flow and damped Gauss-Newton, smoothly in log rho.

    The law is rho = floor^z, with z rising from 0 to 1: z = t / (t + switch) by time, z = switch /
    (switch + loss) by loss, so that rho is the geometric mean of 1 and floor where time or loss equals
    `switch`. Second to first order is rho = floor^(1 - z). The law is derived: any smooth one would do.
    """

    label = "hybrid"
    title = "Hybrid: one order, then the other"
    color = "#6f9a2a"
    rank = 6
    needs_loss = True
    formula = "ρ = floor^z, z = switch/(switch + loss) or t/(t + switch)"
    meaning = "gradient flow far from the target, Gauss-Newton near it (or the reverse), without a jump"

    order = param.Selector(
        default="first-to-second", objects=list(ORDERS), doc="Which order comes first and which last."
    )
    by = param.Selector(default="loss", objects=["loss", "time"], doc="What drives the change.")
    switch = param.Number(
        0.1,
        bounds=(1e-30, 1e16),
        softbounds=(1e-10, 1e4),
        doc="Loss, or time, at which ρ is halfway (√floor).",
    )
    floor = param.Number(
        1e-3, bounds=(1e-15, 1.0), softbounds=(1e-8, 1.0), doc="The blend ρ at the second-order end."
    )

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return floor^z or floor^(1 - z)."""
        if self.by == "time":
            done = seen.time / (seen.time + self.switch)
        else:
            done = self.switch / (self.switch + seen.loss)
        return self.floor ** (done if self.order == ORDERS[0] else 1 - done)
