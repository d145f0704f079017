"""A checkpoint's arrays in the place of a run's own: checked, as machine code trusts its indices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gnviz.dynamics.compiled.code.codes import SOLVERS
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.flow.scheme import Refusal
from gnviz.dynamics.flow.state import PAST
from gnviz.dynamics.kept import damaged_unless, fitting

COUNTS = {
    at.NOW: 3, at.BEFORE: 3, at.COUNT: PAST + 1, at.SOLVER: len(SOLVERS), at.REFUSAL: len(Refusal),
    at.NEW_REFUSAL: len(Refusal),
}  # fmt: skip
"""What of `num` stands for one of so many things."""


def restore(own: Mapping[str, np.ndarray], kept: Mapping[str, np.ndarray]) -> None:
    """Put the arrays that a checkpoint kept into those of new runs, for which all settings are made.

    Raises:
        KnobError: They are damaged.
    """
    found = fitting(kept, own)
    num, mine = found["num"], own["num"]
    same = np.array_equal(num[:, : at.SETTINGS], mine[:, : at.SETTINGS], equal_nan=True)
    damaged_unless(same, "its runs are set otherwise")
    for slot, count in COUNTS.items():
        damaged_unless(bool(np.isin(num[:, slot], range(count)).all()), f"num has no such number at {slot}")
    for name, array in own.items():
        array[...] = found[name]
