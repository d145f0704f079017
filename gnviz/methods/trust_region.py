"""Levenberg-Marquardt steps whose damping follows how well the linear model predicted the loss."""

from __future__ import annotations

import param

from gnviz.methods.base import Method, Schedule
from gnviz.methods.schedules.gauss_newton import GaussNewton


class TrustRegion(Method):
    """w+ = w - (1/alpha) (J^T G J + mu D^2)^{-1} J^T e where that lowers the loss, else w; then mu changes.

    G is the loss's curvature, I for squared loss. D is diagonal: the largest norms so far of the columns of
    G^{1/2} J (More 1978), so that the fit does not depend on the parameters' units, or I. With D = I, the
    damping of arXiv 2412.14031, the step is -(1/alpha) J^T (K + mu I)^{-1} e for squared loss. The gain is
    the actual over the predicted fall of the loss. More (1978), as in MINPACK: mu makes ||D dw|| as long as
    a radius, which the gain changes; mu = 0 where the step is shorter anyway. Nielsen (1999): a step that is
    taken multiplies mu by max(1/3, 1 - (2 gain - 1)^3), one that is not by nu = 2, 4, 8, ... Marquardt
    (1963), in the form that Nielsen compares with: mu doubles where the gain is under 1/4 and falls to a
    third where it is over 3/4.
    The recorded rho is mu / (1 + mu); the step size is its own, so `clock.step_size` and `clock.step_rule` do
    not act on it.
    """

    label = "trust-region"
    title = "Trust region (Levenberg-Marquardt)"
    spoken = "trust region"
    color = "#5a73d6"
    rank = 10
    formula = "w ← w − (1/α)·(JᵀGJ + μD²)⁻¹Jᵀe if the loss falls; μ follows the gain"
    meaning = "Levenberg-Marquardt: more damping after a step that failed, less after a good one"
    clocks = ("steps",)
    own_steps = True

    damping = param.Number(
        1e-3,
        bounds=(1e-15, 1e6),
        softbounds=(1e-8, 1e2),
        doc="μ at the start; without scaling, in units of the largest diagonal entry of G^½ K G^½. A radius "
        "starts as MINPACK's instead.",
    )
    update = param.Selector(
        default="auto",
        objects=["auto", "nielsen", "marquardt"],
        doc="How μ follows the gain; auto: by a radius where D is that of the columns, else Nielsen's.",
    )

    scaling = param.Selector(
        default="auto",
        objects=["auto", "columns", "none"],
        doc="D: the columns' norms, or none (D = I); auto: columns, but none for a network of gnviz, whose "
        "weights share one unit and whose Jacobian need not be formed.",
    )
    acceleration = param.Boolean(
        False, doc="Follow the bend of the predictions to second order (Transtrum and Sethna 2012)."
    )

    def by_columns(self, shared_units: bool) -> bool:
        """Return whether D is that of the columns, for a model whose weights share one unit or do not."""
        return self.scaling == "columns" or (self.scaling == "auto" and not shared_units)

    def forms_jacobian(self, shared_units: bool) -> bool:
        """Return whether D is that of the columns."""
        return self.by_columns(shared_units)

    @property
    def schedule(self) -> Schedule:
        """Undamped; the steps clock records mu / (1 + mu) in its place."""
        return GaussNewton()
