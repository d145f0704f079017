"""A worker process seen from its runner: started, spoken to, listened to, ended.

The process is a fresh interpreter (`python -c "...gnviz.jobs.worker.main()"`) that talks over its
standard input and output. This is preferred to `multiprocessing`'s spawn, which imports the parent's
`__main__` again: a served page, a notebook or a script without the `if __name__ == "__main__"`
guard would run twice. Pipes on the standard streams are inherited alike on Linux, macOS and Windows, need
no port, key or file, and end when either side dies.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, cast

from gnviz.jobs.wire import Order, Report, pack, receive

BOOT = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the runner, whose end is the worker's
sys.path[:] = sys.argv[3:]  # modules are found where the runner finds them
from gnviz.jobs.worker import main
main()
"""
"""What the worker's interpreter runs."""

Heard = Callable[["WorkerProcess", Report], None]
Gone = Callable[["WorkerProcess", int], None]


class WorkerProcess:
    """A running worker.

    One thread writes to it, so that no caller ever waits for a pipe, and one reads from it and
    reaps it. Both refer to the runner weakly: a forgotten runner can be collected.

    Args:
        simulate: The engine as `module:function`.
        threads: Number of threads that torch uses in it.
        heard: Bound method called with each report, on the reading thread.
        gone: Bound method called once with the exit code (negative: a signal), after the last report.

        gpus: The GPUs that it sees, as CUDA_VISIBLE_DEVICES names them; None: those that this process sees.

    Raises:
        OSError: The process cannot be started.
    """

    def __init__(
        self, simulate: str, threads: int, heard: Heard, gone: Gone, gpus: str | None = None
    ) -> None:
        command = [sys.executable, "-P", "-c", BOOT, simulate, str(threads)]
        self._process = subprocess.Popen(
            [*command, *map(str, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=None if gpus is None else os.environ | {"CUDA_VISIBLE_DEVICES": gpus},
        )
        self.gpus = gpus
        self._owner = os.getpid()
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._heard, self._gone = weakref.WeakMethod(heard), weakref.WeakMethod(gone)
        name = f"gnviz-worker-{self._process.pid}"
        self._reader = threading.Thread(target=self._read, name=f"{name}-read", daemon=True)
        self._reader.start()
        threading.Thread(target=self._write, name=f"{name}-write", daemon=True).start()

    def send(self, order: Order) -> None:
        """Send an order; returns at once, and a dead worker ignores it."""
        self._orders.put(order)

    def kill(self) -> None:
        """End the process at once; it holds nothing that would need saving."""
        if os.getpid() == self._owner:  # a fork of the runner's process must leave it alone
            self._process.kill()

    def join(self, timeout: float) -> None:
        """Wait until the process is gone and reaped."""
        if threading.current_thread() is not self._reader and os.getpid() == self._owner:
            self._reader.join(timeout)

    def _write(self) -> None:
        pipe = cast(BinaryIO, self._process.stdin)
        with contextlib.suppress(OSError):  # the process is gone: the reader says so
            while (order := self._orders.get()) is not None:
                pipe.write(pack(order))
                pipe.flush()
        with contextlib.suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        pipe = cast(BinaryIO, self._process.stdout)
        try:
            while (report := receive(pipe)) is not None and (heard := self._heard()):
                heard(self, report)  # type: ignore[arg-type]  # a worker sends reports only
                del heard  # or waiting for the next report would keep the runner alive
        finally:
            self._orders.put(None)
            self._reap()
            pipe.close()
            if gone := self._gone():
                gone(self, self._process.returncode)

    def _reap(self) -> None:
        try:
            self._process.wait(timeout=0.5)  # it closed its end: it is dead or about to be
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
