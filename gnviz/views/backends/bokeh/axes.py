"""An empty figure in the common style, with its axes."""

from __future__ import annotations

from typing import Any

from bokeh.models import (
    BasicTicker,
    BoxZoomTool,
    CustomJSTicker,
    LogTickFormatter,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    Toolbar,
    WheelZoomTool,
)
from bokeh.plotting import figure

from gnviz.views.plot import GREY, Axis, Plot

FONT = "13px"

TOOLBAR = """
:host(.bk-inner) {
  width: 182px !important;
  margin-left: auto;
  border-radius: 4px;
  background-color: var(--mui-palette-background-paper, white);
}
"""
"""The tools lie over the figure's upper end: no wider than they are, and dark on a dark page."""


def empty_figure(plot: Plot, height: int) -> figure:
    """Return a figure without marks, as wide as there is room.

    Ranges are always explicit: automatic ones go wrong on logarithmic axes with few points.
    """
    tools = [PanTool(), BoxZoomTool(), WheelZoomTool(), ResetTool(), SaveTool()]
    fig = figure(
        x_range=Range1d(start=plot.across[0], end=plot.across[1]),
        y_range=Range1d(start=plot.upright[0], end=plot.upright[1]),
        x_axis_type="log" if plot.x.log else "linear",
        y_axis_type="log" if plot.y.log else "linear",
        x_axis_label=plot.x.label,
        y_axis_label=plot.y.label,
        tools=tools,
        toolbar_location="above",
        active_drag=None,
        active_scroll=None,
        sizing_mode="stretch_both",
        min_height=height,
        toolbar_inner=True,
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=None,
        min_border_right=16,
        lod_threshold=None,
        output_backend="canvas",  # WebGL gains nothing at these sizes and is slow where there is no GPU
    )
    toolbar: Toolbar = fig.toolbar
    toolbar.update(logo=None, autohide=True, stylesheets=[TOOLBAR])
    for axis, spec, most in ((fig.xaxis[0], plot.x, 6), (fig.yaxis[0], plot.y, 8)):
        _style(axis, spec, most)
    fig.grid.grid_line_color, fig.grid.grid_line_alpha = GREY, 0.25
    ruled: Any = ((fig.xgrid[0], fig.xaxis[0]), (fig.ygrid[0], fig.yaxis[0]))
    for grid, axis in ruled:
        grid.ticker = axis.ticker
    return fig


def _style(axis: Any, spec: Axis, most: int) -> None:
    axis.update(
        axis_label_text_font_style="normal",
        axis_label_text_font_size=FONT,
        axis_label_standoff=8,
        major_label_text_font_size="12px",
    )
    if isinstance(axis.formatter, LogTickFormatter):
        axis.ticker = decades(most)
    elif spec.whole:
        axis.ticker = BasicTicker(min_interval=1, num_minor_ticks=0)


def decades(most: int) -> CustomJSTicker:
    """Return a ticker at powers of ten, at multiples of 1, 2, 3, 5 or 10 decades, at most `most`.

    Bokeh's own starts counting at the end of the range and may show 1e1, 1e-4, 1e-9.
    """
    return CustomJSTicker(major_code=_DECADES.replace("MOST", str(most)), minor_code="return []")


_DECADES = """
const {start, end} = cb_data.range
const low = Math.log10(Math.min(start, end)), high = Math.log10(Math.max(start, end))
const ticks = []
const step = [1, 2, 3, 5, 10, 20, 50].find((s) => (high - low) / s < MOST) ?? 100
for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k++) ticks.push(Number("1e" + k * step))
if (ticks.length > 2) return ticks
const linear = 10 ** Math.floor(Math.log10(10 ** high - 10 ** low)), close = []
for (let k = Math.ceil(10 ** low / linear); k * linear <= 10 ** high; k++) close.push(k * linear)
const first = Math.floor(low)
return high - low > 0.6 ? [first, first + 1, first + 2]
  .flatMap((k) => [1, 2, 5].map((m) => Number(m + "e" + k)))
  .filter((t) => Math.log10(t) >= low - 1e-9 && Math.log10(t) <= high + 1e-9) : close
"""
