"""Three dimensions in a flat figure: seen by a camera that the browser turns as the pointer drags.

Every glyph keeps its coordinates x, y, z. Two expressions map them to the screen wherever the figure is
drawn: an orthographic projection of the box of all ranges, made a cube. Nothing travels while the camera
turns, and an update of numbers does not touch it.

(Plotly's scenes need WebGL, cost a page without a graphics card seconds to load, and are drawn whole at every
update. A surface needs them, lines do not.)
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from bokeh.models import BoxZoomTool, ColumnDataSource, CustomJS, CustomJSExpr, PanTool
from bokeh.plotting import figure

from gnviz.views.base import Table, Tables
from gnviz.views.style import GREY, renderers

BOX, MARKS, NOTE = "box", "marks", "note"
"""Labels of the tables that `room` makes: lines on the box's faces, words along its edges, words above."""

DOWN, UP = -1.78, 1.62
"""The figure's lower and upper end, in half edges of the cube: below, there are words."""

ASIDE = (-1.85, 1.55)
"""Its left and right end, where it is as wide as high: on the left, there are numbers."""

CAMERA = {"azimuth": 0.9, "elevation": 0.38, "aspect": 1.6, "width": 400.0}
"""Where the camera stands at first, in radians; the figure's width in pixels, and over its height."""

MOST_TICKS = 5
"""Numbers along an axis at most."""

LETTER = 6.5
"""Pixels of a letter of these words, at most on average."""

OUTSIDE, FURTHER, ATOP = 1.09, 1.3, 1.15
"""Where numbers, names and the third name stand beside an edge, in half edges from the middle."""

_SEEN = """
const {azimuth: [a], elevation: [e], aspect: [r]} = camera.data
const toward = [Math.cos(e) * Math.cos(a), Math.cos(e) * Math.sin(a), Math.sin(e)]
const right = [-Math.sin(a), Math.cos(a), 0]
const up = [-Math.sin(e) * Math.cos(a), -Math.sin(e) * Math.sin(a), Math.cos(e)]
const axes = ["x", "y", "z"]
const spans = axes.map((name) => box.data[name].reduce(
  ([low, high], value) => [value < low ? value : low, value > high ? value : high], [Infinity, -Infinity]))
const columns = axes.map((name, k) => Array.from(this.data[name],
  (value) => (2 * value - spans[k][0] - spans[k][1]) / (spans[k][1] - spans[k][0])))
const along = ([x, y, z], scale) => columns[0].map(
  (value, i) => (x * value + y * columns[1][i] + z * columns[2][i]) * scale)
const across = () => along(right, 1 / Math.max(r, 1)), upward = () => along(up, Math.min(r, 1))
"""
"""The camera's three directions; `along` gives all points' coordinate in one, with the box from -1 to 1."""

ACROSS = _SEEN + "return across()"
UPWARD = _SEEN + "return upward()"

FLOOR = _SEEN + "columns[2].fill(toward[2] >= 0 ? -1 : 1)\nreturn upward()"
"""Upward, of points cast down on the box's floor."""

FACES = f"""{_SEEN}
const {{axis, side}} = this.data
return across().map((value, i) => side[i] * toward[axis[i]] < 0 ? value : NaN)
"""
"""Across, of lines on faces: only the far faces are seen."""

