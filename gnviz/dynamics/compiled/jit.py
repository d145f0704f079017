"""How functions are compiled: without the interpreter's lock, with one entry that is kept on disk.

numba optimizes a function anew within every function that calls it, and those again in their callers. So all
but the `entry` are only translated here, and optimized once, as a part of it; by numba's default that would
take three times as long. Array expressions, and `a[:] = b`, take long to translate: the functions of this
folder loop explicitly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numba
from numba.core import config, event

from gnviz.dynamics.compiled import cache

F = TypeVar("F", bound=Callable[..., Any])

LOOSE = {"reassoc", "contract", "nsz"}
"""Sums may be reordered, so that they vectorize; NaN and infinity keep their meaning: a run that blows up
must show it."""

STRICT = {"contract"}
"""For sums whose order matters."""


def jit(function: F) -> F:
    """Compile a function of numbers and arrays, as a part of the entry."""
    return _compile(function, LOOSE)


def exact(function: F) -> F:
    """Compile a function whose sums must stay in order, as a part of the entry."""
    return _compile(function, STRICT)


def entry(function: F) -> F:
    """Compile a function that is called from outside, and keep it in this package's own cache."""
    folder, before = cache.folder(), config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = str(folder or "")  # type: ignore[attr-defined]
    try:
        return _compile(function, LOOSE, cache=folder is not None)
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]


@contextmanager
def compiling() -> Iterator[None]:
    """Optimize only the outermost of the functions that are compiled inside the block."""
    before = config.OPT  # type: ignore[attr-defined]
    try:
        with event.install_listener("numba:compile", _Depth(before)):
            yield
    finally:
        config.OPT = before  # type: ignore[attr-defined]


class _Depth(event.Listener):
    """Sets the level of optimization by how deep a function lies within others that are being compiled."""

    def __init__(self, outermost: Any) -> None:
        self._outermost, self._depth = outermost, 0

    def on_start(self, event: event.Event) -> None:
        self._set(self._depth + 1)

    def on_end(self, event: event.Event) -> None:
        self._set(self._depth - 1)

    def _set(self, depth: int) -> None:
        self._depth = depth
        config.OPT = self._outermost if depth <= 1 else type(self._outermost)(0)  # type: ignore[attr-defined]


def _compile(function: F, fastmath: set[str], **options: Any) -> F:
    """Return the compiled function; "numpy": with Python's checks, no loop that divides would vectorize."""
    return numba.njit(nogil=True, error_model="numpy", fastmath=fastmath, **options)(function)  # type: ignore
