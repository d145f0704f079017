"""What a kept run says of itself, read from its file's attributes alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from gnviz.results import SCHEMA
from gnviz.results.files import sentence
from gnviz.results.seal import check

if TYPE_CHECKING:
    import xarray as xr

NAME, NOTE, DATE, THUMBNAIL = "title", "comment", "date_created", "thumbnail"
"""Attributes of a kept run; the first three are those of the Attribute Convention for Data Discovery."""

LONGEST = {NAME: 120, NOTE: 2000}
"""Letters of a name and of a note; what is longer is cut."""

LARGEST_THUMBNAIL = 20_000
"""Bytes; a larger one, of whatever origin, is not shown."""


@dataclass(frozen=True)
class Entry:
    """A kept run.

    Attributes:
        file: Name of its file in the library's folder.
        name: What it is called; its file's name where it says none.
        note: What was noted.
        date: When it was kept; when its file was written where it does not say.
        thumbnail: Its loss curves as SVG; empty if it has none.
        experiment: The experiment as JSON.
        size: Bytes of its file.
    """

    file: str
    name: str
    note: str
    date: datetime
    thumbnail: str
    experiment: str
    size: int

    def matches(self, words: str) -> bool:
        """Return whether each word is somewhere in name, note or experiment, in whatever case."""
        text = f"{self.name}\n{self.note}\n{self.experiment}".casefold()
        return all(word in text for word in words.casefold().split())


def described(ds: xr.Dataset, name: str, note: str, thumbnail: str) -> xr.Dataset:
    """Return a Dataset that says of itself what an entry needs.

    Args:
        ds: A Dataset of schema 1; it is not changed.
        name: What it is to be called.
        note: What there is to note.
        thumbnail: A small SVG.

    Raises:
        ValueError: The name is empty.
    """
    if not (name := _shortened(name, NAME)):
        raise ValueError("a run is kept under a name: name = '' is not allowed")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return ds.assign_attrs(
        {NAME: name, NOTE: _shortened(note, NOTE), DATE: now, THUMBNAIL: thumbnail[:LARGEST_THUMBNAIL]}
    )


def read(path: Path, status: os.stat_result, *, ours: bool = True) -> Entry:
    """Return what a file says of itself; of its arrays nothing is kept.

    Args:
        path: A file.
        status: Its size and age.
        ours: Whether a checksum in it is believed (`gnviz.results.seal`).

    Raises:
        ValueError: It is no result that this gnviz can open; the message is a sentence without its path.
    """
    attributes = _attributes(path, ours)
    schema, experiment = attributes.get("schema"), attributes.get("experiment")
    if not isinstance(schema, (int, np.integer)) or not isinstance(experiment, str):
        raise ValueError("it is not a gnviz result: it has no schema or experiment attribute")
    if schema > SCHEMA:
        raise ValueError(f"it has schema {schema}; this gnviz reads up to {SCHEMA}: upgrade it")
    thumbnail = _text(attributes, THUMBNAIL)
    return Entry(
        file=path.name,
        name=_shortened(_text(attributes, NAME), NAME) or path.stem,
        note=_shortened(_text(attributes, NOTE), NOTE),
        date=_date(_text(attributes, DATE), status.st_mtime),
        thumbnail=thumbnail if len(thumbnail) <= LARGEST_THUMBNAIL else "",
        experiment=experiment,
        size=status.st_size,
    )


def numbers(path: Path) -> int:
    """Return how many bytes a file's arrays say that they have once they are unpacked; none is read.

    Raises:
        ValueError: It is not a NetCDF file that can be read.
    """
    try:
        check(path)
        with h5py.File(path, "r") as file:
            sizes = [
                (part.size or 0) * part.dtype.itemsize
                for part in file.values()
                if isinstance(part, h5py.Dataset)
            ]
    except Exception as error:
        raise ValueError(f"{path.name} is not a NetCDF file that can be read: {sentence(error)}") from error
    return sum(sizes)


def _attributes(path: Path, ours: bool) -> dict[str, Any]:
    """Return a file's attributes that are texts or single numbers."""
    try:
        check(path, ours=ours)
        with h5py.File(path, "r") as file:
            found = {str(name): file.attrs[name] for name in file.attrs}
    except Exception as error:  # whatever HDF5 makes of bytes that anyone may have put there
        raise ValueError(f"it is not a NetCDF file that can be read: {sentence(error)}") from error
    return {k: v.item() if isinstance(v, np.ndarray) and v.size == 1 else v for k, v in found.items()}


def _text(attributes: dict[str, Any], name: str) -> str:
    found = attributes.get(name, "")
    return found if isinstance(found, str) else ""


def _shortened(text: str, attribute: str) -> str:
    """Return a text without what no file can hold, at most as long as it may be."""
    return text.replace("\0", "").strip()[: LONGEST[attribute]]


def _date(text: str, otherwise: float) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(otherwise, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
