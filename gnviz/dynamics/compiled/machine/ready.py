"""When the compiled engine can be used: it is compiled once, in about a minute, and then loaded from disk.

Compiling never delays a run: another process does it, at the lowest priority, while torch answers: first what
the clock needs that is wanted, then what the other one needs. Where nothing can be kept on disk, or numba is
missing, torch goes on answering, and that is said once.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import subprocess
import sys
import threading
import time
from typing import Any

from gnviz.dynamics.compiled.machine import cache

PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from gnviz.dynamics.compiled.machine import ready; ready.compile_all(sys.argv[1])"
)
"""What the process that compiles runs, with a clock and this one's `sys.path` as arguments."""

CLOCKS = ("flow", "steps")
"""What is compiled apart, in this order if nothing is wanted yet."""

POLL = 1.0
"""Seconds between looks at whether another process has compiled everything."""

_lock = threading.RLock()
_loaded: set[str] = set()
_said: set[str] = set()
_decided: dict[str, bool] = {}
_warming: threading.Thread | None = None


def missing() -> str:
    """Say what the compiled engine lacks, in words that continue "cannot run this: "; else nothing."""
    return "" if importlib.util.find_spec("numba") else "numba is not installed (pip install numba)"


def now(clock: str) -> bool:
    """Return whether what a clock needs is at hand without waiting.

    A process that has called `warm` goes over to it as soon as it is. Any other decides at its first
    question, so that all its runs have one engine, and has it compiled for those that come after it.
    """
    with _lock:
        if clock not in _decided or (_warming and not _decided[clock]):
            _decided[clock] = _at_hand(clock)
        return _decided[clock]


def wait_until_decided(clock: str) -> None:
    """Wait until it is certain which engine runs a clock from now on, in every process of this machine.

    What computes many runs asks before the first one, or those before the machine code was there would be
    torch's and those after it not.
    """
    if not _hindrance():
        with contextlib.suppress(ImportError):  # then `now` says no
            wait(clock)


def wait(clock: str) -> None:
    """Load what a clock needs, compiling what has not been yet.

    Raises:
        ImportError: numba is missing.
    """
    with _lock:
        mine = False
        while not (clock in _loaded or cache.folder() is None or cache.complete(clock)):
            if mine := cache.claim():
                break
            time.sleep(POLL)
        try:
            _load(clock)
        finally:
            if mine:
                cache.release()


def warm() -> None:
    """Have the engine compiled and loaded in the background: for servers and workers, when they start."""
    global _warming
    with _lock:
        if _warming is None and not _hindrance():
            _warming = threading.Thread(target=_warm, name="gnviz-compiled", daemon=True)
            _warming.start()


def compile_all(first: str) -> None:
    """Compile everything and keep it on disk, first what one clock needs, leaving the processor to others."""
    if hasattr(os, "nice"):
        os.nice(19)
    try:
        for clock in sorted(CLOCKS, key=lambda clock: clock != first):
            _load(clock)
    finally:
        cache.release()


def _load(clock: str) -> None:
    with _lock:
        if clock not in _loaded:
            from gnviz.dynamics.compiled.engine import rehearse

            rehearse(clock)
            cache.set_complete(clock)
            _loaded.add(clock)


def _at_hand(clock: str) -> bool:
    if clock in _loaded:
        return True
    why = _hindrance()
    if not why and cache.complete(clock):
        try:
            wait(clock)
            return True
        except ImportError as error:  # a numba that does not go with this NumPy, for example
            why = str(error)
    if why:
        _say(f"gnviz runs without its compiled engine, which is many times faster on small networks: {why}")
        return False
    if _warming is None and (process := _compile_elsewhere(clock)):
        threading.Thread(target=process.wait, name="gnviz-compiling", daemon=True).start()  # no zombie stays
    return False


def _hindrance() -> str:
    """Say why compiled code is of no use to processes like this one; nothing if it is."""
    if why := missing():
        return why
    return "" if cache.folder() else "no folder can be written to keep it in; set NUMBA_CACHE_DIR to one"


def _warm() -> None:
    """Load what each clock needs as soon as it is compiled."""
    process = None
    for clock in CLOCKS:
        while not cache.complete(clock):
            process = process or _compile_elsewhere(clock)
            if process and process.poll() is not None and not cache.complete(clock):
                return  # it failed: torch answers
            time.sleep(POLL)
        wait(clock)
    if process:
        process.wait()


def _compile_elsewhere(clock: str) -> subprocess.Popen[Any] | None:
    """Start the process that compiles, with what a clock needs first, unless one is at it."""
    if not cache.claim():
        return None
    flags: dict[str, Any] = (
        {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS} if sys.platform == "win32" else {}
    )
    quiet: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    try:
        command = [sys.executable, "-c", PROGRAM, clock, *map(str, sys.path)]
        return subprocess.Popen(command, **quiet, **flags)
    except OSError:
        cache.release()
        return None


def _say(sentence: str) -> None:
    """Log a sentence, once."""
    if sentence not in _said:
        _said.add(sentence)
        logging.getLogger("gnviz").warning(sentence)
