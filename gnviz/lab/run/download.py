"""Saving a run: as what, and the button."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui
import xarray as xr

from gnviz import export
from gnviz.knobs import KnobError
from gnviz.lab.menu import Menu
from gnviz.lab.run.live import LiveRun
from gnviz.results import to_bytes

FORMATS: dict[str, tuple[str, Callable[[xr.Dataset], bytes | bytearray | memoryview | str]]] = {
    "data (NetCDF)": ("gnviz.nc", to_bytes),
    "Python script": ("gnviz_run.py", export.script),
    "notebook": ("gnviz_run.ipynb", export.notebook),
    "tables (CSV)": ("gnviz.zip", export.csv),
}
"""The file's name and what makes it, by what a run can be saved as."""


class Download:
    """A menu of formats, and the button that saves the run as it is recorded by now.

    Args:
        live: Whose recording.
        refuse: Called with a sentence where a run cannot be saved so.

    Attributes:
        menu: Chooses one of `FORMATS`.
        button: Can be pressed once it is enabled.
    """

    def __init__(self, live: LiveRun, refuse: Callable[[str], None]) -> None:
        self._live, self._refuse = live, refuse
        self.menu = Menu(list(FORMATS), label="Save the run as", width=140, margin=(8, 0, 8, 4))
        self.button = pmui.FileDownload(
            callback=self._file,
            filename=FORMATS[self.menu.value][0],
            label="Save",
            icon="download",
            size="small",
            disabled=True,
            margin=(4, 2),
            width=84,
            description="Data for gnviz.load or xarray, what repeats the run to the last bit, or tables",
        )
        self.menu.param.watch(self._name, "value")

    def _name(self, event: Any) -> None:
        self.button.filename = FORMATS[event.new][0]

    def _file(self) -> io.BytesIO | None:
        recording = self._live.recording
        if recording is None:
            return None
        try:
            made = FORMATS[self.menu.value][1](recording.dataset())
        except KnobError as error:  # such as a problem of the user's own, which no script has
            return self._refuse(str(error))
        return io.BytesIO(made.encode() if isinstance(made, str) else made)
