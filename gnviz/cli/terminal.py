"""What the command line says beside its results, its exit codes, and the signals that end it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

OK, NOT_SAVED, MISTAKE, INTERRUPTED = 0, 1, 2, 130
WRONG = NOT_SAVED

SIGNALS = ("SIGTERM", "SIGHUP")
"""What ends a command as Ctrl-C does: a system that shuts down, a terminal that is closed."""


class EndedError(KeyboardInterrupt):
    """A signal asked for the end; handled wherever Ctrl-C is.

    Args:
        number: Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.code = 128 + number


def say(text: str) -> None:
    """Print one line to stderr, if anybody can still read it."""
    with contextlib.suppress(OSError):
        print(f"gnviz: {' '.join(text.split())}", file=sys.stderr)


@contextlib.contextmanager
def attended() -> Iterator[None]:
    """Let a command end in order on `SIGNALS`, and print whatever letters the terminal has.

    A signal that is ignored, as under nohup, stays so; the second one is. Only the main thread can do this.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    before: dict[int, Any] = {}

    def end(number: int, frame: object) -> None:
        del frame
        for other in before:
            signal.signal(other, signal.SIG_IGN)
        raise EndedError(number)

    if threading.current_thread() is threading.main_thread():
        for name in filter(lambda name: hasattr(signal, name), SIGNALS):
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def drop_output() -> None:
    """Let what is still to be printed go nowhere: nobody reads it, and the interpreter would complain."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
