"""The legend above a figure, and what is said where the pointer is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bokeh.core.properties import value as as_it_is
from bokeh.models import (
    ColorBar,
    CustomJS,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    Legend,
    LegendItem,
    LinearColorMapper,
)
from bokeh.plotting import figure

from gnviz.views.backends.bokeh.axes import FONT
from gnviz.views.backends.bokeh.glyphs import example
from gnviz.views.backends.hover import formatters, value
from gnviz.views.plot import GREY, Key, Mark, Plot, Tip
from gnviz.views.style import MODE_PALETTE
from gnviz.views.values import picked

_WRAP = """
const shown = legend.items.filter((item) => item.visible)
if (fig.inner_width < NARROW && !legend.usual) {
  legend.usual = legend.label_text_font_size
  legend.setv({label_text_font_size: SMALL}, {sync: false})
} else if (fig.inner_width >= NARROW && legend.usual) {
  legend.setv({label_text_font_size: legend.usual}, {sync: false})
  legend.usual = null
}
const type = legend.label_text_font_size, size = parseFloat(type) * (type.endsWith("em") ? 16 : 1)
const wide = shown.map(({label}) => LETTER * size * (label?.value ?? String(label)).length + ROOM)
const room = (ncols) => {  // columns are filled one after another
  const rows = Math.ceil(wide.length / ncols)
  let total = 0
  for (let k = 0; k < wide.length; k += rows) total += Math.max(...wide.slice(k, k + rows))
  return total
}
let ncols = shown.length
while (ncols > 1 && room(ncols) > fig.inner_width) ncols--
if (ncols && fig.inner_width > 0 && ncols != legend.ncols) legend.setv({ncols}, {sync: false})
"""
"""As many columns as there is room for, in smaller type on a phone: the browser knows how wide it is."""

NARROW, SMALL = 400, "12px"
"""Pixels of a figure's width below which its legend has smaller type, and its size."""

LETTER, ROOM = 0.51, 32
"""Width of a letter, in units of the type's size; pixels of an entry beside its words."""

_CODE = (
    _WRAP.replace("LETTER", str(LETTER))
    .replace("ROOM", str(ROOM))
    .replace("NARROW", str(NARROW))
    .replace("SMALL", repr(SMALL))
)


def add_legend(
    fig: figure, plot: Plot, glyphs: Mapping[str, GlyphRenderer], names_runs: bool
) -> list[LegendItem]:
    """Add a legend above the plot, whose entries hide their marks when clicked; return its items of the key.

    Above, it covers no curve. It has as many columns as there is room for, one on a narrow phone.

    Args:
        fig: The figure.
        plot: What it shows.
        glyphs: What draws each table.
        names_runs: Whether the plot's entries are in it; what kinds of lines mean always is.
    """
    items = [_entry(text, plot, glyphs) for text in plot.entries] if names_runs else []
    items = [item for item in items if item.renderers]
    key = [_kind(fig, kind) for kind in plot.key]
    if not items and not key:
        return []
    room: Any = {"padding": 2, "margin": 2, "spacing": 2, "glyph_width": 22}
    legend = Legend(
        items=[*items, *key], ncols=min(2, len(items) + len(key)), location="top_left", click_policy="hide",
        label_text_font_size=FONT, **room,
        background_fill_alpha=0, border_line_alpha=0, label_text_color=GREY, inactive_fill_alpha=0,
        visible=bool(items) or any(kind.there for kind in plot.key),
    )  # fmt: skip
    fig.add_layout(legend, "above")
    wrap = CustomJS(args={"fig": fig, "legend": legend}, code=_CODE)
    fig.js_on_change("inner_width", wrap)
    for item in key:
        item.js_on_change("visible", wrap)
    return key


def _entry(text: str, plot: Plot, glyphs: Mapping[str, GlyphRenderer]) -> LegendItem:
    renderers = [glyphs[mark.table] for mark in plot.of(text)]
    return LegendItem(label=plot.called(text), renderers=renderers, name=text)


def _kind(fig: figure, kind: Key) -> LegendItem:
    """Return a legend's entry for a kind of lines or points, with an example that is nowhere in the plot."""
    drawn = example(kind.mark)
    fig.renderers.append(drawn)
    return LegendItem(label=kind.words, renderers=[drawn], visible=kind.there)


def explain(fig: figure, plot: Plot, key: list[LegendItem]) -> None:
    """Let a legend explain the kinds of marks that are in the figure now, and no others.

    Args:
        fig: The figure.
        plot: What is in it now.
        key: The legend's items, one for each kind of mark in `plot.key`.
    """
    for item, kind in zip(key, plot.key, strict=True):
        item.visible = kind.there
    for legend in _legends(fig):
        legend.visible = any(item.visible for item in legend.items)


def rename(fig: figure, names: Mapping[str, str], plot: Plot) -> None:
    """Give a legend's entries other names.

    Args:
        fig: The figure.
        names: New ones by those before.
        plot: What is in the figure now.
    """
    for legend in _legends(fig):
        for item in legend.items:
            if item.name in names:
                item.update(name=names[item.name], label=as_it_is(plot.called(names[item.name])))


def _legends(fig: figure) -> list[Any]:
    above: Any = fig.above  # `select` would search everything
    return [part for part in above if isinstance(part, Legend)]


def hide_together(plot: Plot, glyphs: Mapping[str, GlyphRenderer]) -> None:
    """Let marks be hidden with the ones that they follow."""
    for mark in plot.marks:
        if mark.follows:
            glyphs[mark.follows].js_link("visible", glyphs[mark.table], "visible")


def add_hover(fig: figure, plot: Plot, glyphs: Mapping[str, GlyphRenderer]) -> None:
    """Add tooltips: a tool for each set of `tips`.

    Args:
        fig: The figure, changed in place.
        plot: Its marks, with the `tips` of each.
        glyphs: What draws each mark, by the name of its table.
    """
    said: dict[tuple[Tip, ...], list[Mark]] = {}
    for mark in plot.marks:
        if mark.tips:
            said.setdefault(mark.tips, []).append(mark)
    for tips, marks in said.items():
        renderers: Any = [glyphs[mark.table] for mark in marks]
        words = [(words, _field(column, form)) for words, column, form in tips]
        fig.add_tools(
            HoverTool(
                tooltips=words,
                formatters=formatters(tips),
                renderers=renderers,
                point_policy="snap_to_data",
                visible=False,
            )
        )


def _field(column: str, form: str) -> str:
    return column if column.startswith("$") else value(column, form)


def add_mode_bar(fig: figure, count: int) -> None:
    """Add a colour bar for `count` modes, if there are several."""
    if count < 2:
        return
    ticks = [int(mode) + 1 for mode in picked(count, 5)]
    fig.add_layout(
        ColorBar(
            color_mapper=LinearColorMapper(palette=list(MODE_PALETTE), low=1, high=count),
            width=8, padding=4, background_fill_alpha=0, bar_line_alpha=0,
            major_label_text_font_size="12px", major_label_text_color=GREY, major_tick_line_alpha=0,
            ticker=FixedTicker(ticks=ticks), major_label_overrides={t: f"i = {t}" for t in ticks},
        ),
        "right",
    )  # fmt: skip
