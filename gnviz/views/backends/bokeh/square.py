"""Units of one length: a figure whose cells are square at any size, as the browser lays it out.

The ranges that are asked for stay those of the reset button. Where the frame is wider or higher, the browser
lets the range go on beyond its end, and the axis ends where it should.
"""

from __future__ import annotations

from typing import Any

from bokeh.models import BoxZoomTool, CustomJS
from bokeh.plotting import figure

_FIT = """
const {inner_width: width, inner_height: height} = fig
const ranges = [fig.x_range, fig.y_range]
fig.fitted ??= []
const at_rest = ({start, end, reset_start, reset_end}, k) =>
  start == reset_start && (end == reset_end || end == fig.fitted[k])
if (!(width > 0 && height > 0) || !ranges.every(at_rest)) return  // the user has zoomed
const spans = ranges.map((range) => range.reset_end - range.reset_start)
const unit = Math.max(spans[0] / width, spans[1] / height)  // what a pixel is
fig.fitted = [width, height].map((pixels, k) => {
  const end = ranges[k].reset_start + unit * pixels
  return Math.abs(end - ranges[k].reset_end) < 1e-9 * spans[k] ? ranges[k].reset_end : end
})
ranges.forEach((range, k) => {
  axes[k].setv({bounds: [range.reset_start, range.reset_end]}, {sync: false})
  if (range.end != fig.fitted[k]) range.setv({end: fig.fitted[k]}, {sync: false})
})
"""


def keep_square(fig: figure) -> None:
    """Let a unit across be as long as one upright, until the user zooms."""
    fit = CustomJS(args={"fig": fig, "axes": [fig.xaxis[0], fig.yaxis[0]]}, code=_FIT)
    fig.grid.visible = False  # it would go on where there is nothing
    for size in ("inner_width", "inner_height"):
        fig.js_on_change(size, fit)
    ranges: Any = (fig.x_range, fig.y_range)
    for axis in ranges:
        for end in ("start", "end", "reset_start", "reset_end"):
            axis.js_on_change(end, fit)
    for tool in fig.tools:
        if isinstance(tool, BoxZoomTool):
            tool.match_aspect = True
