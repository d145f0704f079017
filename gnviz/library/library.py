"""A library of runs: a folder whose files are listed, opened, deleted and brought back."""

from __future__ import annotations

import os
import re
import stat
import time
import unicodedata
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gnviz.library.entry import Entry, described, numbers, read
from gnviz.library.thumbnail import thumbnail
from gnviz.results import load, replace_file, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

LARGEST = 64 * 1024 * 1024
"""Bytes of a file, and of a run's arrays, that are read at all: the usual run has one megabyte."""

MOST = 1000
"""Runs that a folder may hold: a page that anyone can reach must not fill the disk."""

TRASH, MOST_TRASH = ".trash", 20
"""The folder that deleted runs go to, and how many it keeps: the last ones."""

SUFFIX = ".nc"


class Library:
    """The runs that are kept in a folder.

    Whatever else lies in the folder is left alone; a file that cannot be read hides no other. Several
    libraries, also of several processes, may share a folder.

    Args:
        folder: Where; it is made when the first run is kept.

    Example:
        >>> library = gnviz.Library("my runs")
        >>> ds = gnviz.preview(gnviz.preset("figure2"))
        >>> entry = library.keep(ds, name="figure 2", note="before the lecture")
        >>> [entry.name for entry in library.list()]
        ['figure 2']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).expanduser()
        self._known: dict[tuple[str, int, int], Entry | str] = {}

    def keep(self, ds: xr.Dataset, name: str, note: str = "") -> Entry:
        """Write a run into the folder, whole or not at all.

        Args:
            ds: A Dataset of schema 1.
            name: What it is called; several runs may have one name.
            note: What there is to say of it.

        Returns:
            The new entry.

        Raises:
            ValueError: The name is empty, the run is larger than `LARGEST`, or the folder is full.
            OSError: The file cannot be written; the message says why.
        """
        return self._write(described(ds, name, note, thumbnail(ds)), name)

    def add(self, data: bytes | memoryview, name: str = "") -> Entry:
        """Take in a result's file, as `gnviz.save` and the page write it; nothing in it is trusted.

        Args:
            data: The file's content.
            name: What it is to be called if it does not say itself.

        Raises:
            ValueError: It is no whole result that this gnviz can open, it is larger than `LARGEST`, or the
                folder is full.
            OSError: The file cannot be written.
        """
        if len(data) > LARGEST:
            raise ValueError(f"the file has {_megabytes(len(data))}; allowed: up to {_megabytes(LARGEST)}")
        self.folder.mkdir(parents=True, exist_ok=True)
        arrived = replace_file(self.folder / f".{uuid.uuid4().hex}.arriving", memoryview(data))
        try:
            entry = read(arrived, arrived.stat(), ours=False)
            ds = _whole(arrived)
        except ValueError as error:
            raise ValueError(str(error).replace(str(arrived), "the file")) from error
        finally:
            arrived.unlink(missing_ok=True)
        own = entry.name if entry.name != arrived.stem else name.strip() or "unnamed"
        return self.keep(ds, own, entry.note)

    def list(self, search: str = "") -> list[Entry]:
        """Return the runs, the newest first.

        Args:
            search: Words that are all to be found in name, note or experiment; empty: all runs.
        """
        entries = [found for _, found in self._found() if isinstance(found, Entry)]
        return sorted((e for e in entries if e.matches(search)), key=lambda e: (e.date, e.file), reverse=True)

    def unreadable(self) -> dict[str, str]:
        """Return why files of the folder are not listed, one sentence each, by the file's name."""
        return {name: found for name, found in self._found() if isinstance(found, str)}

    def open(self, run: Entry | str) -> xr.Dataset:
        """Return a run, wholly in memory.

        Args:
            run: An entry, or the name of its file.

        Raises:
            ValueError: The folder has no such file, or it cannot be read; the message says why.
        """
        path = self._path(run)
        try:
            return _whole(path)
        except OSError as error:
            raise ValueError(f"{path.name} cannot be read: {error.strerror or error}") from error

    def delete(self, run: Entry | str) -> None:
        """Move a run to the trash, from where `undo` brings it back; the trash keeps the last `MOST_TRASH`.

        Raises:
            ValueError: The folder has no such file.
            OSError: It cannot be moved.
        """
        path, trash = self._path(run), self.folder / TRASH
        trash.mkdir(exist_ok=True)
        os.replace(path, trash / f"{time.time_ns():020d}-{path.name}")
        for old in sorted(_files(trash))[:-MOST_TRASH]:
            (trash / old).unlink(missing_ok=True)

    def undo(self, run: Entry | str | None = None) -> Entry:
        """Bring a deleted run back.

        Args:
            run: Which; None: the one deleted last.

        Returns:
            Its entry.

        Raises:
            ValueError: There is none in the trash, or another file has its name now.
            OSError: It cannot be moved.
        """
        trash, wanted = self.folder / TRASH, _file_of(run) if run is not None else None
        there = [old for old in sorted(_files(trash)) if wanted in (None, old.partition("-")[2])]
        if not there:
            raise ValueError(f"{wanted or 'nothing'} is in the trash: there is nothing to bring back")
        name = there[-1].partition("-")[2]
        if (self.folder / name).exists():
            raise ValueError(f"{name} cannot be brought back: another file has its name now")
        os.replace(trash / there[-1], self.folder / name)
        path = self._path(name)
        return read(path, path.stat())

    def _write(self, ds: xr.Dataset, name: str) -> Entry:
        if ds.nbytes > LARGEST:
            raise ValueError(
                f"the run has {_megabytes(ds.nbytes)}; a library takes up to {_megabytes(LARGEST)}"
            )
        if len(_files(self.folder)) >= MOST:
            raise ValueError(f"the library is full: it has {MOST} runs; delete some that nobody needs")
        self.folder.mkdir(parents=True, exist_ok=True)
        when = datetime.now(UTC).strftime("%Y-%m-%d")
        stem = "-".join(filter(None, (when, _plain(name), uuid.uuid4().hex[:8])))
        path = replace_file(self.folder / f"{stem}{SUFFIX}", to_bytes(ds))
        return read(path, path.stat())

    def _path(self, run: Entry | str) -> Path:
        """Return the path of a run's file: of one that is in the folder itself, whatever the name says."""
        name = _file_of(run)
        if name not in _files(self.folder):
            raise ValueError(f"there is no run {name[:80]!r} in the library")
        return self.folder / name

    def _found(self) -> Iterator[tuple[str, Entry | str]]:
        """Yield each file's name, and its entry or why it has none; what is unchanged is not read again."""
        known: dict[tuple[str, int, int], Entry | str] = {}
        for name, status in _files(self.folder).items():
            key = (name, status.st_size, status.st_mtime_ns)
            known[key] = self._known[key] if key in self._known else _looked_at(self.folder / name, status)
        self._known = known
        yield from ((name, found) for (name, *_), found in known.items())


