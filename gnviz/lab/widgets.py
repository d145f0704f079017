"""Widgets for knobs: one factory, so that bounds and help texts come from the knob itself."""

from __future__ import annotations

import math
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.knobs import allowed, join_list
from gnviz.lab.layout import WIDE

DIGITS = 3
"""Significant digits of a value chosen by dragging a logarithmic slider."""


class LogSlider(pn.viewable.Viewer):
    """A slider for a positive number over several decades.

    `value` may be set to any number in the bounds; dragging gives numbers of three digits.
    """

    value = param.Number(1.0, doc="The number itself, not its logarithm.")

    def __init__(self, label: str, start: float, end: float, description: str = "", **params: Any) -> None:
        super().__init__(**params)
        self._label = label
        self._slider = pmui.FloatSlider(
            start=math.log10(start),
            end=math.log10(end),
            step=0.05,
            show_value=False,
            description=description,
            value=math.log10(self.value),
            size="small",
            **WIDE,
        )
        self._slider.param.watch(self._relabel, "value")
        self._slider.param.watch(self._dragged, "value_throttled")
        self._relabel()

    @property
    def slider(self) -> pmui.FloatSlider:
        """The slider over log10(value)."""
        return self._slider

    def _relabel(self, *_: Any) -> None:
        self._slider.label = f"{self._label}: {self._shown():.3g}"

    def _shown(self) -> float:
        near = math.isclose(self._slider.value, math.log10(self.value), abs_tol=1e-9)
        return self.value if near else rounded(10**self._slider.value)

    def _dragged(self, event: Any) -> None:
        if event.new is not None:
            self.value = self._shown()

    @param.depends("value", watch=True)
    def _moved(self) -> None:
        self._slider.value = min(max(math.log10(self.value), self._slider.start), self._slider.end)
        self._relabel()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._slider


def rounded(value: float) -> float:
    """Return the value to three significant digits."""
    return float(f"{value:.{DIGITS - 1}e}")


def make(label: str, p: param.Parameter, value: Any, style: str = "") -> pn.viewable.Viewable:
    """Return a widget for one knob.

    Args:
        label: What the user reads.
        p: The knob's declaration; gives bounds, choices and help text.
        value: What to show first.
        style: "log" for a logarithmic slider, "slider LOW HIGH STEP" for a slider over the usual part
            of the range (any allowed number may still be typed), "" for the default.
    """
    help_text = f"{p.doc} Allowed: {allowed(p)}."
    common = {"label": label, "description": help_text, "size": "small", **WIDE}
    if style.startswith("log"):
        low, high = map(float, style.split()[1:]) if " " in style else p.bounds
        return LogSlider(label, low, high, help_text, value=value if value else math.sqrt(low * high))
    if isinstance(p, param.Boolean):
        return pmui.Switch(label=label, description=help_text, size="small", value=value)
    if isinstance(p, param.String):
        return pmui.TextInput(value=value, **common)
    if isinstance(p, param.Selector):
        return pmui.Select(options=list(p.objects), value=value, **common)
    if style.startswith("slider"):
        low, high, step = map(int, style.split()[1:])
        return pmui.EditableIntSlider(
            start=low,
            end=high,
            step=step,
            fixed_start=p.bounds[0],
            fixed_end=p.bounds[1],
            value=value,
            **common,
        )
    if isinstance(p, param.Integer):
        return pmui.IntInput(start=p.bounds[0], end=p.bounds[1], value=value, **common)
    if isinstance(p, param.Number) and not p.allow_None:
        return pmui.FloatInput(start=p.bounds[0], end=p.bounds[1], value=value, **common)
    placeholder = "just one" if isinstance(p, param.List) else "auto"
    return pmui.TextInput(value=typed(value), placeholder=placeholder, **common)


def typed(value: Any) -> str:
    """Return a knob's value as people type it; empty for none."""
    if isinstance(value, list):
        return join_list(value)
    return "" if value is None else f"{value:g}"


def changed_by(widget: Any) -> str:
    """Return the parameter to watch: for sliders the one that fires when dragging ends."""
    return "value_throttled" if hasattr(widget, "value_throttled") else "value"
