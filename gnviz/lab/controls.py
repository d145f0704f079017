"""The sidebar: every knob of an experiment as a widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.experiment import DATA_KINDS, TARGETS, Experiment
from gnviz.knobs import KnobError, flatten
from gnviz.lab.layout import WIDE, stack, text
from gnviz.lab.methods import MethodChooser, goes_with
from gnviz.lab.upload import CsvUpload
from gnviz.lab.widgets import changed_by, make, typed
from gnviz.presets import PRESETS, preset

Visible = Callable[[Experiment], bool]


def _made(e: Experiment) -> bool:
    return e.data.kind in ("circle", "ring", "line", "teacher")


def _flow(e: Experiment) -> bool:
    return e.clock.kind == "flow"


# knob: (label, widget style, when it is shown)
LAYOUT: dict[str, dict[str, tuple[str, str, Visible]]] = {
    "Data": {
        "data.kind": ("Data", "", lambda e: True),
        "data.target": ("Target", "", lambda e: True),
        "data.n": ("Samples", "slider 2 60 2", _made),
        "data.d": ("Inputs d", "slider 1 20 1", lambda e: e.data.kind == "teacher"),
        "data.condition": ("Target κ(K₀)", "log", lambda e: e.data.kind == "circle"),
        "data.noise": ("Noise (std)", "", _made),
        "data.test": ("Test samples", "", lambda e: e.data.target != "equal-modes"),
        "data.seed": ("Data seed", "", lambda e: e.data.kind == "teacher" or (_made(e) and e.data.noise > 0)),
    },
    "Network": {
        "network.width": ("Width", "slider 2 1000 2", lambda e: True),
        "network.depth": ("Layers", "slider 1 4 1", lambda e: True),
        "network.activation": ("Activation", "", lambda e: True),
        "network.alpha": ("Output scaling α", "log 0.01 1000", lambda e: True),
        "network.initialization": ("Initialization", "", lambda e: True),
        "network.seed": ("Seed", "", lambda e: True),
    },
    "Loss": {
        "loss.kind": ("Loss", "", lambda e: True),
        "loss.delta": ("Turning point δ", "log 0.01 100", lambda e: e.loss.kind == "pseudo-huber"),
        "loss.condition": ("Ratio of weights", "log", lambda e: e.loss.kind == "weighted"),
    },
    "Ensemble": {
        "ensemble.alphas": ("Several α, such as 1;10;100", "", lambda e: True),
        "ensemble.seeds": ("Initial weights", "slider 1 20 1", lambda e: True),
    },
    "Clock": {
        "clock.kind": ("Clock", "", lambda e: True),
        "clock.horizon": ("Flow time to reach", "", _flow),
        "clock.tol": ("Flow accuracy", "log 1e-5 1e-1", _flow),
        "clock.steps": ("Steps", "", lambda e: not _flow(e)),
        "clock.step_rule": ("Step size", "", lambda e: not _flow(e)),
        "clock.step_size": ("η", "", lambda e: not _flow(e) and e.clock.step_rule != "stable"),
        "clock.spacing": ("Moments spaced", "", lambda e: True),
        "clock.snapshots": ("Moments", "slider 20 400 10", lambda e: True),
    },
    "Computing": {
        "device": ("Device", "", lambda e: True),
        "dtype": ("Precision", "", lambda e: True),
    },
}

LATER = ("Ensemble", "Clock", "Computing")
"""Sections that are folded away at first."""

CHOICES = {
    "data.kind": {words: kind for kind, words in DATA_KINDS.items()},
    "data.target": {words: target for target, words in TARGETS.items()},
    "clock.kind": {"continuous flow": "flow", "discrete steps": "steps"},
}


class Controls(pn.viewable.Viewer):
    """Widgets for an experiment; the current one is `experiment`.

    A value that cannot be used leaves `experiment` as it was and says why in `problem`.
    """

    experiment = param.ClassSelector(
        default=Experiment(), class_=Experiment, doc="The experiment as the widgets show it."
    )
    problem = param.String("", doc="Why the last change was refused; empty if it was not.")

    def __init__(self, experiment: Experiment | None = None, **params: Any) -> None:
        super().__init__(experiment=experiment or Experiment(), **params)
        self._loading = False
        self.widgets: dict[str, Any] = {}
        self._headings: dict[str, Any] = {}
        self._build()
        self._show_relevant()

    def _build(self) -> None:
        knobs = Experiment.knobs()
        values = _values(self.experiment)
        for section in LAYOUT.values():
            for name, (label, style, _) in section.items():
                widget = make(label, knobs[name], values[name], style)
                if name in CHOICES:
                    widget.param.update(options=CHOICES[name], value=values[name])
                widget.param.watch(
                    lambda event, name=name: self._changed(name, event.new), changed_by(widget)
                )
                self.widgets[name] = widget
        self.methods = MethodChooser(self.experiment.methods)
        self.methods.param.watch(lambda event: self._changed("methods", event.new), "methods")
        self.upload = CsvUpload()
        self.upload.param.watch(self._uploaded, "choice")
        self.reached = text("", "note", margin=(-4, 10, 4, 10))
        self.start_from = pmui.Select(
            label="Start from",
            size="small",
            value="",
            options={"choose a lesson": ""} | {title: name for name, (title, _) in PRESETS.items()},
            **WIDE,
        )
        self.start_from.param.watch(self._preset, "value")
        self._sections = {title: stack() for title in LAYOUT}
        self.later = pmui.Card(
            *(self._sections[title] for title in LATER),
            title="Ensemble, clock and computing",
            collapsed=True,
            title_variant="body2",
            margin=(10, 4),
            elevation=0,
            variant="outlined",
            **WIDE,
        )
        self.later.param.watch(self._unfold, "collapsed")

    def load(self, experiment: Experiment) -> None:
        """Show an experiment in the widgets."""
        self._loading = True
        try:
            for name, value in _values(experiment).items():
                if name in self.widgets:
                    _show(self.widgets[name], value)
            self.methods.load(experiment.methods)
            self.upload.load(experiment.data)
        finally:
            self._loading = False
        self.experiment, self.problem = experiment, ""
        self._show_relevant()

    def _changed(self, name: str, value: Any) -> None:
        if not self._loading:
            self._apply({name: value})

    def _apply(self, values: dict[str, Any]) -> None:
        try:
            experiment = _with_methods_that_go(self.experiment.replace(values))
        except KnobError as error:
            self.problem = str(error)
            return
        self.problem = ""
        if experiment.methods != self.methods.methods and "methods" not in values:
            self._loading = True
            self.methods.load(experiment.methods)
            self._loading = False
        if experiment != self.experiment:
            self.experiment = experiment
        self._show_relevant()

    def _uploaded(self, event: Any) -> None:
        if not self._loading and event.new:
            self._apply({"data.kind": "csv", **event.new})

    def _preset(self, event: Any) -> None:
        if event.new:
            self.load(preset(event.new))

    def _show_relevant(self) -> None:
        """Fill each section with the widgets that matter for this experiment.

        The browser pays for every widget, seen or not: those that do not matter are left out.
        """
        self.methods.suit(self.experiment.clock)
        for title, column in self._sections.items():
            if title in LATER and self.later.collapsed and not column.objects:
                continue
            wanted = self._relevant(title)
            if column.objects != wanted:
                column.objects = wanted

    def _relevant(self, title: str) -> list[Any]:
        items: list[Any] = [_heading(title)] if title not in self._headings else [self._headings[title]]
        self._headings[title] = items[0]
        for name, (_, _, relevant) in LAYOUT[title].items():
            if relevant(self.experiment):
                items.append(getattr(self.widgets[name], "slider", self.widgets[name]))
            if name == "data.condition" and relevant(self.experiment):
                items.append(self.reached)
            if name == "data.kind" and self.experiment.data.kind == "csv":
                items.append(self.upload.column)
        return items

    def _unfold(self, _: Any) -> None:
        self._show_relevant()

    def __panel__(self) -> pn.viewable.Viewable:
        first = (self._sections[title] for title in ("Data", "Network", "Loss"))
        return stack(self.start_from, *first, _heading("Methods"), self.methods, self.later)


def _with_methods_that_go(experiment: Experiment) -> Experiment:
    """Return the experiment without methods that its clock cannot run; gradient descent if none is left."""
    parsed = zip(experiment.methods, experiment.parsed_methods, strict=True)
    fitting = [text for text, method in parsed if goes_with(method, experiment.clock)]
    return experiment.replace({"methods": fitting or [Experiment().methods[0]]})


def _heading(title: str) -> pn.pane.HTML:
    return text(title, "heading", margin=(10, 10, 2, 10))


def _values(experiment: Experiment) -> dict[str, Any]:
    return dict(flatten(experiment.to_dict()))


def _show(widget: Any, value: Any) -> None:
    """Set a widget without a value outside its slider being lost."""
    if isinstance(widget, pmui.TextInput):
        widget.value = typed(value)
    elif value is not None:
        widget.value = value
