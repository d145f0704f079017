"""Widgets for knobs: one factory, so that bounds and help texts come from the knob itself."""

from __future__ import annotations

import math
from typing import Any

import panel_material_ui as pmui
import param

from gnviz.knobs import allowed, text_of
from gnviz.knobs.groups import Listed
from gnviz.lab.controls.field import Field
from gnviz.lab.controls.numbers import NumberSliders
from gnviz.lab.controls.slider import Slider
from gnviz.lab.look.layout import WIDE
from gnviz.lab.look.menu import Menu

STEPPERS = {"& .MuiIconButton-root": {"color": "text.secondary"}}
"""Material's style of the buttons that step a number: its own is dark on dark."""


def prompt(widget: Any) -> Any:
    """Return the widget, whose change is acted on at once: Panel waits 50 ms, in case more changes come."""
    widget._debounce = 0
    return widget


def switch(label: str) -> pmui.Switch:
    """Return a switch that is on and that acts on no knob."""
    look: dict[str, Any] = {"size": "small", "margin": (8, 10), "sx": {"color": "text.primary"}}
    return pmui.Switch(label=label, value=True, **look)


def make(label: str, p: param.Parameter, value: Any, style: str = "") -> Any:
    """Return a widget for one knob.

    Args:
        label: What the user reads.
        p: The knob's declaration; gives bounds, choices and help text.
        value: What to show first.
        style: "log" for a logarithmic slider, "slider LOW HIGH STEP" for a slider over the usual part
            of the range (any allowed number may still be typed), "numbers LOW HIGH NAME ..." for a slider
            for each of several numbers, "" for the default.

    Returns:
        A widget of Panel's, or one of our own: each has a `value` to set and to watch.
    """
    help_text = f"{p.doc} Allowed: {allowed(p)}."
    least, most = bounds(p)
    common: dict[str, Any] = {"label": label, "help": help_text}
    if style.startswith("log"):
        low, high = map(float, style.split()[1:]) if " " in style else (least, most)
        known = value if value else math.sqrt(low * high)
        return Slider(start=low, end=high, log=True, value=known, **common)
    if style.startswith("numbers"):
        _, low, high, *names = style.split()
        return NumberSliders(names, float(low), float(high), **({"value": value} if value else {}))
    if isinstance(p, param.Boolean):
        return prompt(pmui.Switch(label=label, size="small", value=value))
    if isinstance(p, param.String):
        return Field(value=value, **common)
    if isinstance(p, param.Selector | Listed):
        options = list(dict.fromkeys([*p.objects, value]))
        return Menu(options, value=value, named="above", margin=(4, 10), **WIDE, **common)
    if style.startswith("slider"):
        low, high, step = map(int, style.split()[1:])
        return Slider(start=low, end=high, step=step, whole=True, value=value, **common)
    if isinstance(p, param.Number) and not p.allow_None:
        return Field(numeric=True, whole=isinstance(p, param.Integer), value=value, **common)
    placeholder = "just one" if isinstance(p, param.List) else "auto"
    return Field(value=typed(value), placeholder=placeholder, **common)


def bounds(p: param.Parameter) -> tuple[Any, Any]:
    """Return the least and the largest number that a knob allows, None where there is no limit."""
    return getattr(p, "bounds", None) or (None, None)


def typed(value: Any) -> str:
    """Return a knob's value as people type it; empty for none."""
    if isinstance(value, list | str):
        return text_of(value)
    return "" if value is None else f"{value:g}"
