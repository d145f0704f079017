"""The board: all pictures of a live run, built once and fed as moments arrive."""

from __future__ import annotations

import html
from typing import Any

import panel as pn
import panel_material_ui as pmui
import xarray as xr

from gnviz.lab.layout import SHEET, flow, grid, sheet, spanning, stack, text
from gnviz.lab.live_figure import live
from gnviz.results import Recording
from gnviz.views import VIEWS

HEIGHT = 265
"""Pixels of a figure: two rows and the bars above fit a 900 pixel screen."""

HEAD = 40
"""Pixels of a figure's title bar."""

SPANS = {
    "loss": {"xs": 12, "md": 7, "lg": 5},
    "function_space": {"xs": 12, "md": 5, "lg": 4},
    "fit": {"xs": 12, "md": 4, "lg": 3},
    "modes": {"xs": 12, "md": 4},
    "spectrum_time": {"xs": 12, "md": 4},
    "spectrum": {"xs": 12, "md": 4},
}
"""Columns, of twelve, that each figure takes on small, medium and large screens, in order."""

FIRST = "loss"
"""The figure that every update brings up to date first."""

OF_ONE_RUN = ("modes", "spectrum_time")
TIMED = ("loss", "modes", "spectrum_time")


class Board(pn.viewable.Viewer):
    """One card for each view; `show` starts a recording, `update` extends it."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._recording: Recording | None = None
        self._shown: dict[str, int] = {}  # moments in each figure, in the order of the next turns
        self.figures = {name: live(VIEWS[name], height=HEIGHT, legend=name == "loss") for name in SPANS}
        self.time_scale = pmui.Select(
            label="",
            options={"log time": "log", "linear time": "linear"},
            value="log",
            size="small",
            width=125,
            margin=(0, 6),
            description="Scale of the time axes",
        )
        self.run = pmui.Select(
            label="",
            options=[],
            size="small",
            width=170,
            margin=(0, 6),
            description="Whose modes and eigenvalues are drawn",
        )
        self.time_scale.param.watch(lambda _: self._redraw(TIMED), "value")
        self.run.param.watch(lambda _: self._redraw(OF_ONE_RUN), "value")

    def show(self, recording: Recording) -> None:
        """Begin a recording, with one moment at least: draw it afresh."""
        self._recording = None  # the selector below must not redraw the old one
        labels = list(recording.header.labels)
        chosen = self.run.value if self.run.value in labels else labels[0]
        self.run.param.update(options=labels, value=chosen)
        self._recording = recording
        self._redraw(tuple(SPANS))

    @property
    def behind(self) -> list[str]:
        """The figures that do not show all that is recorded, the next to be drawn first."""
        if self._recording is None:
            return []
        late = [name for name, shown in self._shown.items() if shown < self._recording.count]
        return sorted(late, key=lambda name: (name != FIRST, self._shown[name]))

    def update(self, at_once: int = len(SPANS)) -> None:
        """Draw what has come since, in at most `at_once` of the figures that are behind."""
        assert self._recording is not None
        ds = self._recording.dataset()
        for name in self.behind[:at_once]:
            if self.figures[name].update(ds):
                self._shown[name] = self._recording.count

    def _redraw(self, names: tuple[str, ...]) -> None:
        if self._recording is None:
            return
        ds = self._recording.dataset()
        for name in names:
            self.figures[name].show(ds, **self._options(name, ds))
            self._shown[name] = self._recording.count

    def _options(self, name: str, ds: xr.Dataset) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if name in TIMED:
            assert self._recording is not None
            time = self._recording.header.time
            options |= {
                "time_scale": self.time_scale.value,
                "time_range": (float(time[min(1, len(time) - 1)]), float(time[-1])),
            }
        if name in OF_ONE_RUN:
            options["run"] = self.run.value
        return options

    def _card(self, name: str) -> pn.Column:
        view = VIEWS[name]
        title = text(
            f"<span title='{html.escape(view.caption, quote=True)}'>{html.escape(view.title)}</span>", "title"
        )
        extra = {"loss": [self.time_scale], "modes": [self.run]}.get(name, [])
        head = flow(title, *extra, justify_content="space-between", flex_wrap="nowrap", height=HEAD)
        figure = stack(self.figures[name], height=HEIGHT + 10)
        height = HEIGHT + 10 + HEAD + 2  # or a phone would squeeze all cards into its window
        return sheet(head, figure, height=height, stylesheets=[SHEET, spanning(SPANS[name])])

    def __panel__(self) -> pn.viewable.Viewable:
        return grid(*map(self._card, SPANS))