_EDGES = f"""{_SEEN}
const {{axis, first, second}} = this.data
const others = (i) => [0, 1, 2].filter((k) => k != axis[i])
const aside = (i) => {{
  const [p, q] = others(i)
  return first[i] * right[p] + second[i] * right[q]
}}
const over = (i) => Math.abs(columns[2][i]) > 1.12  // the third name
const centred = (i) => Math.abs(aside(i)) < 0.2 || axis[i] == 2 && over(i)
const align = (i) => centred(i) ? "center" : aside(i) < 0 ? "right" : "left"
"""
EDGES = f"""{_EDGES}
const seen = (i) => {{
  const k = axis[i], [p, q] = others(i)
  if (Math.hypot(right[k], up[k]) < 0.3) return false
  const near = [first[i] * toward[p] >= 0, second[i] * toward[q] >= 0]
  return k < 2 ? near[0] && !near[1] : near[0] != near[1] && aside(i) < 0
}}
const [start, end] = [{ASIDE[0]}, {ASIDE[1]}]
const long = (i) => {LETTER} * this.data.text[i].length * (end - start) / camera.data.width[0]
const inside = {{
  left: (x, i) => Math.min(x, end - long(i)),
  right: (x, i) => Math.max(x, start + long(i)),
  center: (x, i) => Math.min(Math.max(x, start + long(i) / 2), end - long(i) / 2),
}}
return across().map((value, i) => seen(i) ? inside[align(i)](value, i) : NaN)
"""
"""Across, of words along edges: those at the floor's near edges and the walls' left edge, unless seen from
the end. Long ones are moved into the figure."""

SIDES = f"""{_EDGES}
return Array.from(axis, (_, i) => align(i))
"""
"""How words are aligned: away from the box, or over the middle of what they stand on."""

_HOLD = "camera.from = {x: cb_obj.sx, y: cb_obj.sy, a: camera.data.azimuth[0], e: camera.data.elevation[0]}"

_TURN = """
if (camera.from == null) return
const {x, y, a, e} = camera.from, most = Math.PI / 2
const azimuth = [a - 0.01 * (cb_obj.sx - x)]
const elevation = [Math.min(most, Math.max(-most, e + 0.01 * (cb_obj.sy - y)))]
camera.setv({data: {...camera.data, azimuth, elevation}}, {sync: SYNC})
"""

_TURN_BACK = "camera.setv({data: {...camera.data, ...first}})"

_FIT = """
const {inner_width: width, inner_height: height} = cb_obj, {aspect: [r], width: [w]} = camera.data
if (width > 0 && height > 0 && (width != w || Math.abs(width / height - r) > 0.001))
  camera.setv({data: {...camera.data, aspect: [width / height], width: [width]}}, {sync: false})
"""


@lru_cache(maxsize=64)  # the same for every moment of a run
def room(spans: tuple[tuple[float, float], ...], names: tuple[str, ...], note: str = "") -> Tables:
    """Return the tables of the box around all ranges, of the words along its edges, and of those above.

    They are kept for the next call: their numbers cannot be written to.

    Args:
        spans: Range of each of the three axes.
        names: Words for each.
        note: A sentence above; empty for none.
    """
    ticks = [_ticks(*span) for span in spans]
    rows = [(ASIDE[0], UP, note)] if note else []
    return {
        BOX: _lines(spans, ticks),
        MARKS: _words(spans, ticks, names),
        NOTE: _table(("across", "up", "text"), rows),
    }


def project(plot: Any, tables: Tables, paths: list[str]) -> None:
    """See a HoloViews figure's glyphs in three dimensions (a hook).

    Args:
        plot: The plot that HoloViews has drawn, with a glyph for each table but `MARKS` and `NOTE`.
        tables: With those of `room`.
        paths: Labels of lines that cast a shadow on the floor.
    """
    fig: figure = plot.state
    glyphs = renderers(plot)
    camera = ColumnDataSource({name: [value] for name, value in CAMERA.items()}, name="camera")
    seen = {"camera": camera, "box": glyphs[BOX].data_source}
    across, upward, floor, faces, edges, sides = (
        {"expr": CustomJSExpr(args=seen, code=code)} for code in (ACROSS, UPWARD, FLOOR, FACES, EDGES, SIDES)
    )
    for label, drawn in glyphs.items():
        for look in ("glyph", "nonselection_glyph", "selection_glyph", "muted_glyph"):
            if hasattr(glyph := getattr(drawn, look), "x"):
                glyph.update(x=faces if label == BOX else across, y=upward)
    for label in paths:
        shadow = {"line_color": glyphs[label].glyph.line_color, "line_width": 1.2, "line_alpha": 0.35}
        cast = fig.line(across, floor, source=glyphs[label].data_source, level="underlay", **shadow)
        glyphs[label].js_link("visible", cast, "visible")  # which a click in the legend changes
    words = {"text_color": GREY, "text_font_size": "12px"}
    for name, x, y, place in (
        (MARKS, edges, upward, {"text_align": sides, "text_baseline": "middle"}),
        (NOTE, "across", "up", {"text_baseline": "top"}),
    ):
        fig.text(x, y, "text", source=ColumnDataSource(tables[name]), name=name, **words, **place)
    _take_hold(fig, camera)


