"""Archives of NumPy arrays (NPZ) that anyone may have damaged: looked at before anything in them is read."""

from __future__ import annotations

import math
import os
import zipfile
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

MOST_ARRAYS = 10_000
"""Arrays of an archive: far above what a checkpoint of `MAX_RUNS` runs has."""


def read_arrays(file: BinaryIO) -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ archive as `numpy.savez` writes it, by name; nothing in it is run.

    Its arrays are not compressed, so that what is read is no larger than the file; sizes and shapes are
    checked before any array is made.

    Args:
        file: The archive, open for reading.

    Raises:
        ValueError: It is none, or damaged; the message is a clause without the file's name.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check(members, file.seek(0, os.SEEK_END))
            return {m.filename.removesuffix(".npy"): _array(archive, m) for m in members}
    except Exception as error:  # a damaged archive raises whatever zipfile and NumPy come upon
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(why) from error


def _check(members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse an archive that would unpack to more than it is."""
    if len(members) > MOST_ARRAYS:
        raise ValueError(f"it has {len(members)} arrays; allowed are {MOST_ARRAYS}")
    if any(m.compress_type != zipfile.ZIP_STORED for m in members):
        raise ValueError("its arrays are compressed, which gnviz never does")
    if sum(m.file_size for m in members) > size:
        raise ValueError(f"its arrays claim to be larger than the file of {size} bytes")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Return an array whose header claims just the bytes that there are."""
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"{member.filename} is an array of an unknown version")
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if dtype.hasobject or not dtype.isnative or dtype.itemsize == 0 or min(shape, default=0) < 0:
            raise ValueError(f"{member.filename} is no array of plain numbers or text")
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - file.tell():
            raise ValueError(f"{member.filename} has other bytes than its shape {shape} says")
        values = np.frombuffer(file.read(size), dtype).reshape(shape, order="F" if fortran else "C")
        if file.read(1):  # past the end the checksum is compared
            raise ValueError(f"{member.filename} goes on after its end")
    return values.copy(order="K")
