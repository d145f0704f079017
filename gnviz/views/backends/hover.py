"""What is said where the pointer is, in Bokeh's words: for its figures and for those of HoloViews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gnviz.views.plot import Tip


def value(column: str, form: str) -> str:
    """Return a column and its format; Bokeh's own has no powers of ten, and would say 0.000 of 1e-9."""
    if form.endswith("e"):
        form = f"%.{form.count('0') - 1}e"
    return f"@{column}{{{form}}}" if form else f"@{column}"


def formatters(tips: Iterable[Tip]) -> dict[str, Any]:
    """Return which columns are formatted as C prints numbers, for `HoverTool.formatters`."""
    return {f"@{column}": "printf" for _, column, form in tips if form.endswith("e")}