def _take_hold(fig: figure, camera: ColumnDataSource) -> None:
    """Let dragging turn the camera, the reset button turn it back, and the cube stay one at any size."""
    fig.axis.visible = fig.grid.visible = False
    fig.tools = [tool for tool in fig.tools if not isinstance(tool, PanTool | BoxZoomTool)]
    first = {name: [CAMERA[name]] for name in ("azimuth", "elevation")}
    args = {"camera": camera, "first": first}
    for event, code in (
        ("panstart", _HOLD),
        ("pan", _TURN.replace("SYNC", "false")),
        ("panend", _TURN.replace("SYNC", "true")),
        ("reset", _TURN_BACK),
    ):
        fig.js_on_event(event, CustomJS(args=args, code=code))
    for size in ("inner_width", "inner_height"):
        fig.js_on_change(size, CustomJS(args=args, code=_FIT))


def turn_alike(old: figure | None, new: figure) -> None:
    """Turn a figure's camera as the user has turned that of the one before; without cameras, do nothing."""
    cameras = [fig and fig.select_one({"name": "camera"}) for fig in (old, new)]
    if all(cameras):
        cameras[1].data = dict(cameras[0].data)


def _ticks(low: float, high: float) -> np.ndarray:
    """Return at most `MOST_TICKS` round numbers strictly between two."""
    decade = 10.0 ** np.floor(np.log10((high - low) / MOST_TICKS))
    step = next(s * decade for s in (1, 2, 5, 10, 20) if (high - low) / (s * decade) <= MOST_TICKS)
    return step * np.arange(np.floor(low / step) + 1, np.ceil(high / step))


def _lines(spans: tuple[tuple[float, float], ...], ticks: list[np.ndarray]) -> Table:
    """Return lines on all six faces, at the ticks and along the edges, a gap after each.

    The columns `axis` and `side` say which face a line is on: across which axis, at which end (-1 or 1).
    """
    rows: list[tuple[Any, ...]] = []
    for k, side in product(range(3), (-1, 1)):
        for j in sorted({0, 1, 2} - {k}):
            (m,) = {0, 1, 2} - {k, j}
            for value, end in product((*spans[j], *ticks[j]), (*spans[m], np.nan)):
                point = np.empty(3)
                point[k], point[j], point[m] = spans[k][(side + 1) // 2], value, end
                rows.append((*point, k, side))
    return _table(("x", "y", "z", "axis", "side"), rows)


def _words(spans: tuple[tuple[float, float], ...], ticks: list[np.ndarray], names: tuple[str, ...]) -> Table:
    """Return numbers and names along all twelve edges.

    The column `axis` says along which axis an edge lies, `first` and `second` at which ends of the other two.
    """
    middle, half = (np.array([(high + sign * low) / 2 for low, high in spans]) for sign in (1, -1))
    rows: list[tuple[Any, ...]] = []
    for k, first, second in product(range(3), (-1, 1), (-1, 1)):
        others = [j for j in range(3) if j != k]
        numbers = [(value, OUTSIDE, f"{value:.3g}") for value in ticks[k] + 0.0]
        name = (middle[k], FURTHER) if k < 2 else (middle[k] + ATOP * half[k], 1.0)
        for value, far, text in (*numbers, (*name, names[k])):
            point = np.empty(3)
            point[k], point[others] = value, middle[others] + far * half[others] * (first, second)
            rows.append((*point, k, first, second, text))
    return _table(("x", "y", "z", "axis", "first", "second", "text"), rows)


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    """Return rows as columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    table = {name: np.array(column) for name, column in zip(names, columns, strict=True)}
    for column in table.values():
        column.setflags(write=False)
    return table
