"""Where cells are kept: a folder with a small file for each, named after what it is the result of.

Several sweeps may share a folder, also at the same time: a file is written whole or not at all, and one that
computes a cell holds its claim, so that no other computes it too.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import cloudpickle

from gnviz.experiment import Experiment
from gnviz.knobs.kinds import Kind
from gnviz.knobs.registry import REGISTRIES
from gnviz.results import SCHEMA, replace_file, version
from gnviz.sweeps.cell import MEASURES, Cell

try:
    import fcntl
except ImportError:  # Windows: there, two sweeps at a time may compute a cell twice, to the same numbers
    fcntl = None


def name_of(experiment: Experiment) -> str:
    """Return a name for all that a cell's numbers depend on, 32 hexadecimal digits.

    The experiment; the sources of classes from outside that it names; the file that it reads; the version of
    gnviz, the schema and the measures.
    """
    values, text = experiment.to_dict(), experiment.to_json()
    about = [text, str(SCHEMA), version(), *MEASURES, *_sources(text)]
    if path := values["data"].get("path"):
        with contextlib.suppress(OSError):  # a missing file is refused when it is read
            about.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def _sources(text: str) -> Iterator[str]:
    """Yield the sources of classes that are not of this package and that an experiment names."""
    for registry in REGISTRIES:
        if not issubclass(registry.base, Kind):  # a figure or a lesson
            continue
        for kind in registry.classes:
            if kind not in registry.built_in and kind.label in text:
                try:
                    yield inspect.getsource(kind)
                except (OSError, TypeError):  # typed at a prompt
                    yield hashlib.sha256(cloudpickle.dumps(kind)).hexdigest()


class Folder:
    """Kept cells.

    Args:
        path: Made if there is none.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"{self.path} cannot keep a sweep: {error.strerror or error}") from None
        self._claims: dict[str, IO[bytes]] = {}

    def find(self, name: str) -> Cell | None:
        """Return a kept cell, None if there is none; a damaged one is warned of, and there is none."""
        try:
            return Cell.from_bytes(self._file(name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            warnings.warn(f"{self._file(name)} is damaged ({error}): computed again", stacklevel=2)
            return None

    def keep(self, name: str, cell: Cell) -> None:
        """Write a cell.

        Raises:
            OSError: It cannot be written; the message says why.
        """
        replace_file(self._file(name), cell.to_bytes())

    def claim(self, name: str) -> bool:
        """Return whether the cell is ours to compute: not if another sweep, or a cell of ours, is at it.

        A claim ends with `release`, and with the process however it ends.
        """
        if name in self._claims:
            return False
        file = open(self._lock(name), "wb")  # noqa: SIM115  # held until it is released
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._claims[name] = file
        return True

    def release(self, name: str) -> None:
        """Give a claim back."""
        with self._claims.pop(name), contextlib.suppress(OSError):
            self._lock(name).unlink()

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.npz"

    def _lock(self, name: str) -> Path:
        return self.path / f".{name}.claim"
