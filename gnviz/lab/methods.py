"""Choosing the methods: one row for each schedule, with its formula and its knob."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.lab.layout import show, stack, text
from gnviz.lab.widgets import LogSlider, make
from gnviz.schedules import SCHEDULES, Schedule, parse_method

NAMES = {
    "gradient-flow": "Gradient flow",
    "constant": "Constant damping",
    "adaptive": "Adaptive damping",
    "gauss-newton": "Pure Gauss-Newton",
}
SLIDERS = {"rho": "log 1e-8 1", "c": "log 1e-3 1e3"}


class MethodRow(pn.viewable.Viewer):
    """One schedule: a switch, its formula, and sliders for its knobs."""

    method = param.String("", doc="The method as text, empty when switched off.")

    def __init__(self, schedule: Schedule, on: bool, **params: Any) -> None:
        super().__init__(**params)
        self._class = type(schedule)
        self.label = schedule.label
        self._switch = pmui.Switch(
            label=NAMES.get(self.label, self.label), value=on, size="small", sx={"color": "text.primary"}
        )
        self._knobs: dict[str, LogSlider] = {
            k: make(_symbol(k), p, getattr(schedule, k), SLIDERS.get(k, "log"))  # type: ignore[misc]
            for k, p in schedule.knobs().items()
        }
        for widget in (self._switch, *self._knobs.values()):
            widget.param.watch(self._changed, "value")
        self._box = stack(*(k for k in self._knobs.values()), margin=(0, 0, 0, 10))
        self._changed()

    @property
    def switch(self) -> pmui.Switch:
        """Whether the method takes part."""
        return self._switch

    def load(self, schedule: Schedule | None) -> None:
        """Show a schedule of this kind, or switch off."""
        self._switch.value = schedule is not None
        if schedule is not None:
            for knob, widget in self._knobs.items():
                widget.value = getattr(schedule, knob)

    def _changed(self, *_: Any) -> None:
        show(self._box, bool(self._switch.value and self._knobs))
        schedule = self._class(**{k: w.value for k, w in self._knobs.items()})
        self.method = str(schedule) if self._switch.value else ""

    def __panel__(self) -> pn.viewable.Viewable:
        formula = text(html.escape(self._class.formula), "note", margin=(-6, 0, 0, 52))
        return stack(self._switch, formula, self._box, margin=(0, 0, 6, 0))


def _symbol(knob: str) -> str:
    return {"rho": "ρ"}.get(knob, knob)


class MethodChooser(pn.viewable.Viewer):
    """All schedules, each to be switched on or off."""

    methods = param.List([], item_type=str, doc="The chosen methods, as an experiment has them.")

    def __init__(self, methods: Iterable[str], **params: Any) -> None:
        super().__init__(**params)
        self._rows = [MethodRow(cls(), on=False) for cls in SCHEDULES.values()]
        self._column = stack(*self._rows)
        self._loading = False
        for row in self._rows:
            row.param.watch(self._collect, "method")
        self.load(list(methods))

    def row(self, label: str) -> MethodRow:
        """Return the first row of a schedule."""
        return next(r for r in self._rows if r.label == label)

    def load(self, methods: list[str]) -> None:
        """Show these methods; a schedule used twice gets a second row."""
        self._loading = True
        unused = list(self._rows)
        for schedule in map(parse_method, methods):
            row = next((r for r in unused if r.label == schedule.label), None)
            if row is None:
                row = MethodRow(schedule, on=True)
                row.param.watch(self._collect, "method")
                self._rows.append(row)
                self._column.append(row)
            else:
                unused.remove(row)
                row.load(schedule)
        for row in unused:
            row.load(None)
        self._loading = False
        self._collect()

    def _collect(self, *_: Any) -> None:
        if not self._loading:
            chosen = [r.method for r in self._rows if r.method]
            self.methods = list(dict.fromkeys(chosen))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column
