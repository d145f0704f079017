"""Pins: results that stay in the pictures while other settings race against them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import panel as pn
import param

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.jobs.base import JobStatus, Runner
from gnviz.knobs import flatten
from gnviz.knobs.groups import text_of
from gnviz.lab.controls.sections import label_of, labelled
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import flow
from gnviz.lab.run.live import LiveRun
from gnviz.lab.run.plans import PLANS, home, read_once
from gnviz.methods import display_name
from gnviz.results import Recording
from gnviz.views.numbers import number
from gnviz.views.pins import MOST_PINS, Pin

LONGEST = 40
"""Letters of a pin's name."""


class Pins(pn.viewable.Viewer):
    """A button that pins the run as it is recorded by now, and one for each pin that takes it away.

    Args:
        recording: Returns the run that is shown; None for none.
        runner: Where pins that an address names are computed, one after another.
        say: Called with why one of those could not be computed.
    """

    pinned = param.List([], item_type=Pin, doc="The results that are pinned, the oldest first.")
    wanted = param.List([], item_type=Experiment, doc="Experiments that are pinned, or to be once computed.")

    def __init__(
        self,
        recording: Callable[[], Recording | None],
        runner: Runner,
        say: Callable[[str], None],
        **params: object,
    ) -> None:
        super().__init__(**params)
        self._recording, self._live, self._say = recording, LiveRun(runner), say
        why = "Keep these curves in the pictures, dashed, and race other settings against them"
        self.button = Button("Pin", self.pin, icon="pin", help=why, width=82)
        self.chips = flow(gap="4px", margin=(0, 6))

    def pin(self) -> None:
        """Pin the run that is shown; beyond `MOST_PINS` the oldest goes."""
        recording = self._recording()
        if recording is not None and recording.count:
            self._set([*self.pinned, _pin_of(recording)][-MOST_PINS:])

    def remove(self, pin: Pin) -> None:
        """Take a pin away."""
        self._set([other for other in self.pinned if other is not pin])

    def _set(self, pins: list[Pin]) -> None:
        self.param.update(pinned=pins, wanted=[*map(experiment_of, pins), *self._missing])

    def want(self, experiments: Sequence[Experiment]) -> None:
        """Pin the results of some experiments: those that are not there are computed.

        Other pins go, but for those of tables, which no address can name.
        """
        self._live.cancel()
        kept = [p for p in self.pinned if of_table(experiment_of(p)) or experiment_of(p) in experiments]
        tables = [experiment for experiment in map(experiment_of, kept) if of_table(experiment)]
        self.param.update(pinned=kept, wanted=[*tables, *experiments][:MOST_PINS])
        self._next()

    @property
    def _missing(self) -> list[Experiment]:
        """Experiments that are wanted and not there."""
        there = [experiment_of(pin) for pin in self.pinned]
        return [experiment for experiment in self.wanted if experiment not in there]

    def _next(self) -> None:
        if missing := self._missing:
            self._live.start(missing[0])

    @property
    def busy(self) -> bool:
        """Whether one is being computed, or has been and is not yet collected."""
        status = self._live.status
        return status is not None and not status.final

    def cancel(self) -> None:
        """End what is being computed."""
        self._live.cancel()

    def tick(self) -> None:
        """Collect what the worker has sent, and pin what has finished."""
        if not self.busy:
            return
        self._live.tick()
        if self.busy:
            return
        recording, experiment = self._live.recording, self._live.experiment
        if self._live.status == JobStatus.FINISHED and recording is not None and experiment in self.wanted:
            self.pinned = sorted([*self.pinned, _pin_of(recording)], key=self._place)
        else:
            self.wanted = [other for other in self.wanted if other != experiment]
            if self._live.message:
                self._say(f"A pinned run could not be computed: {labelled(self._live.message)}")
        self._next()

    def _place(self, pin: Pin) -> int:
        return self.wanted.index(experiment_of(pin))

    @param.depends("pinned", watch=True)
    def _show(self) -> None:
        self.chips.objects = [self._chip(pin) for pin in self.pinned]

    def _chip(self, pin: Pin) -> Button:
        look = {"icon": "close", "kind": "quiet", "margin": (0, 2), "help": "Take away this pin"}
        return Button(pin.name, lambda: self.remove(pin), **look)


def _pin_of(recording: Recording) -> Pin:
    return Pin(name_of(read_once(recording.header.experiment)), recording.dataset())


def of_table(experiment: Experiment) -> bool:
    """Return whether an experiment reads a table of the user's own."""
    return bool(experiment.data.table or experiment.data.path)


def experiment_of(pin: Pin) -> Experiment:
    """Return the experiment that a pin is a result of."""
    return read_once(pin.dataset.attrs["experiment"])


def name_of(experiment: Experiment) -> str:
    """Return what a result is called: how its settings differ from those that its page opens with."""
    usual = dict(flatten(preset(PLANS[home(experiment)].preset).to_dict()))
    own = dict(flatten(experiment.to_dict()))
    other = [f"{label_of(knob)} {_said(value)}" for knob, value in own.items() if usual.get(knob) != value]
    dial = None if experiment.on_surface else own.get("data.condition")  # what one turns first
    words = ", ".join(other) or (f"{label_of('data.condition')} {_said(dial)}" if dial else "as it opens")
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _said(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return ", ".join(map(display_name, value)) if isinstance(value, list) else text_of(value)
