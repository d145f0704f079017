"""Steps from several starts, side by side, until nothing moves any more."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from gnviz.dynamics.simulate import simulate
from gnviz.experiment import Experiment
from gnviz.problem.own import OwnProblem
from gnviz.results import Status

EVERY = 20
"""Steps between two looks at whether the weights have come to rest."""


@dataclass(frozen=True)
class AtRest:
    """Where S starts led.

    Attributes:
        weights: The last ones that are numbers, shape (S, p).
        loss: There, shape (S,).
        steps: Taken until then, a multiple of `EVERY`, shape (S,).
        status: A word for each start: the run's own where it ended; "at rest" or "moving" where it did not.
    """

    weights: np.ndarray
    loss: np.ndarray
    steps: np.ndarray
    status: tuple[str, ...]


def run_to_rest(problem: OwnProblem, method: str, steps: int) -> AtRest:
    """Take steps in float64 on the CPU until the weights of no start moved between two looks.

    Args:
        problem: With its S starts, and at most 64 parameters.
        method: A method of the steps clock, in gnviz's spelling.
        steps: Most steps, in full multiples of `EVERY`.

    Returns:
        Where each start led.

    Raises:
        KnobError: There is no such method, or it does not go in steps.
    """
    looks = max(steps // EVERY, 1) + 1
    values = {"methods": [method], "device": "cpu", "clock.kind": "steps", "clock.spacing": "linear"}
    # one look more than is taken: at the last one of all, the best loss would be searched for
    values |= {"clock.steps": looks * EVERY, "clock.snapshots": looks + 1}
    last = np.full(problem.starts.shape, np.nan)
    loss, rest = np.full(len(last), np.nan), np.zeros(len(last), dtype=int)
    status = ()
    for snapshot in islice(simulate(Experiment().replace(values), problem=problem), looks):
        assert snapshot.weights is not None, f"{problem.name} has more parameters than are recorded"
        moved = (snapshot.weights != last).any(1) & np.isfinite(snapshot.weights).all(1)
        last[moved], loss[moved], rest[moved] = snapshot.weights[moved], snapshot.loss[moved], snapshot.time
        status = tuple(map(_word, snapshot.status, moved))
        if not moved.any():
            break
    return AtRest(last, loss, rest, status)


def _word(status: str, moved: bool) -> str:
    if status != Status.RUNNING:
        return str(status)
    return "moving" if moved else "at rest"
