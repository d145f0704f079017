"""Every knob of an experiment as a widget: a few in sight, the others in the sidebar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS, preset
from gnviz.knobs import KnobError, flatten
from gnviz.lab.controls.damping import DAMPING, damping_of, damping_slider, with_damping
from gnviz.lab.controls.field import Field
from gnviz.lab.controls.methods import MethodChooser, goes_with
from gnviz.lab.controls.sections import ANY, FRONT, LATER, OWN_PLACE, OWN_TABLE, choices, sections
from gnviz.lab.controls.slider import Slider, rounded
from gnviz.lab.controls.upload import CsvUpload
from gnviz.lab.controls.widgets import make, typed
from gnviz.lab.look.layout import FOLD, WIDE, flow, stack, text
from gnviz.lab.look.menu import Menu
from gnviz.methods.schedules.constant import Constant
from gnviz.views.numbers import number


class Controls(pn.viewable.Viewer):
    """Widgets for an experiment; the current one is `experiment`.

    Shown itself, it is the sidebar; `front` has the knobs that stand under the leading pictures.

    Args:
        experiment: What to begin with.
        own: Whether it is run on a problem of the user's own, for which there are no widgets.

    A value that cannot be used leaves `experiment` as it was and says why in `problem`.
    """

    experiment = param.ClassSelector(
        default=Experiment(), class_=Experiment, doc="The experiment as the widgets show it."
    )
    problem = param.String("", doc="Why the last change was refused; empty if it was not.")

    def __init__(self, experiment: Experiment | None = None, *, own: bool = False, **params: Any) -> None:
        super().__init__(experiment=experiment or Experiment(), **params)
        self.own = own
        self._loading, self._aside = False, frozenset[str]()
        self.widgets: dict[str, Any] = {}
        self._headings: dict[str, Any] = {}
        self._build()
        self._show_damping(self.experiment)
        self._show_relevant()

    def _build(self) -> None:
        knobs = Experiment.knobs()
        values = _values(self.experiment)
        self._placed = sections()
        for section in self._placed.values():
            for name, (label, style, _) in section.items():
                widget = make(label, knobs[name], values.get(name, knobs[name].default), style)
                if words := choices(name):
                    widget.param.update(options=words)
                    _show(widget, values[name])
                widget.param.watch(lambda event, name=name: self._changed(name, event.new), "value")
                self.widgets[name] = widget
        self.methods = MethodChooser(self.experiment.methods)
        self.methods.param.watch(lambda event: self._changed("methods", event.new), "methods")
        self.damping = damping_slider(self.experiment.methods)
        self.damping.param.watch(lambda event: self._damp(event.new), "value")
        self.upload = CsvUpload()
        self.upload.load(self.experiment.data)
        self.upload.param.watch(self._uploaded, "choice")
        self.reached = text("", "note", margin=(-4, 10, 4, 10), min_height=18)
        self.start_from = pmui.Select(
            label="Start from",
            size="small",
            value="",
            options={"an example": ""} | {title: name for name, (title, _) in PRESETS.items()},
            **WIDE,
        )
        self.start_from.param.watch(self._preset, "value")
        self.front = flow(gap="4px 28px", align="stretch", margin=(2, 6))
        self._places: dict[str, pn.Column] = {}
        self._sections = {title: stack() for title in self._placed}
        self.later = pmui.Card(
            objects=[self._sections[title] for title in LATER],
            title="Ensemble, clock and computing",
            collapsed=True,
            title_variant="body2",
            margin=(10, 4),
            elevation=0,
            variant="outlined",
            sx=FOLD,
            **WIDE,
        )
        self.later.param.watch(self._unfold, "collapsed")

    def load(self, experiment: Experiment) -> None:
        """Show an experiment in the widgets."""
        self._loading = True
        try:
            self._load(_values(experiment), tuple(self.widgets))
            self.methods.load(experiment.methods)
            self._show_damping(experiment)
            self.upload.load(experiment.data)
        finally:
            self._loading = False
        self.experiment, self.problem = experiment, ""
        self._show_relevant()

    def change(self, values: dict[str, Any]) -> None:
        """Set some knobs, as the user does, from elsewhere on the page."""
        self._apply(values)
        self._load(_values(self.experiment), tuple(values))
        if set(values) & set(OWN_TABLE):
            self.upload.load(self.experiment.data)

    def put_aside(self, names: Iterable[str]) -> None:
        """Leave out of sight those knobs under the leading pictures that something else on the page sets."""
        if (aside := frozenset(names)) != self._aside:
            self._aside = aside
            self._show_relevant()

    def place(self, what: str, where: Sequence[float]) -> None:
        """Set a surface's start (w1 and w2) or target (y1 to y3) to where it was put in a picture."""
        self.change({f"surface.{what}": [rounded(x) for x in where]})

    def reach(self, ranges: Mapping[str, tuple[float, float]], condition: float) -> None:
        """Say which kappa(K_0) was reached; let sliders end where the knobs can go as things are set."""
        self.reached.object = f"reached κ(K₀) = {number(condition, 4)}"
        for name, (low, high) in ranges.items():
            if isinstance(slider := self.widgets.get(name), Slider):
                slider.reach(low, high)

    def _load(self, values: dict[str, Any], names: tuple[str, ...]) -> None:
        """Show values in the widgets of some knobs, without taking them for the user's."""
        before, self._loading = self._loading, True
        try:
            for name in names:
                if name in self.widgets and name in values:
                    _show(self.widgets[name], values[name])
        finally:
            self._loading = before

    def _changed(self, name: str, value: Any) -> None:
        if not self._loading:
            self._apply({name: value})

    def _apply(self, values: dict[str, Any]) -> None:
        if "surface.model" in values:
            values = dict.fromkeys(OWN_PLACE) | values
        try:
            experiment = _with_methods_that_go(self.experiment.replace(values))
        except KnobError as error:
            self.problem = str(error)
            return
        self.problem = ""
        if experiment.methods != self.methods.methods:
            self._loading = True
            self.methods.load(experiment.methods)
            self._loading = False
        self._show_damping(experiment)
        if "surface.model" in values:
            self._load(_values(experiment), OWN_PLACE)
        if experiment != self.experiment:
            self.experiment = experiment
        self._show_relevant()

    def _damp(self, rho: float) -> None:
        """Give the first run with constant damping another, or add such a run."""
        if not self._loading:
            self._apply({"methods": with_damping(self.experiment.methods, rho)})

    def _show_damping(self, experiment: Experiment) -> None:
        """Let the slider say the damping of the first run that has a constant one, or what moving it does."""
        before, self._loading = self._loading, True
        rho = damping_of(experiment.methods)
        self.damping.label = DAMPING if rho else f"{DAMPING}: drag to add a run"
        self.damping.value = rho or self.damping.value
        self._loading = before

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
        wanted = [self._place(name) for name in FRONT if self._in_sight(name)]
        if self.front.objects != wanted:
            self.front.objects = wanted
        for title, column in self._sections.items():
            if title in LATER and self.later.collapsed and not column.objects:
                continue
            wanted = self._relevant(title)
            if column.objects != wanted:
                column.objects = wanted

    def _in_sight(self, name: str) -> bool:
        """Return whether a knob stands under the leading pictures now."""
        if name in self._aside:
            return False
        if name == "methods":
            return goes_with(Constant, self.experiment.clock)
        relevant = next(section[name][2] for section in self._placed.values() if name in section)
        return not self.own and relevant(self.experiment)

    def _place(self, name: str) -> pn.Column:
        """Return a knob as it stands under the leading pictures: with what its ends mean."""
        if name not in self._places:
            widget = self.damping if name == "methods" else self.widgets[name]
            if isinstance(widget, Slider):
                widget.ends = list(FRONT[name])
            below = [self.reached] if name == "data.condition" else []
            self._places[name] = stack(widget, *below, styles={"flex": "1 1 220px", "min-width": "0"})
        return self._places[name]

    def _relevant(self, title: str) -> list[Any]:
        if self.own and title not in ANY:
            return []
        shown = [
            name
            for name, (_, _, relevant) in self._placed[title].items()
            if name not in FRONT and relevant(self.experiment)
        ]
        if not shown:
            return []
        items: list[Any] = [_heading(title)] if title not in self._headings else [self._headings[title]]
        self._headings[title] = items[0]
        for name in shown:
            items.append(getattr(self.widgets[name], "box", self.widgets[name]))
            if name == "data.kind" and _opens_a_table(self.experiment):
                items.append(self.upload.column)
        return items

    def _unfold(self, _: Any) -> None:
        self._show_relevant()

    def __panel__(self) -> pn.viewable.Viewable:
        first = (column for title, column in self._sections.items() if title not in LATER)
        lessons = () if self.own else (self.start_from,)
        return stack(*lessons, *first, _heading("Methods"), self.methods, self.later)


