"""The loop of a sweep: cells go to a runner, and what comes back is filled in and kept."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gnviz.experiment import Experiment
from gnviz.jobs import Job, JobStatus, Runner
from gnviz.jobs.choice import usual_runner
from gnviz.knobs import KnobError
from gnviz.sweeps.cell import DIGEST, Cell
from gnviz.sweeps.folder import Folder, name_of
from gnviz.sweeps.grid import Grid, Index
from gnviz.sweeps.order import coarse_first
from gnviz.sweeps.progress import Progress
from gnviz.sweeps.table import Table

if TYPE_CHECKING:
    import xarray as xr

LEVEL = 1e-10
"""The loss whose time is told unless another is asked for."""

TRIES = 3
"""How often a cell is begun whose worker dies: that may be its own doing."""

PATIENCE = 0.05
"""Seconds between looks at all jobs, where the oldest takes long."""


def sweep(
    experiment: Experiment,
    over: Mapping[str, Iterable[Any]],
    *,
    level: float = LEVEL,
    runner: Runner | None = None,
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], Any] | None = None,
) -> xr.Dataset:
    """Run an experiment for all combinations of some knobs' values.

    The numbers do not depend on how many workers there are, nor on the order in which they finish.

    Args:
        experiment: What to repeat.
        over: Values of each knob by its dotted name, such as `{"network.seed": range(10)}`; `methods` are
            compared within each cell.
        level: The loss whose time is told in `time_to_loss`.
        runner: Where; None: worker processes of this machine, or the Dask cluster whose scheduler the
            environment variable GNVIZ_SCHEDULER names.
        folder: Keeps each cell as soon as it is computed, and gives those that it has: a sweep that was
            stopped goes on. None: nothing is kept.
        workers: Processes of this machine; None: one a core.
        progress: Called with a `Progress` as cells are done, such as `print`.

    Returns:
        A Dataset over the knobs and `run`, as `help(gnviz.sweeps)` lists it. A cell that is refused or fails
        has a status and a sentence there.

    Raises:
        KnobError: The grid is bad: an unknown knob, no values, a value that no cell allows; nothing has run.
        OSError: A cell cannot be kept, or no worker can be had; the message says why.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton"])
        >>> small = experiment.replace({"network.width": 32, "clock.horizon": 8, "clock.snapshots": 20})
        >>> ds = gnviz.sweep(small, {"network.seed": [0, 1], "network.alpha": [1, 10]}, level=1e-5)
        >>> dict(ds.time_to_loss.sizes)
        {'network.seed': 2, 'network.alpha': 2, 'run': 1}
        >>> bool((ds.time_to_loss < 8).all())
        True
    """
    made = Sweep(experiment, over, level=level, folder=folder)
    if runner is not None:
        return made.run(runner, progress)
    with usual_runner(workers, threads=1) as own:
        return made.run(own, progress)


@dataclass
class _UnderWay:
    """A cell that a runner has."""

    index: Index
    name: str
    job: Job
    tries: int = 1
    sent: list[Any] = field(default_factory=list)


class _Pace:
    """How fast cells come, from the first one on: before it, workers start."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def left(self, computed: int, waiting: int) -> float | None:
        """Return the seconds that cells which wait will take; None before there is a pace."""
        now = time.monotonic()
        if self._first is None and computed:
            self._first = now, computed
        if self._first is None or computed == self._first[1]:
            return None
        return waiting * (now - self._first[0]) / (computed - self._first[1])


