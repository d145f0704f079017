"""The process-wide pool of workers that all sessions of a server share."""

from __future__ import annotations

import functools

from gnviz.jobs.local import LocalRunner, cores

LEAST_WORKERS = 4
"""Paced runs mostly sleep, so that several visitors fit on few cores; each worker holds about 300 MB."""


@functools.cache
def shared_runner() -> LocalRunner:
    """Return the pool, made when it is first asked for, with one worker warm."""
    runner = LocalRunner(workers=max(LEAST_WORKERS, cores()))
    runner.warm(1)
    return runner
