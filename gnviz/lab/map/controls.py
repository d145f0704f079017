"""The widgets of a map: its axes, what is coloured, how often each cell is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import panel as pn
import param

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.lab.controls.field import Field
from gnviz.lab.controls.sections import labelled
from gnviz.lab.controls.slider import Slider
from gnviz.lab.look.layout import INK, WIDE, show, stack, text
from gnviz.lab.look.menu import Menu
from gnviz.lab.map import axes
from gnviz.lab.map.axes import Axis
from gnviz.lab.map.settings import MEASURE_WORDS, MOST_SEEDS, TIME, Settings, checked
from gnviz.methods import display_name

SIDE_BY_SIDE = INK + ":host { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 0 8px; }"

CLOSE: dict[str, Any] = {"margin": (3, 10)} | WIDE


class AxisControls:
    """The widgets of one axis.

    Args:
        label: Which one.
        axis: What to begin with.

    Attributes:
        knob: The menu of knobs.
        ends: The fields of the first and the last value, and of the count.
        box: All of them.
    """

    def __init__(self, label: str, axis: Axis) -> None:
        self.knob = Menu([], label=label, named="above", **CLOSE)
        self.ends = [Field(label=word, margin=0) for word in ("from", "to", "values")]
        fields = stack(*self.ends, stylesheets=[SIDE_BY_SIDE], margin=(0, 10))
        self.box = stack(self.knob, fields, margin=(0, 0, 4, 0))
        self.show(axis)

    def offer(self, knobs: dict[str, str], axis: Axis) -> None:
        """Let the menu have some knobs, by what they are called, and the one that is chosen."""
        wanted = knobs | {axes.label_of(axis.knob): axis.knob}
        if self.knob.options != wanted:
            self.knob.param.update(options=wanted, value=axis.knob)

    def show(self, axis: Axis) -> None:
        """Show an axis."""
        self.knob.value = axis.knob
        for field, value in zip(self.ends, axis[1:], strict=True):
            field.value = f"{value:g}"

    def read(self) -> Axis:
        """Return the axis that the fields are of.

        Raises:
            KnobError: There is none.
        """
        low, high, count = (str(field.value).strip() for field in self.ends)
        return axes.read_axis(self.knob.label, f"{self.knob.value}={low}:{high}:{count}")


class MapControls(pn.viewable.Viewer):
    """Widgets for a map; what they say is `settings`. What cannot be used is said in `problem`."""

    settings = param.ClassSelector(default=Settings(), class_=Settings, doc="The map as the widgets show it.")
    problem = param.String("", doc="Why the last change was refused; empty if it was not.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._showing = False
        self._across = AxisControls("Across", self.settings.across)
        self._up = AxisControls("Up", self.settings.up)
        self.measure = Menu(
            MEASURE_WORDS, label="Colour", named="above", value=self.settings.measure, **CLOSE
        )
        self.level = Field(label="Loss to reach", value=f"{self.settings.level:g}", **CLOSE)
        self.run = Menu([], label="Method", named="above", **CLOSE)
        self.seeds = Slider(
            label="Initial weights for each cell", start=1, end=MOST_SEEDS // 2, step=1, whole=True,
            value=self.settings.seeds, margin=(6, 10, 2, 10),
            help="With several a cell has the colour of their median, and its tip their range.",
        )  # fmt: skip
        for axis in (self._across, self._up):
            axis.knob.param.watch(lambda event, axis=axis: self._turn(axis, event.new), "value")
            for field in axis.ends:
                field.param.watch(lambda _: self._read(), "value")
        for widget in (self.measure, self.level, self.run, self.seeds):
            widget.param.watch(lambda _: self._read(), "value")
        self._show_level()

    def load(self, settings: Settings) -> None:
        """Show a map's settings."""
        with self._shown():
            self._across.show(settings.across)
            self._up.show(settings.up)
            self.measure.value, self.level.value = settings.measure, f"{settings.level:g}"
            self.seeds.value = settings.seeds
            self.run.options, self.run.value = {settings.run: settings.run}, settings.run
        self.problem, self.settings = "", settings
        self._show_level()

    def suit(self, experiment: Experiment) -> None:
        """Offer the knobs and the methods of an experiment."""
        knobs = axes.offered(experiment)
        runs = self.settings.runs(experiment)
        with self._shown():
            self._across.offer(knobs, self.settings.across)
            self._up.offer(knobs, self.settings.up)
            chosen = self.settings.run if self.settings.run in runs else runs[0]
            options = {display_name(run, experiment.clock.kind): run for run in runs}
            if (options, chosen) != (self.run.options, self.run.value):
                self.run.param.update(options=options, value=chosen)
        show(self.run, len(runs) > 1)

    def _turn(self, axis: AxisControls, knob: str) -> None:
        """Give an axis another knob, with its usual values; where the other has it, they change places."""
        if self._showing:
            return
        other = self._up if axis is self._across else self._across
        before = self.settings.across if axis is self._across else self.settings.up
        with self._shown():
            if other.knob.value == knob:
                kept = self.settings.up if axis is self._across else self.settings.across
                axis.show(kept)
                other.show(before)
            else:
                axis.show(axes.usual(knob))
        self._read()

    def _read(self) -> None:
        """Take what the widgets say."""
        if self._showing:
            return
        try:
            level = float(self.level.value)
        except ValueError:
            self.problem = f"Loss to reach: {self.level.value!r} is no number"
            return
        first = next(iter(self.run.options.values()), "")
        run = "" if self.run.value == first else self.run.value
        try:
            ends = self._across.read(), self._up.read()
            settings = checked(Settings(*ends, self.measure.value, level, int(self.seeds.value), run))
        except KnobError as error:
            self.problem = labelled(str(error))
            return
        self.problem = ""
        if settings != self.settings:
            self.settings = settings
        self._show_level()

    def _show_level(self) -> None:
        show(self.level, self.settings.measure == TIME)

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """Show values in widgets without taking them for the user's."""
        before, self._showing = self._showing, True
        try:
            yield
        finally:
            self._showing = before

    def __panel__(self) -> pn.viewable.Viewable:
        heading = text("The map", "heading", margin=(8, 10, 2, 10))
        coloured = (self.measure, self.level, self.run)
        return stack(heading, self._across.box, self._up.box, *coloured, self.seeds)
