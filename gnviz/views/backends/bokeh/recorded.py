"""Figures of a run that was made, moved through its moments by a slider in the browser, without a server.

All that a figure shows at some moments is computed ahead: the slider puts the tables of a moment into the
figure's sources, and a line at that time into figures over time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from bokeh.core.json_encoder import serialize_json
from bokeh.models import CustomJS, CustomJSTickFormatter, Slider, Span
from bokeh.resources import Resources

from gnviz.views.backends.bokeh.cursor import add_cursor
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.backends.bokeh.standalone import standalone
from gnviz.views.base import takes

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import View
    from gnviz.views.plot import Plot

SLIDER = "slider"
"""Key of the slider among the parts of a page."""

_MOVE = """
const k = cb_obj.value
moving.forEach((source, i) => { source.data = {...source.data, ...frames[i][k]} })
cursors.forEach((cursor, i) => cursor.setv({location: places[i][k], visible: places[i][k] != null}))
"""


class Drawn(NamedTuple):
    """Figures as a browser draws them.

    Attributes:
        items: The arguments of `Bokeh.embed.embed_items`, as JSON without brackets around them; safe in a
            script element.
        parts: HTML elements by the labels of the figures, and of the `SLIDER` where there is more than one
            moment.
    """

    items: str
    parts: dict[str, str]


class Embedded(NamedTuple):
    """Parts of a page that a browser shows with no network.

    Attributes:
        library: Script elements with BokehJS.
        script: The script element that draws everything; after the parts.
        parts: HTML elements by the labels of the figures, and of the `SLIDER` where there is more than one
            moment.
    """

    library: str
    script: str
    parts: dict[str, str]


def embed(
    views: Sequence[View],
    ds: xr.Dataset,
    moments: Sequence[int],
    *,
    legends: Sequence[str] = (),
    **options: Any,
) -> Embedded:
    """Return figures, and the slider that moves them together, as parts of a page.

    Args:
        views: The figures; no surfaces.
        ds: A Dataset of schema 1.
        moments: Positions on its time axis that the slider stops at, in order; the last is shown first.
        legends: Labels of the figures that name the runs.
        options: Of the views that take them, such as `time_scale`.
    """
    drawn = record(views, ds, moments, legends=legends, **options)
    script = f"<script>\nBokeh.embed.embed_items({drawn.items})\n</script>"
    return Embedded(f"<script>\n{library()}\n</script>", script, drawn.parts)


def record(
    views: Sequence[View],
    ds: xr.Dataset,
    moments: Sequence[int],
    *,
    name: str = "drawn",
    legends: Sequence[str] = (),
    **options: Any,
) -> Drawn:
    """Return figures, and the slider that moves them together, for a script that draws them when it likes.

    Args:
        views: As `embed`, like all others.
        ds: A Dataset of schema 1.
        moments: Positions on its time axis.
        name: How the names of the elements begin.
        legends: Labels of the figures that name the runs.
        options: Of the views that take them.
    """
    figures = {view.label: Recorded(view, ds, moments, view.label in legends, options) for view in views}
    models: dict[str, Any] = {label: recorded.figure for label, recorded in figures.items()}
    if len(moments) > 1:
        models[SLIDER] = _slider(list(figures.values()), ds, moments)
    parts = {label: f'<div id="{name}-{label}" style="display: contents"></div>' for label in models}
    return Drawn(_items(models, name), parts)


def _items(models: Mapping[str, Any], name: str) -> str:
    """Return what draws models into the elements named after them."""
    content = standalone(models.values())
    places = {model.id: f"{name}-{label}" for label, model in models.items()}
    items = [{"docid": "run", "roots": places, "root_ids": list(places)}]
    return ", ".join(serialize_json(value).replace("<", "\\u003c") for value in ({"run": content}, items))


def library() -> str:
    """Return BokehJS alone: `render_js` adds the scripts of all packages that extend it and are imported."""
    return "\n".join(Resources(mode="inline", components=["bokeh", "bokeh-widgets"]).js_raw)


class Recorded:
    """A figure of a run at some moments.

    Args:
        view: What to show.
        ds: A Dataset of schema 1.
        moments: Positions on its time axis.
        legend: Whether the figure names the runs.
        options: Those that the view does not take are left out.

    Attributes:
        figure: Bokeh's model, at the last of the moments.
        frames: For each source that changes, its columns that do, at each moment.
        cursor: The line at the moment shown; None in figures that are not over time.
        places: Where that line stands at each moment; None where the axis has no place for it.

    Raises:
        ValueError: As the view's `tables`; or the figure draws other things at some moments than at others.
    """

    def __init__(
        self, view: View, ds: xr.Dataset, moments: Sequence[int], legend: bool, options: Mapping[str, Any]
    ) -> None:
        own = _own_options(view, ds, options)
        at = [{"moment": k} for k in moments] if takes(type(view), "moment") else [{}]
        seen = [read(view, ds, **own, **moment) for moment in at]
        drawing = Drawing(view, ds, legend=legend, **own, **at[-1])
        if not all(drawing.shows(tables, plot) for tables, plot in seen):
            raise ValueError(f"figure {view.label!r} draws other things at some moments than at others")
        drawing.update(seen[-1][0], _spanning([plot for _, plot in seen]), afresh=True)
        changing = {x: _changing([tables[x] for tables, _ in seen]) for x in drawing.sources}
        self.frames = [(drawing.sources[label], frames) for label, frames in changing.items() if frames]
        self.figure = drawing.figure
        for drawn in drawing.glyphs.values():
            if drawn.level == "overlay":  # which saves a live page work, and may paint outside the frame
                drawn.level = "glyph"
        self.cursor: Span | None = None
        if "time_range" in own:
            times, log = ds["time"].values[list(moments)].tolist(), drawing.plot.x.log
            self.places = [t if t > 0 or not log else None for t in times]
            self.cursor = add_cursor(self.figure, self.places[-1])


def _own_options(view: View, ds: xr.Dataset, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a view takes, and the range of its time axis if it has one."""
    own = {name: value for name, value in options.items() if takes(type(view), name)}
    if takes(type(view), "time_scale"):
        time = ds["time"].values
        own["time_range"] = (float(time[min(1, len(time) - 1)]), float(time[-1]))
    return own


