"""One look for all figures: colours that hold on light and dark pages and for colour-blind readers.

Backgrounds are transparent and all fixed greys are of middle lightness, so that a figure needs no
second version for the dark theme; the page recolours axes, grids and legends itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend, without touching a notebook's output
import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    CustomJSTicker,
    FixedTicker,
    HoverTool,
    Legend,
    LegendItem,
    LinearColorMapper,
    LogTickFormatter,
)
from bokeh.palettes import Plasma256

from gnviz.methods import display_name
from gnviz.views.base import Frame, picked

COLORS = (
    "#1f83d6", "#D55E00", "#009E73", "#9b6dd6", "#b8860b", "#d6569b",
    "#1f9bb0", "#a0705a", "#6f9a2a", "#d0453a", "#5a73d6", "#808791",
)  # fmt: skip
"""A colour per run: at least 3.2 : 1 against white and against #1e1e1e."""

MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex")
"""A marker per run, so that colour is never the only difference."""

WIDEST, NARROWEST = 10.0, 4.0
"""Widths of the first and the last run's path, in pixels."""

GREY = "#808791"
"""For everything that is nobody's: 3.6 : 1 on white, 4.6 : 1 on #1e1e1e."""

MODE_PALETTE = tuple(Plasma256[75:191])
"""Perceptually uniform, without the ends that vanish on a dark or on a light page."""

REFERENCE: Mapping[str, Any] = {"color": GREY, "line_dash": [6, 4], "line_width": 1.5}
"""Of a line that belongs to no run: a law, a floor, the target."""

INK = "#4a515c"
"""For what is nobody's and lies on a coloured ground: 6 : 1 on the palest, 2 : 1 on the runs' colours."""

LOSS_PALETTE = (
    "#f4efdc", "#e9e6d3", "#dcdecf", "#ced5cc", "#c0cbc9", "#b1c0c6",
    "#a4b5c2", "#98a9be", "#8d9cb7", "#848fae",
)  # fmt: skip
"""From low to high loss: pale and quiet, as a ground on which the runs' colours stand out."""

CURVATURE_PALETTE = ("#2f8f83", "#74b3aa", "#afd3cd", "#e4e4e0", "#dcc3a3", "#c29a69", "#98692f")
"""From negative (saddle) through flat to positive (dome): teal and brown differ for every reader."""

PLAIN = "#b9c0cc"
"""A surface of one colour."""

FONT = "13px"

FEW_ENTRIES = 6
"""Entries of a legend up to which two columns will do."""

TOOLBAR = """
:host(.bk-inner) {
  width: 182px !important;
  margin-left: auto;
  border-radius: 4px;
  background-color: var(--mui-palette-background-paper, white);
}
"""
"""The tools lie over the figure's upper end: no wider than they are, and dark on a dark page."""

MOVING = "moving"
"""Tag of the glyph renderers that follow the moment shown."""

KEY = "key"
"""Tag of the entries of a legend that say what a kind of lines or marks means; a marker follows it."""

Hook = Callable[[Any, Any], None]

Key = Mapping[str, Mapping[str, Any]]
"""How lines look, by what they mean in words."""


def run_color(index: int) -> str:
    """Return the colour of run number `index` (from 0) in every figure."""
    return COLORS[index % len(COLORS)]


def run_marker(index: int) -> str:
    """Return the Bokeh marker of run number `index` (from 0)."""
    return MARKERS[index % len(MARKERS)]


def run_width(index: int, count: int) -> float:
    """Return the width of run number `index` of `count`: wide first, so that what covers it shows it."""
    return 6.0 if count < 2 else WIDEST - (WIDEST - NARROWEST) * index / (count - 1)


def mode_color(mode: int, count: int) -> str:
    """Return the colour of mode number `mode` (from 0) of `count`."""
    return MODE_PALETTE[round((len(MODE_PALETTE) - 1) * mode / max(count - 1, 1))]


