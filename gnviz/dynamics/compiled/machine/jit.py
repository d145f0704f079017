"""How functions are compiled: without the interpreter's lock, with a few entries that are kept on disk.

All but the entries are only translated (`translate`), and optimized as parts of them. Array expressions, and
`a[:] = b`, take long to translate: the functions of this folder loop explicitly. They take longer for every
kind of arguments that they are called with, and each whole number that is written out, such as 3, is to
numba a type of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core import config

from gnviz.dynamics.compiled.machine import cache
from gnviz.dynamics.compiled.machine.translate import Translator

F = TypeVar("F", bound=Callable[..., Any])

LOOSE = {"reassoc", "contract", "nsz"}
"""Sums may be reordered, so that they vectorize; NaN and infinity keep their meaning: a run that blows up
must show it."""

STRICT = {"contract"}
"""For sums whose order matters."""


def jit(function: F) -> F:
    """Compile a function of numbers and arrays, as a part of the entries."""
    return _compile(function, LOOSE, pipeline_class=Translator)


def exact(function: F) -> F:
    """Compile a function whose sums must stay in order, as a part of the entries."""
    return _compile(function, STRICT, pipeline_class=Translator)


def entry(function: F) -> F:
    """Compile a function that is called from outside, and keep it in this package's own cache."""
    folder, before = cache.folder(), config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = str(folder or "")  # type: ignore[attr-defined]
    try:
        return _compile(function, LOOSE, cache=folder is not None)
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]


def _compile(function: F, fastmath: set[str], **options: Any) -> F:
    """Return the compiled function; "numpy": with Python's checks, no loop that divides would vectorize."""
    return numba.njit(nogil=True, error_model="numpy", fastmath=fastmath, **options)(function)  # type: ignore