def _spanning(plots: Sequence[Plot]) -> Plot:
    """Return a plot whose ranges and key hold for all of some plots, which differ in numbers only."""
    ends = {
        name: (min(low for low, _ in spans), max(high for _, high in spans))
        for name in ("across", "upright")
        for spans in [[getattr(plot, name) for plot in plots]]
    }
    keys = zip(*(plot.key for plot in plots), strict=True)
    there = tuple(replace(kinds[-1], there=any(kind.there for kind in kinds)) for kinds in keys)
    return replace(plots[-1], key=there, **ends)


def _changing(tables: Sequence[Mapping[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Return at each moment the columns that are not the same at all; nothing if none is."""
    first = tables[0]
    names = [name for name in first if not all(_same(first[name], table[name]) for table in tables[1:])]
    return [{name: _sent(table[name]) for name in names} for table in tables] if names else []


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f" and other.dtype.kind == "f")


def _sent(column: np.ndarray) -> Any:
    """Return a column as it travels: numbers as bytes, texts as a list."""
    return np.ascontiguousarray(column) if column.dtype.kind in "fi" else column.tolist()


def _slider(figures: Sequence[Recorded], ds: xr.Dataset, moments: Sequence[int]) -> Slider:
    """Return the slider over the moments, whose words are their times."""
    word = "step " if ds.attrs["clock"] == "steps" else "t = "
    said = [f"{word}{t:.4g}" for t in ds["time"].values[list(moments)]]
    last = len(moments) - 1
    slider = Slider(
        start=0, end=last, value=last, step=1, title="Moment shown", sizing_mode="stretch_width",
        format=CustomJSTickFormatter(args={"said": said}, code="return said[Math.round(tick)]"),
    )  # fmt: skip
    moved = [frame for recorded in figures for frame in recorded.frames]
    over_time = [recorded for recorded in figures if recorded.cursor is not None]
    args = {
        "moving": [source for source, _ in moved], "frames": [frames for _, frames in moved],
        "cursors": [recorded.cursor for recorded in over_time],
        "places": [recorded.places for recorded in over_time],
    }  # fmt: skip
    slider.js_on_change("value", CustomJS(args=args, code=_MOVE))
    return slider
