"""The same experiment in plain coordinates, beside one in others: what a change of coordinates moves."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import xarray as xr

from gnviz.analysis.measures import apart
from gnviz.experiment import Experiment
from gnviz.jobs.base import JobStatus, Runner
from gnviz.lab.look.layout import WIDE, show, text
from gnviz.lab.run.live import LiveRun
from gnviz.views.runs import name_of

if TYPE_CHECKING:
    from gnviz.lab.figures.board import Board

PLAIN = "plain"
"""The chart that others are compared with."""


class Reference:
    """At most one run in plain coordinates, at full speed.

    Args:
        runner: Where it is computed.

    Attributes:
        moved: Says how far each run is from where it is in plain coordinates.
    """

    def __init__(self, runner: Runner) -> None:
        self._live = LiveRun(runner)
        self._wanted = False
        self._done: xr.Dataset | None = None
        self.moved = text("", "line", margin=(0, 10, 4, 10), min_height=18, **WIDE)
        show(self.moved, False)

    def start(self, experiment: Experiment) -> None:
        """Run an experiment in plain coordinates, if it is of a surface in other ones."""
        self._live.cancel()
        self._done, self.moved.object = None, ""
        surface = experiment.surface
        self._wanted = surface.model != "none" and surface.chart != PLAIN
        show(self.moved, surface.model != "none")  # an empty line leaves room: the picture stays where it is
        if self._wanted:
            self._live.start(experiment.replace({"surface.chart": PLAIN}))

    def cancel(self) -> None:
        """End the run."""
        self._live.cancel()

    def tick(self) -> None:
        """Collect what the worker has sent."""
        if self._wanted:
            self._live.tick()

    @property
    def dataset(self) -> xr.Dataset | None:
        """The run, once it has finished."""
        recording = self._live.recording
        finished = self._wanted and self._live.status == JobStatus.FINISHED
        if self._done is None and finished and recording is not None:
            self._done = recording.dataset()
        return self._done

    def compare(self, board: Board, live: LiveRun) -> None:
        """Draw its paths beside those of a run, and say how far they are apart, once both are done."""
        recording = live.recording if live.status == JobStatus.FINISHED else None
        reference = self.dataset if recording is not None else None
        if board.compare(reference):
            self.moved.object = ""
            if recording is not None and reference is not None:
                self.moved.object = self.words(recording.dataset())

    def words(self, ds: xr.Dataset) -> str:
        """Return how far each run of a finished Dataset is from where it is in plain coordinates."""
        reference = self.dataset
        if reference is None:
            return ""
        try:
            found = apart(ds, reference)
        except ValueError as error:  # each chart has its own horizon where none is set
            return f"Not compared with plain coordinates: {html.escape(str(error))}."
        each = ", ".join(
            f"{html.escape(name_of(ds, label))} {distance:.2g}" for label, distance in found.items()
        )
        return f"Largest distance on M from the path in plain coordinates: {each}."
