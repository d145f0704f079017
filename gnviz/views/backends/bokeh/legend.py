"""The legend above a figure, and what is said where the pointer is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bokeh.core.properties import value as as_it_is
from bokeh.models import (
    ColorBar,
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
from gnviz.views.runs import in_a_row
from gnviz.views.style import MODE_PALETTE
from gnviz.views.values import picked

WRAPPED = """
:host { display: block !important; max-width: 100% !important; }
.bk-grid { display: flex !important; flex-wrap: wrap; column-gap: 10px; width: auto !important; }
"""
"""Style of a legend whose entries go on in another line where there is no room, as words do."""


def add_legend(
    fig: figure, plot: Plot, glyphs: Mapping[str, GlyphRenderer], names_runs: bool
) -> list[LegendItem]:
    """Add a legend above the plot, whose entries hide their marks when clicked; return its items of the key.

    Above, it covers no curve; its entries go on in another line where there is no room.

    Args:
        fig: The figure.
        plot: What it shows.
        glyphs: What draws each table.
        names_runs: Whether the plot's entries are in it; what kinds of lines mean always is.
    """
    items = [_entry(text, words, plot, glyphs) for text, words in _named(plot).items()] if names_runs else []
    key = [_kind(fig, kind) for kind in plot.key]
    if not items and not key:
        return []
    room: Any = {"padding": 2, "margin": 2, "spacing": 2, "glyph_width": 26}
    legend = Legend(
        items=[*items, *key], stylesheets=[WRAPPED], location="top_left", click_policy="hide",
        label_text_font_size=FONT, **room,
        background_fill_alpha=0, border_line_alpha=0, label_text_color=GREY, inactive_fill_alpha=0,
        visible=bool(items) or any(kind.there for kind in plot.key),
    )  # fmt: skip
    fig.add_layout(legend, "above")
    return key


def _named(plot: Plot) -> dict[str, str]:
    """Return the entries that have marks, and what each is called after the one before."""
    there = [text for text in plot.entries if plot.of(text)]
    return dict(zip(there, in_a_row([plot.called(text) for text in there]), strict=True))


def _entry(text: str, words: str, plot: Plot, glyphs: Mapping[str, GlyphRenderer]) -> LegendItem:
    renderers = [glyphs[mark.table] for mark in plot.of(text)]
    return LegendItem(label=as_it_is(words), renderers=renderers, name=text)


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
    words = _named(plot)
    for legend in _legends(fig):
        for item in legend.items:
            if item.name in names:
                item.update(name=names[item.name], label=as_it_is(words[names[item.name]]))


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
