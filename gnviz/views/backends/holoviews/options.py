"""Options of HoloViews' elements, with the types kept."""

from __future__ import annotations

from typing import Any, TypeVar

import holoviews as hv

T = TypeVar("T", bound=hv.core.Dimensioned)


def styled(element: T, backend: str, **options: Any) -> T:
    """Return an element, or several laid over or beside one another, with options for a backend.

    Args:
        element: What is drawn.
        backend: "bokeh" or "plotly".
        options: As `element.opts` takes them.
    """
    found: Any = element.opts(backend=backend, **options)
    return found
