"""How much a step of an experiment computes: what decides where it runs, before anything is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gnviz.experiment.experiment import Experiment
    from gnviz.experiment.network import Network

LITTLE = 2**21
"""Multiplications in a gradient, a kernel and an eigendecomposition of all runs up to which machine code for
one run at a time is faster than operators on all of them, and a CPU than a GPU, which each operator has to be
launched on; beyond, matrix products pay for their calls."""


def step_work(runs: int, samples: int, parameters: int) -> int:
    """Return R n (p + n^2), the size of a step of all runs.

    Args:
        runs: R.
        samples: n.
        parameters: p.
    """
    return runs * samples * (parameters + samples * samples)


def parameters_of(net: Network, inputs: int) -> int:
    """Return p of a network with so many numbers in x."""
    return net.width * (inputs + 2) + (net.depth - 1) * net.width * (net.width + 1)


def seems_little(experiment: Experiment) -> bool:
    """Return whether a step is at most `LITTLE`, as far as the knobs tell, which know no table's size."""
    kind = experiment.data.choice
    if not hasattr(kind, "n"):
        return False
    parameters = parameters_of(experiment.network, getattr(kind, "d", 2))
    return step_work(len(experiment.runs), kind.n, parameters) <= LITTLE
