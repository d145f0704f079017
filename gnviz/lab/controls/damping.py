"""The damping as one slider, from gradient flow to Gauss-Newton."""

from __future__ import annotations

from collections.abc import Sequence

from gnviz.knobs.texts import format_value
from gnviz.lab.controls.slider import Slider
from gnviz.methods import parse_method
from gnviz.methods.schedules.constant import Constant

DAMPING = "Damping ρ"
"""What the slider is called."""


def damping_slider(methods: Sequence[str]) -> Slider:
    """Return a slider over rho of the first run with constant damping: from 1, at the left, towards 0."""
    low, high = Constant.param.rho.get_soft_bounds()
    rho = damping_of(methods) or Constant().rho
    words = f"{Constant.param.rho.doc} Moving it adds such a run where there is none."
    return Slider(label=DAMPING, start=high, end=low, log=True, help=words, value=rho)


def damping_of(methods: Sequence[str]) -> float | None:
    """Return rho of the first method with constant damping; None if there is no such method."""
    constant = (method for method in map(parse_method, methods) if isinstance(method, Constant))
    return next((method.rho for method in constant), None)


def with_damping(methods: Sequence[str], rho: float) -> list[str]:
    """Return methods of which the first with constant damping has this rho; it is added if there is none."""
    spelled = f"{Constant.label}(rho={format_value(Constant.param.rho, rho)})"
    place = next((i for i, text in enumerate(methods) if isinstance(parse_method(text), Constant)), None)
    if place is None:
        return [*methods, spelled]
    others = [text for text in methods if text != spelled or text == methods[place]]
    return [spelled if text == methods[place] else text for text in others]
