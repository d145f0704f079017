"""What is measured and kept on request."""

from __future__ import annotations

import param

from gnviz.knobs import Group


class Observe(Group):
    """What is measured beside the schema's variables, at a price."""

    sharpness = param.Integer(
        0,
        bounds=(0, 10),
        doc="Leading eigenvalues of the loss's Hessian at every moment; each takes some ten gradients.",
    )
    weights = param.Selector(
        default="auto",
        objects=["auto", "ends", "all", "none"],
        doc="Weights to keep: at all moments, where each run ended (ends), or none; auto: all of up to 64 "
        "parameters, else ends where they are not too many.",
    )
    optimum = param.Boolean(
        True,
        doc="Search for the least loss in reach at the end, where there are fewer parameters than samples.",
    )
