"""Pins: results that stay in the pictures while other settings race against them."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import param

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.knobs import flatten
from gnviz.knobs.groups import text_of
from gnviz.lab.button import Button
from gnviz.lab.controls.sections import label_of
from gnviz.lab.layout import flow
from gnviz.lab.run.plans import PLANS, home
from gnviz.methods import display_name
from gnviz.results import Recording
from gnviz.views.pins import MOST_PINS, Pin

LONGEST = 40
"""Letters of a pin's name."""


class Pins(pn.viewable.Viewer):
    """A button that pins the run as it is recorded by now, and one for each pin that takes it away.

    Args:
        recording: Returns the run that is shown; None for none.
    """

    pinned = param.List([], item_type=Pin, doc="The results that are pinned, the oldest first.")

    def __init__(self, recording: Callable[[], Recording | None], **params: object) -> None:
        super().__init__(**params)
        self._recording = recording
        why = "Keep these curves in the pictures, dashed, and race other settings against them"
        self.button = Button("Pin", self.pin, icon="pin", help=why, width=82)
        self.chips = flow(gap="4px", margin=(0, 6))

    def pin(self) -> None:
        """Pin the run that is shown; beyond `MOST_PINS` the oldest goes."""
        recording = self._recording()
        if recording is not None and recording.count:
            name = name_of(Experiment.from_json(recording.header.experiment))
            self.pinned = [*self.pinned, Pin(name, recording.dataset())][-MOST_PINS:]

    def remove(self, pin: Pin) -> None:
        """Take a pin away."""
        self.pinned = [other for other in self.pinned if other is not pin]

    @param.depends("pinned", watch=True)
    def _show(self) -> None:
        self.chips.objects = [self._chip(pin) for pin in self.pinned]

    def _chip(self, pin: Pin) -> Button:
        look = {"icon": "close", "kind": "quiet", "margin": (0, 2), "help": "Take away this pin"}
        return Button(pin.name, lambda: self.remove(pin), **look)


def name_of(experiment: Experiment) -> str:
    """Return what a result is called: how its settings differ from those that its page opens with."""
    usual = dict(flatten(preset(PLANS[home(experiment)].preset).to_dict()))
    own = dict(flatten(experiment.to_dict()))
    other = [f"{label_of(knob)} {_said(value)}" for knob, value in own.items() if usual.get(knob) != value]
    words = ", ".join(other) or "as it opens"
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return ", ".join(map(display_name, value)) if isinstance(value, list) else text_of(value)
