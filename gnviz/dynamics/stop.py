"""How a clock says that it brings a run no further."""

from __future__ import annotations

from typing import NamedTuple

from gnviz.results import Status


class Stop(NamedTuple):
    """Where and why a run ended before the moment that it was to be brought to.

    Attributes:
        time: Flow time, or step number, that it reached.
        status: What this makes of the run.
        why: The reason, in plain words that continue "stopped at t = 1: ".
        collapsed: Whether a singular value of B is what has sunk into rounding.
    """

    time: float
    status: Status
    why: str
    collapsed: bool = False