def _with_methods_that_go(experiment: Experiment) -> Experiment:
    """Return the experiment without methods that its clock cannot run; gradient descent if none is left."""
    parsed = zip(experiment.methods, experiment.parsed_methods, strict=True)
    fitting = [text for text, method in parsed if goes_with(method, experiment.clock)]
    if fitting == list(experiment.methods):
        return experiment
    return experiment.replace({"methods": fitting or [Experiment().methods[0]]})


def _opens_a_table(experiment: Experiment) -> bool:
    return experiment.data.kind == "csv" and not experiment.on_surface


def _heading(title: str) -> pn.pane.HTML:
    return text(title, "heading", margin=(10, 10, 2, 10))


def _values(experiment: Experiment) -> dict[str, Any]:
    """Return each knob's value by its name; for a surface, its own place where none is set."""
    values = dict(flatten(experiment.to_dict()))
    if experiment.on_surface:
        values |= {f"surface.{name}": value for name, value in experiment.surface.place._asdict().items()}
    return values


def _show(widget: Any, value: Any) -> None:
    """Set a widget without a value outside its slider being lost."""
    if isinstance(widget, Field) and not widget.numeric:
        widget.value = typed(value)
    elif value is not None:
        if isinstance(widget, Menu) and value not in widget.options.values():
            widget.options = {**widget.options, value: value}
        widget.value = value
