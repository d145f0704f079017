"""The button that saves a run."""

from __future__ import annotations

import io

import panel_material_ui as pmui

from gnviz.lab.run.live import LiveRun
from gnviz.results import to_bytes


def download_button(live: LiveRun) -> pmui.FileDownload:
    """Return a button for the run as it is recorded by now; it can be pressed once it is enabled."""

    def file() -> io.BytesIO | None:
        recording = live.recording
        return None if recording is None else io.BytesIO(to_bytes(recording.dataset()))

    return pmui.FileDownload(
        callback=file,
        filename="gnviz.nc",
        label="Save run",
        icon="download",
        size="small",
        disabled=True,
        margin=(4, 2),
        width=110,
        description="The run as one NetCDF file, for gnviz.load or xarray",
    )
