"""What a Dask worker does for `gnviz.jobs.dask`: it runs one job as a task, and turns its controls.

Reports go through a queue on the scheduler, so that neither side has to be reached by the other; each is
there before the job goes on. Controls are functions that the scheduler has the worker run beside its task.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
from dataclasses import dataclass
from typing import BinaryIO, cast

from distributed import Queue, get_worker

from gnviz.jobs.gate import Gate
from gnviz.jobs.wire import Action, Ended, Start, receive
from gnviz.jobs.worker import Simulate, load, rehearse, run

THREADS = 1
"""That torch uses for a job: a worker has as many jobs as threads."""


@dataclass(frozen=True, slots=True)
class Began:
    """From a worker: it has taken a job."""

    job: str
    worker: str


_gates: dict[str, Gate] = {}
"""Of the jobs that run in this process."""

_engines: dict[str, Simulate] = {}
_loading = threading.Lock()


def compute(order: bytes, simulate: str, queue: str) -> None:
    """Run one job, and report to the queue.

    Args:
        order: A `Start`, packed.
        simulate: The engine as `module:function`.
        queue: Name of the queue.
    """
    start = receive(io.BytesIO(order))
    assert isinstance(start, Start)
    pipe = _Pipe(Queue(queue), start.job)
    gate = _gates[start.job] = Gate(start)
    try:
        pipe.tell(Began(start.job, get_worker().address))
        pipe.tell(run(start, gate, engine(simulate), cast(BinaryIO, pipe)))
    finally:
        del _gates[start.job]
        pipe.queue.close()


def turn(job: str, action: Action, value: float | None) -> None:
    """Apply a control, if the job runs here.

    Args:
        job: Its id.
        action: What to do, as a `Control` has it.
        value: How many snapshots were polled.
    """
    if gate := _gates.get(job):
        gate.control(action, value)


def end_process() -> None:
    """End this process at once, whatever its job is at."""
    os._exit(1)


def engine(simulate: str) -> Simulate:
    """Return the engine named `module:function`, loaded once in each process."""
    with _loading:
        if simulate not in _engines:
            _engines[simulate] = load(simulate, THREADS)
            rehearse(_engines[simulate])
        return _engines[simulate]


class _Pipe:
    """Writes reports to a queue, as to a file."""

    def __init__(self, queue: Queue, job: str) -> None:
        self.queue, self._job = queue, job

    def write(self, message: bytes) -> None:
        self.queue.put((self._job, message))

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def tell(self, report: Began | Ended) -> None:
        self.write(pickle.dumps(report, protocol=5))
