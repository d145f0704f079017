"""Waiting for jobs, with a limit."""

import time
from collections.abc import Callable

import pytest

from gnviz.jobs import Job

LONG = 60.0
"""Seconds after which anything is given up: far above what a busy machine takes."""


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, and fail after `LONG`."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > LONG:
            pytest.fail(f"not within {LONG} s")
        time.sleep(0.001)


def settled(job: Job, quiet: float = 0.5) -> list[int]:
    """Poll until nothing has come for `quiet` seconds; return the indices of what came."""
    got: list[int] = []
    since = time.perf_counter()
    while time.perf_counter() - since < quiet:
        if new := job.poll():
            since = time.perf_counter()
            got += [s.index for s in new]
        time.sleep(0.001)
    return got


def collect(job: Job, count: int) -> list[int]:
    """Poll until `count` snapshots have come (or more at once); return their indices."""
    got: list[int] = []
    until(lambda: len(got) >= count or bool(got.extend(s.index for s in job.poll())))
    return got
