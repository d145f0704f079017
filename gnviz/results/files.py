"""A Dataset in one NetCDF file, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

import numpy as np
import xarray as xr

from gnviz.results.schema import SCHEMA, SWEPT, VARIABLES
from gnviz.results.seal import check, sealed


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a Dataset to one NetCDF file, whole or not at all.

    Args:
        dataset: A Dataset of schema 1.
        path: Where to; an existing file is replaced only once the new one is complete.

    Returns:
        The path written.

    Raises:
        OSError: The file cannot be written (no such folder, disk full, no permission); the
            message names the path and the reason, and what stood there before is unharmed.
    """
    return replace_file(path, to_bytes(dataset))


def replace_file(path: str | os.PathLike[str], data: memoryview) -> Path:
    """Write a file, whole or not at all.

    Returns:
        The path written.

    Raises:
        OSError: It cannot be written; the message names the path and the reason.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # replacing a device such as /dev/full would destroy it
            raise OSError("it is not a regular file")
        _write_whole(path, data)
    except OSError as error:
        raise OSError(f"could not save {path}: {error.strerror or error}; nothing was overwritten") from error
    return path


def to_bytes(dataset: xr.Dataset) -> memoryview:
    """Return the content of the NetCDF file that `save` writes.

    It is made in memory, because HDF5 may take the whole interpreter down where a disk is full.
    """
    return sealed(dataset.to_netcdf(engine="h5netcdf"))


def sentence(error: Exception) -> str:
    """Return what an exception of a library says, in one line of bounded length."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _write_whole(path: Path, data: memoryview) -> None:
    """Write a file, or leave what stood there."""
    # beside it, so on the same file system, and under no longer a name than it has room for
    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a Dataset written by `save`, wholly into memory.

    Raises:
        ValueError: The file is not a gnviz result, or of a newer schema.
        OSError: The file cannot be read.
    """
    try:
        check(path)
        with xr.open_dataset(path, engine="h5netcdf") as file:
            dataset = file.load()
    except OSError as error:
        if error.filename is not None:  # a missing or forbidden file; HDF5 names none
            raise
        raise ValueError(f"{path} is not a NetCDF file that can be read: {sentence(error)}") from error
    except Exception as error:
        raise ValueError(f"{path} is not a NetCDF file that can be read: {sentence(error)}") from error
    schema = dataset.attrs.get("schema")
    if not isinstance(schema, (int, np.integer)) or "experiment" not in dataset.attrs:
        raise ValueError(f"{path} is not a gnviz result: it has no schema or experiment attribute")
    if schema > SCHEMA:
        raise ValueError(f"{path} has schema {schema}; this gnviz reads up to {SCHEMA}: upgrade it")
    needed = VARIABLES if "sweep" not in dataset.attrs else SWEPT
    missing = [name for name in needed if name not in dataset.variables]
    if missing:
        raise ValueError(f"{path} is not a whole gnviz result: it lacks {', '.join(missing)}")
    return dataset
