"""A Dask cluster on this machine: a real scheduler and real workers, on ports that the system chooses."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parent
LONG = 120.0
"""Seconds after which a cluster that does not come up is given up."""


@contextmanager
def cluster(folder: Path, workers: int = 2, port: int = 0) -> Iterator[str]:
    """Give the address of the scheduler of a cluster whose workers have a thread each.

    Args:
        folder: For its files.
        workers: How many there are.
        port: The scheduler's; 0: any.
    """
    about = folder / "scheduler.json"
    paths = [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"}
    env.pop("GNVIZ_SCHEDULER", None)
    here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(about)]
    more = ["--nworkers", str(workers), "--nthreads", "1", "--local-directory", str(folder)]
    with open(folder / "log", "wb") as log:

        def start(name: str, *arguments: str) -> subprocess.Popen:
            command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments]
            return subprocess.Popen(command, env=env, stdout=log, stderr=log)

        processes = [start("scheduler", *here, "--port", str(port))]
        try:
            until = time.monotonic() + LONG
            while not (about.exists() and about.read_text().endswith("}")):
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.02)
            processes.append(start("worker", *here, *more))
            yield json.loads(about.read_text())["address"]
        finally:
            for process in reversed(processes):
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
