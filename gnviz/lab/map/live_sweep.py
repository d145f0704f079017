"""A sweep that fills a map: prepared, begun, advanced at each heartbeat, stopped. Nothing here draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.jobs.base import Runner
from gnviz.lab.map.settings import Settings
from gnviz.lab.server.aside import aside
from gnviz.lab.server.lane import lane_of
from gnviz.lab.server.presence import watched
from gnviz.sweeps import Sweep
from gnviz.sweeps.grid import Index

if TYPE_CHECKING:
    import xarray as xr


class LiveSweep:
    """At most one sweep at a time.

    Args:
        runner: Where its cells are computed, beside what else is.
        refuse: Called with a sentence where a sweep cannot be made or go on.

    Attributes:
        sweep: The sweep; None before the first is ready.
        settings: Whose it is.
        new: How many sweeps there have been: watch it, and `sweep.done`, to draw.
        filling: Whether cells are being computed.
        stopped: Whether it was ended before its end.
    """

    def __init__(self, runner: Runner, refuse: Callable[[str], None]) -> None:
        self._runner, self._lane, self._refuse = runner, lane_of(runner), refuse
        self._number = 0
        self._begin = False
        self._experiment: Experiment | None = None
        self.sweep: Sweep | None = None
        self.settings = Settings()
        self.new = 0
        self.filling = self.stopped = False

    def prepare(self, experiment: Experiment, settings: Settings, *, begin: bool = False) -> None:
        """Make a sweep in place of the one before, in a thread: its grid takes longer than a page may wait.

        Args:
            experiment: What is set on the page.
            settings: The map's.
            begin: Whether its cells are to be computed then.
        """
        self.stop()
        self._number += 1
        number, self._begin = self._number, begin

        def make() -> Sweep:
            return Sweep(settings.base(experiment), settings.over(experiment))

        def take(sweep: Sweep) -> None:
            if number == self._number:
                self.sweep, self.settings, self._experiment = sweep, settings, experiment
                self.new += 1
                self.filling, self.stopped, self._begin = self._begin, False, False

        def refuse(why: str) -> None:
            if number == self._number:
                self._begin = False
                self._refuse(why)

        aside(make, take, refuse)

    @property
    def places(self) -> int:
        """Most cells that are computed at a time."""
        return self._lane.places

    @property
    def begun(self) -> bool:
        """Whether it is computed, or is to be once it is ready."""
        return self.filling or self._begin

    @property
    def empty(self) -> bool:
        """Whether nothing has been computed, nor is."""
        return not self.begun and (self.sweep is None or not self.sweep.done)

    def advance(self) -> bool:
        """Take what has been computed and go on, unless nobody looks; return whether cells have been done."""
        if not self.filling or self.sweep is None:
            return False
        if not watched():
            self._lane.leave(self)
            return False
        try:
            news = self.sweep.advance(self._runner, self._lane.room(self))
        except (OSError, RuntimeError) as error:  # no worker can be had, or the server is closing
            self.stop()
            self._refuse(str(error))
            return True
        if self.sweep.complete:
            self._rest()
        return news

    def stop(self) -> None:
        """End it; what has been computed stays."""
        self._number += 1  # what is being prepared comes too late
        self._begin = False
        if self.filling and self.sweep is not None:
            self.sweep.stop()
            self.stopped = not self.sweep.complete
            self._rest()

    def go_on(self) -> bool:
        """Compute what a sweep that was stopped lacks; return whether there is one."""
        self.filling = self.sweep is not None and not self.sweep.complete
        self.stopped = self.stopped and not self.filling
        return self.filling

    def _rest(self) -> None:
        self.filling = False
        self._lane.leave(self)

    def is_of(self, experiment: Experiment, settings: Settings) -> bool:
        """Return whether it is the sweep that these settings ask for."""
        if self.sweep is None or self._experiment is None:
            return False
        mine, theirs = self.settings, settings
        alike = mine.over(self._experiment) == theirs.over(experiment)
        return alike and (
            experiment == self._experiment or mine.base(self._experiment) == theirs.base(experiment)
        )

    def dataset(self, level: float) -> xr.Dataset:
        """Return what there is so far.

        Args:
            level: The loss whose time is told.
        """
        assert self.sweep is not None
        return self.sweep.dataset(level)

    def opened(self, index: Index, experiment: Experiment) -> Experiment:
        """Return a cell's experiment, with all the methods that are set on the page.

        Args:
            index: Where the cell is: its place across and upward.
            experiment: What the map varies, as it is set.

        Raises:
            KnobError: There can be none.
        """
        assert self.sweep is not None
        whole = index + (0,) * (len(self.sweep.grid.shape) - len(index))
        return self.sweep.grid.at(whole, self.settings.beside(experiment))
