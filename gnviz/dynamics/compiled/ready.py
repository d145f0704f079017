"""When the compiled engine can be used: compiling takes a minute, once; later processes load it from disk.

Compiling never delays a run: another process does it, at the lowest priority, while torch answers. Where
nothing can be kept on disk, or numba is missing, torch goes on answering, and that is said once.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
import threading
import time
from typing import Any

from gnviz.dynamics.compiled import cache

PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; from gnviz.dynamics.compiled import ready; ready.compile_all()"
)
"""What the process that compiles runs, with this one's `sys.path` as arguments."""

POLL = 1.0
"""Seconds between looks at whether another process has compiled everything."""

_lock = threading.RLock()
_loaded = threading.Event()
_said: set[str] = set()
_decided: bool | None = None
_warming: threading.Thread | None = None


def missing() -> str:
    """Say what the compiled engine lacks, in words that continue "cannot run this: "; else nothing."""
    return "" if importlib.util.find_spec("numba") else "numba is not installed (pip install numba)"


def now() -> bool:
    """Return whether the compiled engine is at hand without waiting.

    A process that has called `warm` goes over to it as soon as it is. Any other decides at its first
    question, so that all its runs have one engine, and has it compiled for those that come after it.
    """
    global _decided
    with _lock:
        if _decided is None or (_warming and not _decided):
            _decided = _at_hand()
        return _decided


def wait() -> None:
    """Load the compiled engine, compiling what has not been yet.

    Raises:
        ImportError: numba is missing.
    """
    with _lock:
        mine = False
        while (
            not _loaded.is_set() and cache.folder() and not cache.complete() and not (mine := cache.claim())
        ):
            time.sleep(POLL)
        try:
            _load()
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


def compile_all() -> None:
    """Compile everything and keep it on disk, leaving the processor to others."""
    if hasattr(os, "nice"):
        os.nice(19)
    try:
        _load()
    finally:
        cache.release()


def _load() -> None:
    with _lock:
        if not _loaded.is_set():
            from gnviz.dynamics.compiled.engine import rehearse

            rehearse()
            cache.set_complete()
            _loaded.set()


def _at_hand() -> bool:
    if _loaded.is_set():
        return True
    why = _hindrance()
    if not why and cache.complete():
        try:
            wait()
            return True
        except ImportError as error:  # a numba that does not go with this NumPy, for example
            why = str(error)
    if why:
        _say(f"gnviz runs without its compiled engine, which is many times faster on small networks: {why}")
        return False
    if _warming is None and (process := _compile_elsewhere()):
        threading.Thread(target=process.wait, name="gnviz-compiling", daemon=True).start()  # no zombie stays
    return False


def _hindrance() -> str:
    """Say why compiled code is of no use to processes like this one; nothing if it is."""
    if why := missing():
        return why
    return "" if cache.folder() else "no folder can be written to keep it in; set NUMBA_CACHE_DIR to one"


def _warm() -> None:
    while not cache.complete():
        if process := _compile_elsewhere():
            process.wait()
            if not cache.complete():
                return  # it failed: torch answers
        time.sleep(POLL)
    wait()


def _compile_elsewhere() -> subprocess.Popen[Any] | None:
    """Start the process that compiles, unless one is at it."""
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
        return subprocess.Popen([sys.executable, "-c", PROGRAM, *map(str, sys.path)], **quiet, **flags)
    except OSError:
        cache.release()
        return None


def _say(sentence: str) -> None:
    """Log a sentence, once."""
    if sentence not in _said:
        _said.add(sentence)
        logging.getLogger("gnviz").warning(sentence)
