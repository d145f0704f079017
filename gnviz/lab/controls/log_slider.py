"""A slider for a positive number over several decades."""

from __future__ import annotations

import math
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

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
            tooltips=False,  # they would show the exponent, over the label, which shows the number
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
