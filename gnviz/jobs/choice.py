"""Where runs go unless somebody says otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gnviz.jobs.gpus import RunnerWithGpus, usable_gpus
from gnviz.jobs.local import LocalRunner, cores
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    from gnviz.jobs.base import Runner

SCHEDULER = "GNVIZ_SCHEDULER"
"""Environment variable with the address of a Dask scheduler, such as tcp://host:8786."""


def usual_runner(
    workers: int | None = None,
    threads: int | None = None,
    *,
    answered: bool = True,
    turn: float | None = None,
) -> Runner:
    """Return a runner on the Dask cluster that the environment names, else one of this machine.

    Args:
        workers: Most processes of this machine at a time, beside one for each GPU; None: one a core.
        threads: Threads that torch uses in each; None: one less than there are cores.
        answered: Whether to wait until the cluster has answered, some seconds at most; otherwise a job says
            that it has not.
        turn: Seconds after which a run on this machine is held while others wait; None: never.

    Raises:
        KnobError: A cluster is named, but Dask is not installed, or that is no address.
        ConnectionError: The cluster does not answer.
    """
    address = os.environ.get(SCHEDULER, "").strip()
    if not address:
        return local_runner(workers or cores(), threads, turn)
    try:
        from gnviz.jobs.dask import DaskRunner
    except ImportError as error:
        raise KnobError(
            f"{SCHEDULER} = {address!r} needs Dask ({error}): python -m pip install 'gnviz[dask]'"
        ) from None
    runner = DaskRunner(address)
    if answered:
        runner.connect()
    return runner


def local_runner(workers: int, threads: int | None, turn: float | None) -> LocalRunner | RunnerWithGpus:
    """Return a runner of this machine, with one worker more for each of its GPUs.

    Args:
        workers: Most processes that compute on the CPU at a time.
        threads: Threads that torch uses in each; None: one less than there are cores.
        turn: Seconds after which a run on the CPU is held while others wait; None: never.
    """
    gpus = usable_gpus()
    if not gpus:
        return LocalRunner(workers=workers, threads=threads, turn=turn)
    cpu = LocalRunner(workers=workers, threads=threads, turn=turn, gpus=())
    return RunnerWithGpus(cpu, LocalRunner(threads=threads, gpus=gpus))