def blend(palette: tuple[str, ...], count: int) -> list[str]:
    """Return `count` colours evenly along a palette, blended between its own."""
    known = np.array([[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in palette])
    where = np.linspace(0, len(palette) - 1, count)
    mixed = [np.interp(where, np.arange(len(palette)), channel) for channel in known.T]
    return ["#" + "".join(f"{round(value):02x}" for value in color) for color in zip(*mixed, strict=True)]


def curve(label: str, table: Mapping[str, Any], dimensions: list[hv.Dimension], **style: Any) -> hv.Curve:
    """Return a line through the columns of a table, styled for Bokeh."""
    return hv.Curve(dict(table), dimensions[:1], dimensions[1:], label=label).opts(
        backend="bokeh", **{"line_width": 2.2, **style}
    )


def points(label: str, table: Mapping[str, Any], dimensions: list[hv.Dimension], **style: Any) -> hv.Scatter:
    """Return markers at the columns of a table, styled for Bokeh."""
    return hv.Scatter(dict(table), dimensions[:1], dimensions[1:], label=label).opts(
        backend="bokeh", **{"size": 8, **style}
    )


def dimensions(table: Mapping[str, Any], *labels: str) -> list[hv.Dimension]:
    """Return the table's columns as dimensions with readable labels."""
    return [hv.Dimension(name, label=label) for name, label in zip(table, labels, strict=True)]


def figure(
    elements: Iterable[hv.Element],
    *,
    frame: Frame,
    title: str,
    xlabel: str,
    ylabel: str,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    logx: bool = False,
    logy: bool = False,
    hooks: Iterable[Hook] = (),
) -> hv.Overlay:
    """Return the elements as one figure in the common style.

    Ranges are always explicit: automatic ones go wrong on logarithmic axes with few points.
    """
    size = {"width": frame.width, "height": frame.height}
    if frame.width is None:
        size = {"responsive": True, "min_height": frame.height}
    return hv.Overlay(list(elements)).opts(
        backend="bokeh",
        xlabel=xlabel,
        ylabel=ylabel,
        xlim=xlim,
        ylim=ylim,
        logx=logx,
        logy=logy,
        title=title if frame.title else "",
        show_title=frame.title,
        show_legend=False,
        show_grid=True,
        default_tools=[],
        tools=["pan", "box_zoom", "wheel_zoom", "reset", "save"],
        active_tools=[],
        toolbar="above",
        fontsize={"labels": FONT, "ticks": "12px", "title": "15px"},
        bgcolor=None,
        hooks=[_clean, *hooks],
        **size,
    )


def _clean(plot: Any, _: Any) -> None:
    """Take away what is not data: logo, outline, backgrounds; name the glyphs."""
    fig = plot.state
    fig.toolbar.logo, fig.toolbar.autohide, fig.toolbar_inner = None, True, True
    fig.toolbar.stylesheets = [TOOLBAR]
    fig.background_fill_alpha = fig.border_fill_alpha = 0
    fig.outline_line_color = None
    fig.min_border_right = 16
    fig.lod_threshold = None
    fig.output_backend = "canvas"  # WebGL gains nothing at these sizes and is slow where there is no GPU
    for axis in fig.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 8
        if isinstance(axis.formatter, LogTickFormatter):
            axis.ticker = decades(6 if axis in fig.xaxis else 8)
    fig.grid.grid_line_color, fig.grid.grid_line_alpha = GREY, 0.25
    fig.xgrid.ticker, fig.ygrid.ticker = fig.xaxis[0].ticker, fig.yaxis[0].ticker
    for label, renderer in renderers(plot).items():
        renderer.name = label


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


def renderers(plot: Any) -> dict[str, Any]:
    """Return the Bokeh glyph renderers of a rendered overlay by the labels of its elements."""
    return {
        subplot.current_frame.label: subplot.handles["glyph_renderer"] for subplot in plot.subplots.values()
    }


def legend(entries: Mapping[str, list[str]], key: Key | None = None) -> Hook:
    """Return a hook that adds a legend above the plot, whose entries hide their glyphs when clicked.

    Above, it covers no curve; in two columns it fits on a phone.

    Args:
        entries: Labels of the glyphs that belong to an entry, by the entry's text.
        key: What kinds of lines and marks mean.
    """

    def hook(plot: Any, _: Any) -> None:
        found = renderers(plot)
        items = [
            LegendItem(
                label=display_name(text), renderers=[found[label] for label in labels if label in found]
            )
            for text, labels in entries.items()
        ]
        items = [item for item in items if item.renderers]
        items += [_explained(plot.state, words, look) for words, look in (key or {}).items()]
        if not items:
            return
        columns = 1 if len(items) < 2 else 2 if len(items) <= FEW_ENTRIES else 3
        plot.state.add_layout(
            Legend(
                items=items, ncols=columns, location="top_left", click_policy="hide",
                label_text_font_size=FONT, padding=2, margin=2, spacing=2, glyph_width=22,
                background_fill_alpha=0, border_line_alpha=0, label_text_color=GREY, inactive_fill_alpha=0,
            ),
            "above",
        )  # fmt: skip

    return hook


def only_key(legend: Legend) -> None:
    """Leave of a legend what it says of kinds of lines; runs are named elsewhere on the page."""
    legend.items = [item for item in legend.items if KEY in item.tags]
    legend.update(ncols=max(len(legend.items), 1), visible=any(item.visible for item in legend.items))


def _explained(fig: Any, words: str, look: Mapping[str, Any]) -> LegendItem:
    """Return a legend's entry for a kind of lines or marks, with an example that is nowhere in the plot."""
    draw, mark = (fig.scatter, look["marker"]) if "marker" in look else (fig.line, None)
    look = {"line_width": 2.2, **look, "color": GREY}
    example = draw([np.nan], [np.nan], name=f"{KEY}: {words}", **look)
    return LegendItem(label=words, renderers=[example], tags=[KEY, mark] if mark else [KEY])


def hover(
    tooltips: list[tuple[str, str]], *, vline: bool = False, of: Callable[[str], bool] = lambda label: True
) -> Hook:
    """Return a hook that adds a hover tool; `$name` in a tooltip is the glyph's label.

    Args:
        tooltips: Names and what is shown.
        vline: Whether to answer for all glyphs above and below the pointer.
        of: Which labels' glyphs it speaks of.
    """

    def hook(plot: Any, _: Any) -> None:
        wanted = [glyph for label, glyph in renderers(plot).items() if of(label)]
        tool = HoverTool(tooltips=tooltips, renderers=wanted, point_policy="snap_to_data")
        tool.mode = "vline" if vline else "mouse"
        tool.visible = False
        plot.state.add_tools(tool)

    return hook


def columns(tables: Mapping[str, Mapping[str, Any]]) -> Hook:
    """Return a hook that gives each glyph all columns of its table: HoloViews keeps those it draws."""

    def hook(plot: Any, _: Any) -> None:
        for label, glyph in renderers(plot).items():
            glyph.data_source.data = dict(tables[label])

    return hook


def moving(of: Callable[[str], bool]) -> Hook:
    """Return a hook that tags glyphs which follow the moment shown, while the rest stays as it is.

    Args:
        of: Which labels' glyphs follow.
    """

    def hook(plot: Any, _: Any) -> None:
        for label, glyph in renderers(plot).items():
            if of(label):
                glyph.tags = [*glyph.tags, MOVING]

    return hook


def mode_bar(count: int) -> Hook:
    """Return a hook that adds a colour bar for `count` modes."""

    def hook(plot: Any, _: Any) -> None:
        mapper = LinearColorMapper(palette=list(MODE_PALETTE), low=1, high=count)
        ticks = [int(mode) + 1 for mode in picked(count, 5)]
        bar = ColorBar(
            color_mapper=mapper, width=8, padding=4, background_fill_alpha=0, bar_line_alpha=0,
            major_label_text_font_size="12px", major_label_text_color=GREY, major_tick_line_alpha=0,
            ticker=FixedTicker(ticks=ticks), major_label_overrides={t: f"i = {t}" for t in ticks},
        )  # fmt: skip
        plot.state.add_layout(bar, "right")

    return hook if count > 1 else _nothing


def whole_ticks(plot: Any, _: Any) -> None:
    """A hook: ticks of the horizontal axis at whole numbers only."""
    plot.state.xaxis.ticker = BasicTicker(min_interval=1)


def _nothing(plot: Any, _: Any) -> None:
    """A hook that adds nothing."""


def time_label(clock: str) -> str:
    """Return the words on the time axis."""
    return "step" if clock == "steps" else "flow time t"


def time_limits(time: Any, frame: Frame, log: bool) -> tuple[float, float]:
    """Return the range of the time axis: as known in advance, else as recorded."""
    shown = [
        float(t) for t in (frame.time_range or time[[0, -1]] if frame.time_range or len(time) else (0, 1))
    ]
    first, last = shown
    if not log:
        first = min([first, *time[:1]])
        return first, last if last > first else first + 1.0
    recorded = float(time[0]) if len(time) else last * 1e-6
    first = first if first > 0 else min(recorded, last / 10)
    return first / 1.3, max(last, first * 10) * 1.3
