"""What is minimized."""

from __future__ import annotations

from gnviz.knobs.kinds import Choice, Named
from gnviz.losses import LOSSES


class Loss(Choice):
    """What is minimized: a convex loss g(u) of the predictions u, and the knobs of all losses."""

    registry = LOSSES

    kind = Named(
        "squared",
        LOSSES,
        bare=True,
        doc="The loss. logistic takes two-valued targets; made targets are replaced by their sign.",
    )
