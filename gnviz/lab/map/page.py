"""The page of the map: widgets, picture and sweep, joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import param
import xarray as xr

from gnviz.jobs.base import Runner
from gnviz.knobs import KnobError
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.message import Message
from gnviz.lab.controls.sections import labelled
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import BREAKPOINTS, INK, SHEET, WIDE, flow, grid, show, spanning, stack, text
from gnviz.lab.look.menu import Menu
from gnviz.lab.map.axes import DAMPING
from gnviz.lab.map.controls import MapControls
from gnviz.lab.map.live_sweep import LiveSweep
from gnviz.lab.map.settings import Settings
from gnviz.lab.map.view import MapView
from gnviz.lab.run.download import Download, Format
from gnviz.lab.run.plans import home
from gnviz.lab.run.transport import BUTTON, gauge
from gnviz.lab.share import Share
from gnviz.results import to_bytes
from gnviz.sweeps.grid import Index

MAP = "map"
"""Its key among the pages."""

FORMATS = {
    "Data (NetCDF)": Format(
        "gnviz_map.nc", "application/x-netcdf", "every cell's numbers, for gnviz.load and xarray", to_bytes
    )
}
"""As what a map can be saved."""


LAST = f"@media (max-width: {BREAKPOINTS['md'] - 1}px) {{ :host {{ order: 1; }} }}"
"""On a phone the widgets stand below the picture and its buttons."""


class MapPage(pn.viewable.Viewer):
    """The map of one laboratory; it is made when it is first opened.

    Args:
        runner: Where cells are computed.
        controls: The experiment that is varied.
        go: Called with a cell's experiment, its page, and `run=True`, to look at it.
        menu: Returns the menu of lessons for the bar.
    """

    settings = param.ClassSelector(default=Settings(), class_=Settings, doc="What the map shows.")

    def __init__(
        self,
        runner: Runner,
        controls: Controls,
        go: Callable[..., None],
        menu: Callable[[], Menu],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._runner, self._experiment, self._go, self._menu = runner, controls, go, menu
        self._others: Sequence[pn.viewable.Viewable] = ()
        self._stale = self._asked = False
        self.open = False
        self.room = stack()
        self.live = LiveSweep(runner, self._refuse)
        show(self.room, False)

    def _make(self) -> None:
        """Make widgets and picture."""
        self.complaint = Message(self._experiment.change)
        self.controls = MapControls(settings=self.settings)
        self.controls.load(self.settings)
        self.view = MapView(self.live, self._open_cell)
        look = {"icon": "run", "kind": "strong", "width": 112, "help": "Compute every cell"}
        self.run = Button("Run map", self.start, **look)
        look = {
            "icon": "stop",
            "kind": "bad",
            "width": BUTTON,
            "help": "End it; cells that are computed stay",
        }
        self.halt = Button("Stop", self.stop, **look)
        self.text = text("", "line", margin=(0, 6), **WIDE)
        self.download = Download(self._dataset, lambda: self.view, FORMATS, about="Save the map")
        self.controls.param.watch(lambda event: self._set(event.new), "settings")
        self.controls.param.watch(lambda event: self.complaint.say(event.new), "problem")
        self._experiment.param.watch(lambda _: self._suit(), "experiment")
        progress = stack(self.text, styles={"flex": "1 1 240px"})
        tools = self._menu(), self.download, Share()
        bar = flow(self.run, self.halt, progress, *tools, gap="4px", margin=(4, 6))
        beside = stack(self.controls, stylesheets=[SHEET, INK, spanning({"xs": 12, "md": 4, "lg": 3}), LAST])
        below = stack(bar, stylesheets=[SHEET, INK, spanning({"xs": 12})])
        whole = grid(self.view.card, beside, below)
        self.room.objects = [self.complaint, self.view.headline, whole]

    def instead_of(self, *others: pn.viewable.Viewable) -> None:
        """Take the place of some parts of the page while the map is open."""
        self._others = others
        self._arrange()

    def _arrange(self) -> None:
        for part in self._others:
            show(part, not self.open)
        show(self.room, self.open)

    def turn(self, on: bool) -> None:
        """Open the map, or put it away; cells that are being computed go on."""
        if on == self.open:
            return
        self.open = on
        if on and not self.room.objects:
            self._make()
        self._arrange()
        self._set_aside()
        if on:
            self._suit()
            self._runner.warm(self.live.places)

    def load(self, settings: Settings | None) -> None:
        """Show the map that an address says; None: leave it as it is."""
        if settings is None or settings == self.settings:
            return
        self.settings = settings
        if self.room.objects:
            self.controls.load(settings)
            self._suit()

    def start(self) -> None:
        """Compute the map as it is set: what a stopped one lacks, or all of it."""
        self.complaint.say("")
        mine = self.live.is_of(self._experiment.experiment, self.settings)
        if not (mine and self.live.go_on()):
            self.live.prepare(self._experiment.experiment, self.settings, begin=True)
        self._stale = False
        self.refresh()

    def stop(self) -> None:
        """End what is being computed; what is drawn stays."""
        self.live.stop()
        if self.room.objects:
            self.refresh()

    def advance(self) -> None:
        """Take what has been computed; called at every beat, whatever page is open."""
        if self.live.advance() and self.open:
            self.refresh()

    def draw(self) -> bool:
        """Draw what has come; return whether something was drawn."""
        if not self.open:
            return False
        fresh = self.live.new != self._asked
        self._asked = self.live.new
        if fresh:
            self._look()
        drawn = self.view.draw(self.settings, stale=self._stale)
        if drawn:
            self.refresh()
        return drawn

    def refresh(self) -> None:
        """Show where the sweep stands."""
        live, sweep = self.live, self.live.sweep
        begun = live.begun
        self.halt.disabled = not begun
        goes_on = live.stopped and not self._stale
        self.run.label = "Go on" if goes_on else "Run map"
        total = len(sweep.grid) if sweep is not None else self.settings.cells
        done = sweep.done if sweep is not None and not (begun and not live.filling) else 0
        state = "filling" if live.filling else "preparing" if begun else "stopped" if live.stopped else ""
        state = state or ("finished" if done == total else "not begun")
        words = f"{total} cells"
        if sweep is not None and done:
            words = str(sweep.progress if live.filling else sweep.progress._replace(seconds_left=None))
        if self._stale:
            state, words, done, total = "of other settings", f"now {self.settings.cells} cells", 0, 1
        self.text.object = gauge(state, words, 100 * done / total, f"{done} cells", "filled")

    def _set(self, settings: Settings) -> None:
        """Take what the widgets say."""
        self.complaint.say("")
        self.settings = settings
        self._set_aside()
        self._suit()

    def _suit(self) -> None:
        """Follow the experiment, and the map's own settings: a map without cells yet is made anew."""
        if not self.open:
            return
        self.controls.suit(self._experiment.experiment)
        self._look()

    def _look(self) -> None:
        """Find out whether the cells are those of what is set."""
        live, now = self.live, self._experiment.experiment
        alike = live.is_of(now, self.settings)
        if not alike and live.empty:
            live.prepare(now, self.settings)
        self._stale = not alike and not live.empty
        self.refresh()

    def _set_aside(self) -> None:
        """Take sliders out of sight that an axis has."""
        knobs = (self.settings.across.knob, self.settings.up.knob) if self.open else ()
        self._experiment.put_aside("methods" if knob == DAMPING else knob for knob in knobs)

    def _open_cell(self, index: Index) -> None:
        try:
            cell = self.live.opened(index, self._experiment.experiment)
            self._go(cell, home(cell), run=True)
        except KnobError as error:
            self._refuse(str(error))

    def _dataset(self) -> xr.Dataset | None:
        sweep = self.live.sweep
        return self.live.dataset(self.settings.level) if sweep is not None and sweep.done else None

    def _refuse(self, why: str) -> None:
        self.complaint.say(labelled(why))
        self.refresh()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.room
