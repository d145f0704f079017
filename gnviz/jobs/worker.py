"""The worker process: imports the engine once, then runs job after job.

The main thread computes; a second one listens to the runner and turns the job's `Gate`. When the
runner's process ends, however it does, the listening thread reads the end of the pipe and the worker
exits. Standard output belongs to the conversation: what the engine prints goes to standard error.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from gnviz.experiment import Experiment
from gnviz.experiment.limits import limits
from gnviz.jobs.base import JobStatus
from gnviz.jobs.gate import Cancelled, Gate
from gnviz.jobs.kinds import learn, unpacked
from gnviz.jobs.wire import Control, Ended, Ready, Report, Sent, Start, pack, receive
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    from gnviz.results import Snapshot


NICE = 5
"""How far a run steps back where others want the processor: a server that answers visitors, browsers."""


class Simulate(Protocol):
    """An engine; `problem` is given to one only where the user has a problem of their own."""

    def __call__(
        self, experiment: Experiment, checkpoint: Callable[[], None], /, **problem: Any
    ) -> Iterable[Snapshot]:
        """Return the experiment's snapshots as they are computed."""
        ...


def main() -> None:
    """Serve until the runner is gone; `sys.argv[1:3]` are the engine and its number of threads."""
    faulthandler.enable()
    if hasattr(os, "nice"):
        os.nice(NICE)
    orders, reports = take_pipes()
    jobs: SimpleQueue[tuple[Start, Gate]] = SimpleQueue()
    threading.Thread(target=listen, args=(orders, jobs), daemon=True).start()
    simulate = load(sys.argv[1], int(sys.argv[2]))
    rehearse(simulate)
    with contextlib.suppress(OSError):  # the runner is gone, and so are we in a moment
        report(reports, Ready())
        while True:
            start, gate = jobs.get()
            ended = run(start, gate, simulate, reports)
            give_back()
            report(reports, ended)
    os._exit(0)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the ends for orders and reports, moved away from standard input and output."""
    orders, reports = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return orders, reports


def listen(orders: BinaryIO, jobs: SimpleQueue[tuple[Start, Gate]]) -> None:
    """Queue starts and apply controls, until the runner is gone; then exit at once."""
    gate = None
    while (order := receive(orders)) is not None:
        if isinstance(order, Start):
            gate = Gate(order)
            jobs.put((order, gate))
        elif isinstance(order, Control) and gate and gate.job == order.job:  # else: for one that has ended
            gate.control(order.action, order.value)
    os._exit(0)


def named(path: str) -> Callable[..., Any]:
    """Return what `module:function` names, importing it.

    Raises:
        ImportError: There is no such module.
        AttributeError: It has no such function.
    """
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def load(path: str, threads: int) -> Simulate:
    """Return the engine named `module:function`, warming it; one that cannot be imported fails every job."""
    try:
        simulate = named(path)
        home = sys.modules[path.partition(":")[0]]
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(threads)
        if warm := getattr(home, "warm", None):
            warm()
    except Exception as error:
        return refusing(error)
    return simulate


def rehearse(simulate: Simulate) -> None:
    """Run a tiny experiment: an engine's first run takes a second longer than its second."""
    tiny = {
        "data.n": 4,
        "data.condition": 100.0,
        "network.width": 4,
        "clock.snapshots": 2,
        "clock.horizon": 0.1,
    }
    with contextlib.suppress(Exception):  # what is wrong is said by the first job
        for _ in simulate(Experiment.from_dict(tiny), lambda: None):
            pass


def refusing(error: Exception) -> Simulate:
    """Return an engine that raises `error`."""

    def refuse(experiment: Experiment, checkpoint: Callable[[], None], **problem: Any) -> Iterable[Snapshot]:
        raise error

    return refuse


def run(start: Start, gate: Gate, simulate: Simulate, reports: BinaryIO) -> Ended:
    """Run one job, sending its snapshots, and return how it ended.

    Args:
        start: The job.
        gate: Through which it is controlled.
        simulate: The engine.
        reports: Where snapshots are written.
    """
    clock, seconds = None, None
    try:
        seconds = limits().seconds
        clock = expiring(gate, seconds)
        gate.wait_while_paused()
        learn(start.kinds)
        experiment, problem = Experiment.from_json(start.experiment), unpacked(start.problem)
        own = {} if problem is None else {"problem": problem}
        stream = simulate(experiment, gate.wait_while_paused, **own)
        for snapshot in named(start.digest)(experiment, stream) if start.digest else stream:
            message = pack(Sent(start.job, snapshot))
            gate.admit(len(message))
            reports.write(message)
            reports.flush()
    except Cancelled:
        why = f"The run took longer than is allowed here: {seconds} s (GNVIZ_MAX_SECONDS)."
        return Ended(start.job, JobStatus.CANCELLED, why if gate.expired else None)
    except ValueError as error:  # KnobError too: the experiment is at fault, and the message says how
        remedy = error.remedy if isinstance(error, KnobError) else {}
        return Ended(start.job, JobStatus.FAILED, str(error) or "ValueError", traceback.format_exc(), remedy)
    except BaseException as error:
        text = ": ".join(filter(None, [type(error).__name__, str(error)]))
        return Ended(start.job, JobStatus.FAILED, text, traceback.format_exc())
    finally:
        if clock:
            clock.cancel()
    return Ended(start.job, JobStatus.FINISHED)


def give_back() -> None:
    """Give a GPU's memory back that torch keeps for later, which may be all of it."""
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def expiring(gate: Gate, seconds: float | None) -> threading.Timer | None:
    """Return a clock that ends a job after so many seconds, running; None for no limit."""
    if seconds is None:
        return None
    clock = threading.Timer(seconds, gate.expire)
    clock.daemon = True
    clock.start()
    return clock


def report(reports: BinaryIO, message: Report) -> None:
    """Send a message to the runner.

    Raises:
        OSError: The runner is gone.
    """
    reports.write(pack(message))
    reports.flush()
