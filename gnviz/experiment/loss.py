"""What is minimized."""

from __future__ import annotations

import param

from gnviz.knobs import Group

LOSSES = {
    "squared": "½‖u − y‖²",
    "log-cosh": "Σ log cosh(u − y): robust, absolute error far out",
    "pseudo-huber": "robust, absolute error beyond loss.delta",
    "logistic": "classification: Σ log(1 + exp(−y u)), labels −1 and 1",
    "weighted": "squared with weights from 1 to 1/loss.condition: ill-conditioned on purpose",
}


class Loss(Group):
    """What is minimized: a convex loss g(u) of the predictions u."""

    kind = param.Selector(
        default="squared",
        objects=list(LOSSES),
        doc="The loss. logistic takes two-valued targets; made targets are replaced by their sign.",
    )
    delta = param.Number(
        1.0, bounds=(1e-3, 1e3), doc="Residual beyond which the error counts as absolute (pseudo-huber)."
    )
    condition = param.Number(
        1e3,
        bounds=(1.0, 1e12),
        doc="Ratio of the largest to the smallest weight, falling geometrically over the samples (weighted).",
    )