class Sweep:
    """A sweep that can be looked at while it runs, and after it was stopped; see `sweep` for the arguments.

    Args:
        experiment: What to repeat.
        over: Values of each knob.
        level: The loss whose time is told.
        folder: Where cells are kept; None: nowhere.

    Attributes:
        grid: Its knobs and values.
        done: Cells that are done.
        kept: Those of them that were found in the folder.
    """

    def __init__(
        self,
        experiment: Experiment,
        over: Mapping[str, Iterable[Any]],
        *,
        level: float = LEVEL,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        if not level > 0:
            raise KnobError(f"level = {level!r} is not allowed: a positive number")
        self.grid = Grid(experiment, over)
        self.done = self.kept = 0
        self._level, self._table = level, Table(self.grid)
        self._folder = Folder(folder) if folder is not None else None
        self._waiting = deque(coarse_first(self.grid))
        self._elsewhere: deque[Index] = deque()
        self._under_way: list[_UnderWay] = []
        self._lost_in_a_row = 0
        self._pace = _Pace()

    def dataset(self, level: float | None = None) -> xr.Dataset:
        """Return what there is so far, as `gnviz.sweeps` lists it.

        Args:
            level: The loss whose time is told; None: the sweep's own.
        """
        return self._table.dataset(level or self._level)

    @property
    def complete(self) -> bool:
        """Whether all cells are done."""
        return self.done == len(self.grid)

    @property
    def under_way(self) -> int:
        """How many cells a runner has."""
        return len(self._under_way)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        left = self._pace.left(self.done - self.kept, len(self.grid) - self.done)
        return Progress(self.done, len(self.grid), self.kept, left)

    def run(self, runner: Runner, progress: Callable[[Progress], Any] | None = None) -> xr.Dataset:
        """Compute all cells that are not done.

        Args:
            runner: Where.
            progress: Called with a `Progress` as cells are done.

        Raises:
            OSError: A cell cannot be kept, or no worker can be had.
        """
        told = 0
        try:
            while not self.complete:
                self.advance(runner)
                if progress and self.done != told:
                    told = self.done
                    progress(self.progress)
                if self._under_way:
                    self._under_way[0].job.wait(PATIENCE)
                elif self._elsewhere:
                    time.sleep(PATIENCE)
        finally:
            self.stop()
        return self.dataset()

    def advance(self, runner: Runner, most: int | None = None) -> bool:
        """Take what has been computed and give the runner more; never blocks: for who has a loop already.

        Args:
            runner: Where.
            most: Cells that it is to have then, of which no more are looked at now; None: twice as many as it
                has places, so that none of these waits for us.

        Returns:
            Whether cells have been done.

        Raises:
            OSError: A cell cannot be kept, or no worker can be had.
        """
        before = self.done
        self._collect(runner)
        self._fill(runner, 2 * runner.places if most is None else most, most)
        return self.done > before

    def stop(self) -> None:
        """Cancel what is under way; it waits to be computed."""
        self._pace = _Pace()  # nobody knows how long the pause will be
        for one in list(self._under_way):
            one.job.cancel()
            self._drop(one)
            self._waiting.appendleft(one.index)

    def _fill(self, runner: Runner, room: int, at_once: int | None) -> None:
        """Give the runner cells until it has `room`, looking at no more than `at_once` (None: any number)."""
        self._waiting.extend(self._elsewhere)
        again = len(self._elsewhere)
        self._elsewhere.clear()
        looked = 0
        while self._waiting and len(self._under_way) < room and looked != at_once:
            self._begin(runner, self._waiting.popleft())
            looked += 1
            if again and len(self._elsewhere) >= again:
                break

    def _begin(self, runner: Runner, index: Index) -> None:
        """Begin a cell, unless it is refused, kept, or another sweep is at it."""
        try:
            experiment = self.grid.at(index)
        except KnobError as error:
            return self._put(index, Cell.without_runs("refused", str(error)))
        name = name_of(experiment) if self._folder else ""
        if self._folder:
            if not self._folder.claim(name):
                return self._elsewhere.append(index)
            if cell := self._folder.find(name):
                self._folder.release(name)
                self.kept += 1
                return self._put(index, cell)
        self._under_way.append(_UnderWay(index, name, runner.submit(experiment, digest=DIGEST)))
        return None

    def _collect(self, runner: Runner) -> None:
        """Take what is there of all cells that are done."""
        done = [one for one in self._under_way if one.job.done]
        for one in self._under_way:  # or waiting for one that has sent would not wait
            one.sent += one.job.poll()
        for one in done:
            if one.job.status == JobStatus.LOST and one.tries < TRIES:
                self._lost(one, runner)
                continue
            cell, computed = _result(one)
            if computed and self._folder:
                self._folder.keep(one.name, cell)
            self._drop(one)
            self._put(one.index, cell)
            self._lost_in_a_row *= not computed

    def _lost(self, one: _UnderWay, runner: Runner) -> None:
        """Begin a cell again whose worker died.

        Raises:
            OSError: No worker lives long enough for any cell.
        """
        self._lost_in_a_row += 1
        if self._lost_in_a_row > TRIES * (runner.places + 1):
            raise ConnectionError(f"the sweep has lost its workers: {one.job.error}")
        one.job, one.tries, one.sent = runner.submit(one.job.experiment, digest=DIGEST), one.tries + 1, []

    def _put(self, index: Index, cell: Cell) -> None:
        self._table.put(index, cell)
        self.done += 1

    def _drop(self, one: _UnderWay) -> None:
        self._under_way.remove(one)
        if self._folder:
            self._folder.release(one.name)


def _result(one: _UnderWay) -> tuple[Cell, bool]:
    """Return the cell of a job that is done, and whether it is a result that another try would give again."""
    job = one.job
    if job.status == JobStatus.FINISHED and one.sent:
        return one.sent[0], bool(one.sent[0].numbers)
    return Cell.without_runs(str(job.status), job.error or "The run was cancelled."), False
