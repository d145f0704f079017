"""Where compiled code is kept between processes.

One folder for each version of the sources, the compiler and the interpreter: numba itself does not notice
when a function that another one calls, or a constant, has changed in another file.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import re
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
CODE, HOUSE = HERE.parent / "code", HERE.parents[2]
HOW = HERE / "jit.py", HERE / "translate.py"
"""What machine code comes from, beside the constants it takes from elsewhere in the package, and how."""


@functools.cache
def folder() -> Path | None:
    """Return the folder, made if need be; None where none can be written."""
    place = _home() / _version()
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return None
    return place


def complete(kind: str) -> bool:
    """Return whether all that a clock needs has been compiled and kept by some process before."""
    place = folder()
    return place is not None and (place / kind).exists()


def set_complete(kind: str) -> None:
    """Note that all that a clock needs is compiled and kept."""
    if place := folder():
        (place / kind).touch()


def claim() -> bool:
    """Return whether this process may compile: one at a time, unless that one has taken too long."""
    place = folder()
    if place is None:
        return False
    lock = place / "compiling"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        pass
    try:
        stale = time.time() - lock.stat().st_mtime > LONGEST
        if stale:
            lock.touch()
        return stale
    except OSError:
        return False


def release() -> None:
    """Let another process compile."""
    if place := folder():
        (place / "compiling").unlink(missing_ok=True)


LONGEST = 900.0
"""Seconds after which a process that compiles is thought to be dead; 40 are usual, on a free core."""


def _home() -> Path:
    """Return where this user's programs keep what they can make again."""
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(named) / "gnviz"
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gnviz" / "compiled"
        )
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gnviz" / "compiled"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gnviz" / "compiled"


def sources() -> list[Path]:
    """Return the files that compiled code comes from, and those whose constants these import.

    Machine code has constants frozen into it.
    """
    own = [*sorted(CODE.rglob("*.py")), *HOW]
    text = "".join(path.read_text(encoding="utf-8") for path in own)
    names = set(re.findall(r"^from gnviz\.([\w.]+) import", text, re.MULTILINE))
    files = {HOUSE.joinpath(*name.split(".")).with_suffix(".py") for name in names}
    return own + sorted(file for file in files - {*own} if file.is_file())


def _version() -> str:
    """Return a name for these sources, this compiler and this interpreter."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.read_bytes())
    for part in (importlib.metadata.version("numba"), sys.version, str(HERE)):
        digest.update(part.encode())
    return digest.hexdigest()[:16]
