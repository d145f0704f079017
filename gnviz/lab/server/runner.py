"""The process-wide pool of workers that all sessions of a server share."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from gnviz.experiment.limits import limits
from gnviz.jobs.choice import usual_runner
from gnviz.jobs.local import cores

if TYPE_CHECKING:
    from gnviz.jobs import Runner

LEAST_WORKERS = 4
"""Paced runs mostly sleep, so that several visitors fit on few cores; each worker holds about 300 MB."""


TURN = 2.0
"""Seconds of a run before it steps back where other visitors wait: most runs of the page take far less."""


@functools.cache
def shared_runner() -> Runner:
    """Return the pool, made when it is first asked for, with one worker warm.

    It is the Dask cluster that GNVIZ_SCHEDULER names, if it names one; runs say where that does not answer.

    Raises:
        KnobError: A limit (`gnviz.experiment.limits`) is none: a server that has one does not start.
    """
    workers = limits().workers or max(LEAST_WORKERS, cores())
    runner = usual_runner(workers, answered=False, turn=TURN)
    runner.warm(1)
    return runner
