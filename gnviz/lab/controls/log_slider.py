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


STEP = 0.05
"""Decades between two places on the slider."""


class LogSlider(pn.viewable.Viewer):
    """A slider for a positive number over several decades.

    `value` may be set to any number in the bounds, and follows while the slider moves, in three digits.

    Args:
        label: What the user reads, before the number.
        start: The least number.
        end: The largest.
        description: Help.
        falling: Whether the largest number is at the left.
        params: `value` to begin with.
    """

    value = param.Number(1.0, doc="The number itself, not its logarithm.")

    def __init__(
        self,
        label: str,
        start: float,
        end: float,
        description: str = "",
        *,
        falling: bool = False,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._label, self._sign = label, -1 if falling else 1
        low, high = sorted(map(self._at, (start, end)))
        self._slider = pmui.FloatSlider(
            start=low,
            end=high,
            step=STEP,
            show_value=False,
            tooltips=False,  # they would show the exponent, over the label, which shows the number
            description=description,
            value=min(max(self._at(self.value), low), high),
            size="small",
            **WIDE,
        )
        self._slider.param.watch(self._dragged, "value")
        self._relabel()

    @property
    def box(self) -> pmui.FloatSlider:
        """The slider over log10(value), or over its negative where that falls."""
        return self._slider

    def reach(self, low: float, high: float) -> None:
        """Let the slider end at other numbers; `value` stays."""
        start, end = sorted(map(self._at, (low, high)))
        if (start, end) != (self._slider.start, self._slider.end):
            place = min(max(self._at(self.value), start), end)
            self._slider.param.update(start=start, end=end, value=place)

    def _relabel(self) -> None:
        self._slider.label = f"{self._label}: {self.value:.3g}"

    def _place(self) -> float:
        """Return where the slider stands for `value`."""
        return min(max(self._at(self.value), self._slider.start), self._slider.end)

    def _at(self, value: float) -> float:
        """Return a number's place on an endless slider."""
        return self._sign * math.log10(value)

    def _dragged(self, event: Any) -> None:
        if not math.isclose(event.new, self._place(), abs_tol=STEP / 10):
            self.value = rounded(10 ** (self._sign * event.new))

    @param.depends("value", watch=True)
    def _moved(self) -> None:
        if not math.isclose(self._slider.value, self._place(), abs_tol=STEP / 10):
            self._slider.value = self._place()
        self._relabel()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._slider


def rounded(value: float) -> float:
    """Return the value to three significant digits."""
    return float(f"{value:.{DIGITS - 1}e}")
