"""Choosing the methods: one row for each, with its formula and its knobs."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.experiment import Clock
from gnviz.knobs.texts import format_value
from gnviz.lab.controls.widgets import make, prompt
from gnviz.lab.look.layout import FOLD, WIDE, show, stack, text
from gnviz.methods import METHODS, Method, parse_method

IN_SIGHT = 4
"""So many methods, by their rank, are always in sight; the others are folded away."""


class MethodRow(pn.viewable.Viewer):
    """One method: a switch, its formula, and widgets for its knobs."""

    method = param.String("", doc="The method as text, empty when switched off.")

    def __init__(self, method: Method, on: bool, **params: Any) -> None:
        super().__init__(**params)
        self._class = type(method)
        self.label = method.label
        title = method.title or self.label
        self._switch = prompt(pmui.Switch(label=title, value=on, size="small", sx={"color": "text.primary"}))
        self._switch.param.watch(self._changed, "value")
        self.knobs: dict[str, Any] = {
            k: make(symbol(k), p, getattr(method, k), _style(p)) for k, p in method.knobs().items()
        }
        for widget in self.knobs.values():
            widget.param.watch(self._changed, "value")
        self._box = stack(*self.knobs.values(), margin=(0, 0, 0, 10))
        self._changed()

    @property
    def switch(self) -> pmui.Switch:
        """Whether the method takes part."""
        return self._switch

    def suit(self, clock: Clock) -> None:
        """Let the switch be turned only where the method goes with the clock."""
        self._switch.disabled = not goes_with(self._class, clock)

    def load(self, method: Method | None) -> None:
        """Show a method of this kind, or switch off."""
        self._switch.value = method is not None
        if method is not None:
            for knob, widget in self.knobs.items():
                widget.value = getattr(method, knob)

    def _changed(self, *_: Any) -> None:
        """Write the method's text; whether it can be used is for the experiment to say."""
        show(self._box, bool(self._switch.value and self.knobs))
        declared = self._class.knobs()
        values = ", ".join(f"{k}={format_value(declared[k], w.value)}" for k, w in self.knobs.items())
        called = f"{self.label}({values})" if values else self.label
        self.method = called if self._switch.value else ""

    def __panel__(self) -> pn.viewable.Viewable:
        where = "" if "flow" in self._class.clocks else " (discrete steps)"
        formula = text(html.escape(self._class.formula + where), "note", margin=(-6, 0, 0, 52))
        return stack(self._switch, formula, self._box, margin=(0, 0, 6, 0))


def goes_with(method: Method | type[Method], clock: Clock) -> bool:
    """Return whether a method can be run by a clock with its step rule."""
    return clock.kind in method.clocks and (clock.kind == "flow" or clock.step_rule in method.step_rules)


def symbol(knob: str) -> str:
    """Return what people write for a method's knob."""
    return {"rho": "ρ", "beta": "β"}.get(knob, knob)


def _style(p: param.Parameter) -> str:
    """Return a logarithmic slider for positive numbers, the damping's from 1 down, as under the pictures."""
    low, high = (p.get_soft_bounds() if isinstance(p, param.Number) else None) or (0, None)
    if p.name == "rho":
        low, high = high, low
    return f"log {low} {high}" if low and high else ""


class MethodChooser(pn.viewable.Viewer):
    """All methods, each to be switched on or off; the less common ones are folded away."""

    methods = param.List([], item_type=str, doc="The chosen methods, as an experiment has them.")

    def __init__(self, methods: Iterable[str], **params: Any) -> None:
        super().__init__(**params)
        self._rows = [MethodRow(cls(), on=False) for cls in METHODS.values()]
        self._column = stack(*self._rows[:IN_SIGHT])
        self._folded = self._rows[IN_SIGHT:]
        self.unfolded = stack()
        self.more = pmui.Card(
            objects=[self.unfolded],
            title="More methods",
            collapsed=True,
            title_variant="body2",
            margin=(4, 4),
            elevation=0,
            variant="outlined",
            sx=FOLD,
            **WIDE,
        )
        self.more.param.watch(self._unfold, "collapsed")
        self._loading = False
        for row in self._rows:
            row.param.watch(self._collect, "method")
        self.load(list(methods))

    def row(self, label: str) -> MethodRow:
        """Return the first row of a method."""
        return next(r for r in self._rows if r.label == label)

    def load(self, methods: list[str]) -> None:
        """Show these methods; one used twice gets a second row."""
        self._loading = True
        unused = list(self._rows)
        for method in map(parse_method, methods):
            row = next((r for r in unused if r.label == method.label), None)
            if row is None:
                row = MethodRow(method, on=True)
                row.param.watch(self._collect, "method")
                self._rows.append(row)
                self._column.append(row)
            else:
                unused.remove(row)
                row.load(method)
        for row in unused:
            row.load(None)
        self._loading = False
        if any(row.method for row in self._folded):
            self.more.collapsed = False
        self._collect()

    def suit(self, clock: Clock) -> None:
        """Offer the methods that go with a clock."""
        for row in self._rows:
            row.suit(clock)

    def _unfold(self, _: Any) -> None:
        """Put the folded rows into the page once they are wanted: the browser pays for each widget."""
        if not self.more.collapsed and not self.unfolded.objects:
            self.unfolded.objects = list(self._folded)

    def _collect(self, *_: Any) -> None:
        if not self._loading:
            chosen = [r.method for r in self._rows if r.method]
            self.methods = list(dict.fromkeys(chosen))

    def __panel__(self) -> pn.viewable.Viewable:
        return stack(self._column, self.more)
