"""What can be done with the run that is shown: take it away, keep it, share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xarray as xr

from gnviz.lab.figures.board import Board
from gnviz.lab.library.desk import Desk
from gnviz.lab.library.folder import library
from gnviz.lab.run.download import Download
from gnviz.lab.run.live import LiveRun
from gnviz.lab.run.pins import name_of
from gnviz.lab.share import Share


class Tools:
    """The buttons for it.

    Args:
        live: The run.
        recall: Called with one that was kept, to show it again.
        board: Returns its pictures.

    Attributes:
        download: Saves it as a file.
        desk: Keeps it in the library.
        share: Gives its link.
    """

    def __init__(
        self, live: LiveRun, recall: Callable[[xr.Dataset], None], board: Callable[[], Board]
    ) -> None:
        self._live = live
        self.download = Download(self._dataset, board)
        self.desk = Desk(self._current, recall)
        self.share = Share()

    @property
    def buttons(self) -> tuple[Any, ...]:
        """All of them, in order."""
        return self.download, self.desk.shelf, self.share

    def begin(self) -> None:
        """Find the library of the session that calls."""
        self.desk.begin(library())

    def _current(self) -> tuple[xr.Dataset, str] | None:
        """Return what is recorded by now, and a name for it."""
        ds = self._dataset()
        if ds is None or self._live.experiment is None:
            return None
        return ds, name_of(self._live.experiment)

    def _dataset(self) -> xr.Dataset | None:
        """Return what is recorded by now."""
        recording = self._live.recording
        return recording.dataset() if recording is not None and recording.count else None
