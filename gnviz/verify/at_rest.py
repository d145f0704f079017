"""Steps from several starts, side by side, to where each comes to rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.problem.user.make import UserProblem


@dataclass(frozen=True)
class AtRest:
    """Where S starts led.

    Attributes:
        weights: Where each run ended, shape (S, p).
        loss: There, shape (S,).
        steps: Taken until then, shape (S,).
        status: A word for each run.
        text: A sentence for each run.
    """

    weights: np.ndarray
    loss: np.ndarray
    steps: np.ndarray
    status: tuple[str, ...]
    text: tuple[str, ...]


def run_to_rest(problem: UserProblem, method: str, steps: int) -> AtRest:
    """Take steps in float64 on the CPU until every start has come to rest.

    Args:
        problem: With its S starts.
        method: A method of the steps clock, in gnviz's spelling.
        steps: Most steps.

    Returns:
        Where each start led.

    Raises:
        KnobError: There is no such method, or it does not go in steps.
    """
    values = {"methods": [method], "device": "cpu", "clock.kind": "steps", "clock.steps": steps}
    values |= {"clock.snapshots": 12, "observe.weights": "ends", "observe.optimum": False}
    ds = run(Experiment().replace(values), problem)
    words, sentences = (tuple(map(str, ds[name].values)) for name in ("status", "status_text"))
    return AtRest(ds.end_weights.values, ds.end_loss.values, ds.end_time.values.astype(int), words, sentences)
