"""The library's desk: does what the browser asks for, in a thread, and says how it went."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import panel as pn
import xarray as xr

from gnviz.lab.library.shelf import PART, Shelf
from gnviz.lab.look.layout import show
from gnviz.lab.server.aside import aside
from gnviz.library import Entry, Library
from gnviz.library.library import LARGEST

MOST_SHOWN = 100
"""Runs that are listed: beyond, search is quicker than reading."""


class Desk:
    """A library, and its dialog, which is not there until `begin` names one.

    Args:
        current: Returns the run that is shown and a name for it; None for no run.
        show: Called with a run that is opened; a ValueError of its is said.

    Attributes:
        shelf: The button and its dialog.
    """

    def __init__(
        self,
        current: Callable[[], tuple[xr.Dataset, str] | None],
        show: Callable[[xr.Dataset], None],
    ) -> None:
        self._current, self._show = current, show
        self._library: Library | None = None
        self._words, self._arriving, self._number = "", bytearray(), 0.0
        self.shelf = Shelf(most=LARGEST, margin=0)
        self.shelf.on_msg(lambda event: self._asked(event.data))

    def begin(self, library: Library | None) -> None:
        """Serve a library; with None the page has none."""
        self._library = library
        show(self.shelf, library is not None)

    @property
    def _shelves(self) -> Library:
        assert self._library is not None
        return self._library

    def _asked(self, message: Any) -> None:
        """Do what the browser asks for; nothing in a message is trusted."""
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "look": self._look, "keep": self._keep, "open": self._open, "delete": self._delete,
            "undo": self._undo, "part": self._take,
        }  # fmt: skip
        if self._library is not None and isinstance(message, dict) and message.get("act") in acts:
            acts[message["act"]](message)

    def _look(self, message: dict[str, Any]) -> None:
        """List the runs that some words are in."""
        current = self._current()
        self.shelf.suggested = current[1] if current else ""
        self._words = _text(message, "words")
        self._do(lambda: None, "")

    def _keep(self, message: dict[str, Any]) -> None:
        self._words = ""
        current, name, note = self._current(), _text(message, "name"), _text(message, "note")
        if current is None:
            return self._refuse("there is no run to keep yet")
        self._do(lambda: self._shelves.keep(current[0], name, note), f"Kept as {name}.")

    def _open(self, message: dict[str, Any]) -> None:
        file = _text(message, "file")

        def opened(ds: xr.Dataset) -> None:
            try:
                self._show(ds)
            except ValueError as error:
                return self._refuse(str(error))
            self.shelf.said = {"words": "", "shut": True}

        aside(lambda: self._shelves.open(file), opened, self._refuse)

    def _delete(self, message: dict[str, Any]) -> None:
        file = _text(message, "file")
        self._do(lambda: self._shelves.delete(file), "Deleted.", back=file)

    def _undo(self, message: dict[str, Any]) -> None:
        file = _text(message, "file")
        self._do(lambda: self._shelves.undo(file), "It is there again.")

    def _take(self, message: dict[str, Any]) -> None:
        """Take in a part of a file; the last one completes it."""
        if message.get("number") != self._number:
            self._number, self._arriving = message.get("number", 0.0), bytearray()
        name, part = _text(message, "name"), _text(message, "part")
        if len(part) > 2 * PART or len(self._arriving) > LARGEST:
            return self._refuse(f"{name} is larger than {LARGEST // 1024**2} MB")
        try:
            self._arriving += base64.b64decode(part, validate=True)
        except binascii.Error:
            return self._refuse(f"{name} did not arrive whole")
        if message.get("last") is True:
            data, self._arriving, self._words = bytes(self._arriving), bytearray(), ""
            self._do(lambda: self._shelves.add(data, name.removesuffix(".nc")), f"Added {name}.")

    def _do(self, act: Callable[[], object], words: str, **more: str) -> None:
        """Do something to the folder in a thread, list what is there then, and say so."""
        search = self._words

        def work() -> tuple[list[Entry], dict[str, str]]:
            act()
            return self._shelves.list(search), self._shelves.unreadable()

        def tell(there: tuple[list[Entry], dict[str, str]]) -> None:
            entries, unreadable = there
            with pn.io.hold():
                self.shelf.param.update(
                    entries=[_row(entry) for entry in entries[:MOST_SHOWN]],
                    unreadable=[list(pair) for pair in unreadable.items()][:MOST_SHOWN],
                    found=search,
                )
                if words:
                    self.shelf.said = {"words": words, "bad": False} | more

        aside(work, tell, self._refuse)

    def _refuse(self, why: str) -> None:
        sentence = why[:1].upper() + why[1:]
        self.shelf.said = {"words": sentence if sentence.endswith(".") else f"{sentence}.", "bad": True}
        self.shelf.param.trigger("said")  # the same again is news, too


def _row(entry: Entry) -> dict[str, str]:
    picture = base64.b64encode(entry.thumbnail.encode()).decode()
    return {
        "file": entry.file,
        "name": entry.name,
        "note": entry.note,
        "date": f"{entry.date.astimezone():%d %b %Y, %H:%M}",
        "size": f"{max(entry.size / 1024**2, 0.1):.1f} MB",
        "picture": f"data:image/svg+xml;base64,{picture}" if picture else "",
    }


def _text(message: dict[str, Any], name: str) -> str:
    found = message.get(name)
    return found if isinstance(found, str) else ""
