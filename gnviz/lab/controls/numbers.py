"""Sliders for a knob that holds several numbers, such as a point: it follows while they are dragged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.lab.controls.log_slider import rounded
from gnviz.lab.layout import WIDE, stack

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
        self._labels, self._showing = labels, False
        self.sliders = [
            pmui.FloatSlider(
                start=start, end=end, step=(end - start) / STEPS, size="small", show_value=False, **WIDE
            )
            for _ in labels
        ]
        for k, slider in enumerate(self.sliders):
            slider.param.watch(lambda event, k=k: self._dragged(k, event.new), "value")
        self.box = stack(*self.sliders)
        self._show()

    def _dragged(self, k: int, number: float) -> None:
        if self._showing:
            return
        self._relabel(k, number)
        if (number := rounded(number)) != self.value[k]:
            self._showing = True  # the slider itself is where it should be
            self.value = [*self.value[:k], number, *self.value[k + 1 :]]
            self._showing = False

    @param.depends("value", watch=True)
    def _show(self) -> None:
        if self._showing:
            return
        self._showing = True
        for k, (slider, number) in enumerate(zip(self.sliders, self.value, strict=True)):
            slider.value = min(max(number, slider.start), slider.end)
            self._relabel(k, number)
        self._showing = False

    def _relabel(self, k: int, number: float) -> None:
        self.sliders[k].label = f"{self._labels[k]}: {rounded(number):g}"

    def __panel__(self) -> pn.viewable.Viewable:
        return self.box
