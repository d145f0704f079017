"""Where runs go unless somebody says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gnviz.jobs.local import LocalRunner, cores

if TYPE_CHECKING:
    from gnviz.jobs.base import Runner

SCHEDULER = "GNVIZ_SCHEDULER"
"""Environment variable with the address of a Dask scheduler, such as tcp://host:8786."""


def usual_runner(workers: int | None = None, threads: int | None = None) -> Runner:
    """Return a runner on the Dask cluster that the environment names, else one of this machine.

    Args:
        workers: Most processes of this machine at a time; None: one a core.
        threads: Threads that torch uses in each; None: one less than there are cores.
    """
    return LocalRunner(workers=workers or cores(), threads=threads)
