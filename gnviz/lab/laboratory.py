"""The laboratory: controls, a live run and its pictures, joined."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import panel as pn
import xarray as xr

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.jobs.base import JobStatus, Runner
from gnviz.lab import arrangement
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.message import Message
from gnviz.lab.controls.sections import labelled
from gnviz.lab.controls.upload import OPEN_TABLE, lacks_table
from gnviz.lab.controls.widgets import switch
from gnviz.lab.figures.board import Board
from gnviz.lab.figures.browser.plotly_script import MISSING, PlotlyScript
from gnviz.lab.figures.browser.viewport import Viewport
from gnviz.lab.figures.cards import LEADING
from gnviz.lab.figures.reference import Reference
from gnviz.lab.figures.stage import Stage, experiment_of
from gnviz.lab.heartbeat import BRIEF, CALM, GRACE, HURRY, IDLE, QUICK, Heartbeat
from gnviz.lab.lessons.guide import Guide
from gnviz.lab.look.layout import WIDE, text
from gnviz.lab.map.page import MAP, MapPage
from gnviz.lab.present import Present
from gnviz.lab.run.left_pages import LeftPages
from gnviz.lab.run.live import LiveRun
from gnviz.lab.run.pins import Pins
from gnviz.lab.run.plans import ANY, PLANS, home
from gnviz.lab.run.scrubber import Scrubber, moment_text
from gnviz.lab.run.status import StatusLines
from gnviz.lab.run.transport import Transport
from gnviz.lab.server.address import Visited
from gnviz.lab.server.presence import taken
from gnviz.lab.server.runner import shared_runner
from gnviz.lab.tools import Tools
from gnviz.results import Recording, recalled

if TYPE_CHECKING:
    from gnviz.problem.user.make import UserProblem


class Laboratory(pn.viewable.Viewer):
    """Settings beside pictures; the same object serves the page and a notebook.

    From when a browser shows it until none does any more, it draws what the worker has sent; then the run is
    cancelled.

    Args:
        experiment: What to begin with.
        runner: Where to train; the process-wide pool of local workers if none is given.
        problem: The user's own model and data, in place of an experiment's.
    """

    def __init__(
        self,
        experiment: Experiment | None = None,
        runner: Runner | None = None,
        problem: UserProblem | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.controls = Controls(experiment, own=problem is not None)
        self.live = LiveRun(runner or shared_runner(), problem)
        self.reference = Reference(runner or shared_runner())
        self.pages = arrangement.buttons({PLANS[x].title: x for x in (PLANS if problem is None else ANY)})
        self.pages.value = home(self.controls.experiment)
        self.scrubber = Scrubber(margin=(0, 10), **WIDE)
        self.reading = text("", "note", margin=(0, 10, 2, 10), **WIDE)
        self.status = StatusLines()
        self.complaint = Message(self.controls.change)
        self.automatic = switch("Run on every change")
        self.tools = Tools(self.live, self.recall, lambda: self.board)
        self.pins = Pins(lambda: self.live.recording, self.live.runner, self.complaint.say)
        self.pins.param.watch(lambda event: self.stage.pin(event.new), "pinned")
        self.guide = Guide(self._visit, lambda: self.here)
        self.guide.view.param.watch(lambda event: self.stage.light(event.new), "looks")
        self.scrubber.follow(self.guide.view, lambda: self.live.recording)
        lessons = () if problem is not None else (self.guide.menu,)
        self.map = MapPage(self.live.runner, self.controls, self.go_to, self.guide.another_menu)
        self.present = Present(self.guide.view.turn)
        tools = self.pins.button, *self.tools.buttons, self.present
        self.transport = Transport(self.live, self.start, *lessons, *tools)
        self.script = PlotlyScript(height=0, margin=0)
        self.viewport = Viewport(height=0, margin=0)
        self.stage = Stage(self.script, self.viewport, self._built)
        self._heart = Heartbeat(self._pulse, self.complaint.say)
        self._left, self._led = LeftPages(), False
        self._seen = self._told = tuple[Any, ...]()
        self._began = self._shown = 0.0  # when a run was asked for, and when its first moment was drawn
        self._due = self._recalling = False
        self.viewport.param.watch(lambda _: taken() and self.beat(), "drawn")
        self.viewport.param.watch(lambda _: self._heart.pace(QUICK), "near")
        self.script.param.watch(self._turn_late, "ready")
        self.controls.param.watch(self._changed, "experiment")
        self.controls.param.watch(lambda event: self.complaint.say(labelled(event.new)), "problem")
        self.scrubber.param.watch(self._seek, "asked")
        self.stage.turn_to(home(self.controls.experiment))
        self.pages.param.watch(self._open, "value")

    def start(self, *, paused: bool = False) -> None:
        """Train with the settings as they are, but not under a map; paused, show only the first moment."""
        self._due, self._shown = False, 0.0
        if self.map.open:
            return None
        if lacks_table(self.controls.experiment):
            self.cancel()
            return self.complaint.say(OPEN_TABLE, severity="info")
        self._ready_for_another()
        self.compute(paused=paused)
        self.transport.refresh()

    def compute(self, *, paused: bool = False, moments: int = 1) -> None:
        """Begin a run of what is set, and change nothing of the page; paused, only its first moments."""
        self._began = monotonic()
        self.reference.start(self.controls.experiment)
        self.live.start(self.controls.experiment, paused=paused)
        if paused:
            self.live.step(moments)

    def _ready_for_another(self) -> None:
        """Forget what was said of the run before, and look for the first moment of the next."""
        self._due, self._shown, self._began = False, 0.0, monotonic()
        self.complaint.say("")
        self.controls.reached.object = ""
        self._seen, self._told = self._seen[:1], ()  # or a run that ends as the last did would be no news
        self._heart.pace(QUICK)

    def follow(self) -> None:
        """Train with the settings as they are, once the run before has shown itself: the newest win.

        While a slider is dragged each run would else be replaced before its first moment.
        """
        self._due = True
        waits = self._new and monotonic() - self._began < HURRY
        if not waits or lacks_table(self.controls.experiment):
            self.start()

    @property
    def _new(self) -> bool:
        """Whether a run is under way that has shown nothing yet."""
        job = self.live.job
        return job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING) and not self._shown

    def cancel(self) -> None:
        """End what is being computed."""
        for run in (self.live, self.reference, self.pins):
            run.cancel()
        self.map.stop()

    def beat(self) -> None:
        """Begin the heartbeat, in the session or the notebook that calls, unless it beats already."""
        if self._heart.beats:
            return
        self._heart.begin()
        if pn.state.curdoc and pn.state.curdoc.session_context:
            pn.state.on_session_destroyed(lambda _: self.cancel())

    @property
    def _awaited(self) -> bool:
        """Whether a new run's first moment is about to come."""
        return self._new and not self.live.count and monotonic() - self._began < GRACE

    @property
    def _late(self) -> bool:
        """Whether a run has ended that is not yet drawn to its end."""
        undrawn = self._stands != self._seen or self._stands != self._told or bool(self.board.behind)
        return undrawn and not (self.live.active or self.map.open or self.script.missing)

    @property
    def _stands(self) -> tuple[Any, ...]:
        """What tells whether there is something new."""
        return self.live.new, self.live.count, self.live.status

    def _pulse(self) -> None:
        """Draw what is new, as fast as the browser can show it; once nobody can see it any more, end."""
        if self.viewport.gone:
            self._heart.end()
            return self.cancel()
        self.live.tick()
        self.map.advance()
        brief = self.live.status == JobStatus.RUNNING and monotonic() - self._shown < BRIEF
        busy = brief or self._due or self._new or self.map.live.filling or self._late
        calm = self.live.active or self.map.open or self.pins.busy
        self._heart.pace(QUICK if busy else CALM if calm else IDLE)
        if brief and self._due:
            self.follow()
        elif self._awaited or brief:
            pass  # the browser would paint words while the picture waits for it
        elif self.tick(figures=self.viewport.figures(len(self.board.figures), rest=self.live.active)):
            self.viewport.beat()
        pn.io.push_notebook(self.viewport)  # in a page, Bokeh itself sends what is changed in its models

    def tick(self, *, figures: int | None = None) -> bool:
        """Collect what has come and draw it; called at every beat.

        Args:
            figures: Most figures to draw now, which take turns; None: all.

        Returns:
            Whether something was drawn.
        """
        for run in (self.live, self.reference, self.pins):
            run.tick()
        drawn = figures != 0 and (self.map.draw() if self.map.open else self._draw(figures))
        if self._due:
            self.follow()
        return drawn

    def _draw(self, figures: int | None) -> bool:
        """Draw what has come, in so many figures (None: all); return whether something was drawn."""
        recording = self.live.recording
        seen = self._stands
        news = seen != self._seen
        fresh = seen[:1] != self._seen[:1]
        if fresh and recording is not None and not self._can_show(recording):
            self._fade(waits=True)
            return False
        self._seen = seen
        waiting = bool(self.board.behind)
        with pn.io.hold():
            if recording is not None and recording.count and fresh:
                self._begin(recording, figures and LEADING)
            elif waiting:
                self.board.update(figures)
            if (self.live.active or self._told != seen) and not (fresh and figures):
                self._told = seen
                self._refresh()
            self.reference.compare(self.board, self.live)
            self._fade()
        if not (news or waiting) and self.live.status != JobStatus.RUNNING:
            self.board.describe()
        return news or waiting

    @property
    def board(self) -> Board:
        """The pictures of the page that is open."""
        return self.stage.board

    def _built(self, board: Board) -> None:
        """Follow what the user does in new pictures."""
        board.param.watch(lambda _: self._read(), "mode")
        board.param.watch(lambda event: self.controls.place(event.name, event.new), ["start", "target"])

    @property
    def here(self) -> tuple[Experiment, str]:
        """The settings, and the page that is chosen."""
        return self.controls.experiment, str(self.pages.value)

    def _visit(self, wanted: Visited) -> None:
        """Go where a lesson leads."""
        self.map.load(wanted.map)
        self.go_to(wanted.experiment, wanted.page)
        if wanted.refusal:
            self.complaint.say(wanted.refusal)

    def go_to(self, experiment: Experiment, page: str, *, run: bool = False) -> None:
        """Show settings on a page that can show them; run them unless that is left to the user, or `run`."""
        with self._leading():
            self.controls.load(experiment)
            self.pages.value = page
        if self._due or (run and not self.live.active):
            self.start()

    @contextmanager
    def _leading(self) -> Iterator[None]:
        """Open a page for the settings' sake, not for what was left there."""
        before, self._led = self._led, True
        try:
            yield
        finally:
            self._led = before

    def recall(self, ds: xr.Dataset) -> None:
        """Show a run that was kept, and its settings, as it was recorded: nothing is trained.

        Raises:
            KnobError: This gnviz does not know what it is a run of.
        """
        recording, self._recalling = recalled(ds), True
        try:
            self.guide.open("")
            self.controls.load(experiment_of(recording))
        finally:
            self._recalling = False
        self._ready_for_another()
        self.reference.start(self.controls.experiment)
        self.live.recall(recording)
        self.transport.refresh()

    def restore(self) -> None:
        """Go back to the experiment that the page opens with."""
        self.controls.load(preset(PLANS[str(self.pages.value)].preset))
        if self._due:
            self.start()

    def _open(self, event: Any) -> None:
        """Open a page: with what is set if that is of its kind, else with what was left there."""
        if not self._led:
            self.guide.leave()
        self.map.turn(event.new == MAP)
        plan, recording = PLANS[event.new], self.live.recording
        of = experiment_of(recording) if recording is not None and recording.count else None
        own = None if self._led else self._left.turn(event.old, event.new, self.controls.experiment)
        if own is not None:
            with self._leading():
                self.controls.load(own)
                self.pages.value = event.new
            self.start()
        elif event.old == MAP and (of is None or (self.automatic.value and of != self.controls.experiment)):
            self.start()
        elif event.new != MAP and recording is not None and of is not None and plan.fits(of):
            if not self._can_show(recording):
                return
            with pn.io.hold():
                self.stage.show(recording, str(self.pages.value), self.scrubber.moment)
                self._read()

    def _can_show(self, recording: Recording) -> bool:
        """Return whether the browser has all that a recording's page needs; if not, say so where it fails."""
        ready = self.stage.ready(recording, str(self.pages.value))
        if not ready and self.script.missing:
            self.complaint.say(MISSING)
        return ready

    def _turn_late(self, _: Any) -> None:
        """Let the next tick draw what had to wait for Plotly."""
        pn.extension("plotly")  # or Panel would warn that it is not loaded
        self._seen = ()

    def _begin(self, recording: Recording, at_once: int | None) -> None:
        self.stage.show(recording, str(self.pages.value), at_once=at_once)
        self._shown = monotonic()
        header = recording.header
        self.scrubber.start([moment_text(header.clock, t) for t in header.time])
        self.controls.reach(header.reach, header.condition)

    def _fade(self, *, waits: bool = False) -> None:
        """Draw pictures faint that are of the settings before, unless the first moment is about to come."""
        old = self.live.recording is not None and (
            waits or not self.live.count or lacks_table(self.controls.experiment)
        )
        faint = old and (monotonic() - self._began > GRACE or not self.live.active)
        self.stage.fade(faint)
        self.status.fade(faint or self.status.of is not self.live.recording)

    def _seek(self, _: Any) -> None:
        """Show the moment that the scrubber asks for, in all figures at once."""
        with pn.io.hold():
            self.board.seek(self.scrubber.moment)
            self._read()
            self.scrubber.answered = self.scrubber.asked[0]

    def _stand(self) -> None:
        """Say where the runs stand at the moment that is shown."""
        recording = self.live.recording
        if recording is not None and recording.count and self.live.status != JobStatus.FAILED:
            self.status.tell(recording, self.scrubber.moment)

    def _read(self) -> None:
        self.reading.object = html.escape(self.board.reading())
        self._stand()

    def _refresh(self) -> None:
        recording = self.live.recording
        self.transport.refresh()
        self.scrubber.count = recording.count if recording else 0
        if self.live.message:
            self.complaint.say(labelled(self.live.message), self.live.remedy)
        self._stand()

    def _changed(self, event: Any) -> None:
        page = home(event.new)
        if page != home(event.old) or not PLANS[str(self.pages.value)].fits(event.new):
            self._left.keep(str(self.pages.value), event.old)
            with self._leading():
                self.pages.value = page
        if self.automatic.value and not self._recalling:
            self.follow()

    @property
    def sidebar(self) -> pn.viewable.Viewable:
        """The controls, as for a page's sidebar."""
        return arrangement.sidebar(self)

    @property
    def body(self) -> pn.viewable.Viewable:
        """Everything but the sidebar: the leading pictures, what steers them, and the others."""
        return arrangement.body(self)

    def __panel__(self) -> pn.viewable.Viewable:
        return arrangement.whole(self)
