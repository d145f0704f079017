"""Where tensors live: on the CPU or on a GPU, and what happens where that is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gnviz.experiment import Experiment
from gnviz.experiment.work import LITTLE
from gnviz.knobs import KnobError


def device(experiment: Experiment, work: int) -> torch.device:
    """Return an experiment's device: `auto` takes CUDA where a step is more than `LITTLE`.

    Args:
        experiment: What is to run.
        work: R n (p + n^2), the size of a step of all its runs.

    Raises:
        KnobError: CUDA is asked for where there is none.
    """
    available, name = torch.cuda.is_available(), experiment.device
    if name == "cuda" and not available:
        raise KnobError("device = 'cuda' is not available on this machine; allowed are 'cpu' and 'auto'")
    large = name == "auto" and work > LITTLE and experiment.engine != "compiled"
    return torch.device("cuda" if available and (name == "cuda" or large) else "cpu")


@contextmanager
def within_memory() -> Iterator[None]:
    """Turn the end of a GPU's memory into advice.

    Raises:
        KnobError: What was done inside needs more.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        what = str(error).partition(". GPU")[0]
        raise KnobError(
            f"the GPU's memory is not enough for this experiment ({what}): lower network.width, data.n or "
            "ensemble.seeds, or compute on the CPU (device = 'cpu')",
            {"device": "cpu"},
        ) from None