def _files(folder: Path) -> dict[str, os.stat_result]:
    """Return the files of a folder that could be runs, with size and age: no links, nothing hidden."""
    try:
        with os.scandir(folder) as found:
            named = [(e.name, e) for e in found if e.name.endswith(SUFFIX) and not e.name.startswith(".")]
            there = {name: entry.stat(follow_symlinks=False) for name, entry in named}
    except FileNotFoundError:
        return {}
    return {name: status for name, status in there.items() if stat.S_ISREG(status.st_mode)}


def _looked_at(path: Path, status: os.stat_result) -> Entry | str:
    """Return a file's entry, or why it has none."""
    if status.st_size > LARGEST:
        return f"it has {_megabytes(status.st_size)}; a library reads up to {_megabytes(LARGEST)}"
    try:
        return read(path, status)
    except (OSError, ValueError) as error:
        return str(error).replace(str(path), path.name)


def _whole(path: Path) -> xr.Dataset:
    """Read a result, if it is no larger than it may be, both as a file and once it is unpacked.

    Raises:
        ValueError: It is larger, or no whole result.
        OSError: It cannot be read.
    """
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"{path.name} has {_megabytes(size)}; allowed: up to {_megabytes(LARGEST)}")
    unpacked = numbers(path)
    if unpacked > LARGEST:
        raise ValueError(f"{path.name} has {_megabytes(unpacked)} of numbers; allowed: {_megabytes(LARGEST)}")
    return load(path)


def _file_of(run: Entry | str) -> str:
    return run.file if isinstance(run, Entry) else run


def _plain(name: str) -> str:
    """Return a name in letters, digits and hyphens, as every file system takes them; it may be empty."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-")


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.0f} MB"
