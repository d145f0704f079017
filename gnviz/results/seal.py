"""Whether a NetCDF file is whole, found out before HDF5 reads it in this process.

HDF5 trusts what it reads: a flipped bit may have it loop for ever, or ask for terabytes. So a file of gnviz
ends with a checksum of all that is before it, where HDF5 does not look; a file without one is read by another
process first, which can be ended.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MARK = b"\ngnviz sha256 "

SECONDS = 30
"""Time that the other process has to read a file: gigabytes take less."""

MOST_BYTES = 8 * 2**30
"""Bytes that a file's arrays may have once they are unpacked."""

RATIO, FREELY = 200, 64 * 2**20
"""How many times larger than the file they may be, beyond `FREELY` bytes: gnviz does not compress, others who
write NetCDF gain factors of ten."""

READ_ALL = """
import sys, h5py
path, most, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
except ImportError:
    pass
total = 0
def look(name, part):
    global total
    dict(part.attrs)
    if isinstance(part, h5py.Dataset):
        total += (part.size or 0) * part.dtype.itemsize
        if total > most:
            sys.exit(f"it has more than {most / 2**20:.0f} MB of numbers")
        if part.shape is not None:
            part[()]
try:
    with h5py.File(path, "r") as file:
        look("", file)
        file.visititems(look)
except Exception as error:
    sys.exit(" ".join(str(error).split())[:200] or type(error).__name__)
"""
"""What the other process does."""


def sealed(data: bytes | memoryview) -> memoryview:
    """Return a file's content with the checksum that `check` looks for at its end."""
    return memoryview(b"".join((data, MARK, hashlib.sha256(data).digest())))


def check(path: str | os.PathLike[str], *, ours: bool = True) -> None:
    """Make sure that HDF5 can read a file, in time and in memory.

    Args:
        path: The file.
        ours: Whether a checksum is believed: anyone can make one, so not where a stranger has sent the file.

    Raises:
        ValueError: It cannot, or is not what was written; the message is a clause without the file's name.
        OSError: The file cannot be read.
    """
    with open(path, "rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            raise ValueError("it does not begin as an HDF5 file does")
    found = _checksum(Path(path))
    if found is False:
        raise ValueError("it is damaged: its content is not what was written")
    if found and ours:
        return
    size = os.path.getsize(path)
    _try(path, min(MOST_BYTES, max(FREELY, RATIO * size)))


def _checksum(path: Path) -> bool | None:
    """Return whether a file has the checksum that it ends with; None if it ends with none."""
    length = len(MARK) + hashlib.sha256().digest_size
    with open(path, "rb") as file:
        left = file.seek(0, os.SEEK_END) - length
        if left < 0:
            return None
        file.seek(left)
        mark, digest = file.read(len(MARK)), file.read()
        if mark != MARK:
            return None
        file.seek(0)
        content = hashlib.sha256()
        while left > 0 and (part := file.read(min(left, 2**20))):
            content.update(part)
            left -= len(part)
    return content.digest() == digest


def _try(path: str | os.PathLike[str], most: int) -> None:
    """Have another process read a file of at most so many bytes of numbers, in limited time."""
    command = [sys.executable, "-P", "-c", READ_ALL, os.fspath(path), str(most), str(SECONDS)]
    paths = os.pathsep.join(filter(None, sys.path))
    try:
        done = subprocess.run(
            command, timeout=SECONDS, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ValueError(f"it cannot be read in {SECONDS} s: it is damaged") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ValueError(said[-1][:300] if said and done.returncode == 1 else "reading it ends the process")
