"""What is fitted."""

from __future__ import annotations

from gnviz.data import DATA_SETS
from gnviz.knobs.kinds import Choice, Named


class Data(Choice):
    """What is fitted: inputs x of shape (n, d) and targets y of shape (n,), and all data sets' knobs."""

    registry = DATA_SETS

    kind = Named("circle", DATA_SETS, bare=True, doc="Where inputs and targets come from.")
