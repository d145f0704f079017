"""A thumbnail of a run: its loss curves as a few lines of SVG."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from gnviz.views import VIEWS
from gnviz.views.values import picked

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import Table
    from gnviz.views.plot import Axis, Plot, Range

WIDTH, HEIGHT = 160, 90
"""Of the picture, in units of its own."""

MOST_POINTS = 40
"""Of a curve: as many as its width can show."""

COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def thumbnail(ds: xr.Dataset) -> str:
    """Return a run's losses over time as SVG, in the colours of their methods, on transparent ground.

    Args:
        ds: A Dataset of schema 1, of however many moments.

    Returns:
        At most some kilobytes of text, in which nothing comes from the Dataset but numbers.
    """
    view = VIEWS["loss"]
    options = {"bound": False, "apriori": "never", "frozen": False}
    tables = view.tables(ds, **options)
    plot = view.plot(ds, tables, **options)
    lines = [
        f'<path d="{path}" stroke="{mark.color}"/>'
        for mark in plot.marks
        if mark.kind == "line" and COLOR.fullmatch(mark.color)
        for path in [_path(tables[mark.table], plot)]
        if path
    ]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    look = 'fill="none" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>{"".join(lines)}</svg>'


def _path(table: Table, plot: Plot) -> str:
    """Return a curve as the path of an SVG; empty if it has fewer than two points."""
    first, second = list(table.values())[:2]
    across = _places(first, plot.across, plot.x) * WIDTH
    up = HEIGHT - _places(second, plot.upright, plot.y) * HEIGHT
    there = np.flatnonzero(np.isfinite(across) & np.isfinite(up))
    if len(there) < 2:
        return ""
    some = there[picked(len(there), MOST_POINTS)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across[some], up[some], strict=True))


def _places(values: np.ndarray, ends: Range, axis: Axis) -> np.ndarray:
    """Return where values stand between the ends of an axis, 0 to 1; beyond them, NaN."""
    low, high = ends
    if axis.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            values, low, high = np.log10(values), float(np.log10(low)), float(np.log10(high))
    share = (values - low) / (high - low)
    return np.where((share >= 0) & (share <= 1), share, np.nan)
