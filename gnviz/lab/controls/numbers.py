"""Sliders for a knob that holds several numbers, such as a point: it follows while they are dragged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import param

from gnviz.lab.controls.slider import Slider
from gnviz.lab.look.layout import stack

STEPS = 200
"""Places on a slider."""


class NumberSliders(pn.viewable.Viewer):
    """One slider for each number; `value` follows while one is dragged.

    Args:
        labels: What each number is called.
        start: Where the sliders begin; a number beyond is shown at the end and kept as it is.
        end: Where they end.

    Attributes:
        sliders: The sliders.
        box: What holds them, one for good: a slider that is put into the page anew ends its own drag.
    """

    value = param.List([], item_type=float, doc="The numbers.")

    def __init__(self, labels: Sequence[str], start: float, end: float, **params: Any) -> None:
        params.setdefault("value", [0.0] * len(labels))
        super().__init__(**params)
        step = (end - start) / STEPS
        self.sliders = [
            Slider(label=label, start=start, end=end, step=step, value=number)
            for label, number in zip(labels, self.value, strict=True)
        ]
        for k, slider in enumerate(self.sliders):
            slider.param.watch(lambda event, k=k: self._moved(k, float(event.new)), "value")
        self.box = stack(*self.sliders)

    def _moved(self, k: int, number: float) -> None:
        if number != self.value[k]:
            self.value = [*self.value[:k], number, *self.value[k + 1 :]]

    @param.depends("value", watch=True)
    def _show(self) -> None:
        for slider, number in zip(self.sliders, list(self.value), strict=True):
            slider.value = number

    def __panel__(self) -> pn.viewable.Viewable:
        return self.box
