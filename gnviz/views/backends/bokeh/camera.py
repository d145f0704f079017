"""Three dimensions in a flat figure: seen by a camera that the browser turns as the pointer drags.

Every glyph keeps its coordinates x, y, z. Two expressions map them to the screen wherever the figure is
drawn: an orthographic projection of the box of all ranges, made a cube. Nothing travels while the camera
turns, and an update of numbers does not touch it.

(Plotly's scenes need WebGL, cost a page without a graphics card seconds to load, and are drawn whole at every
update. A surface needs them, lines do not.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bokeh.models import BoxZoomTool, ColumnDataSource, CustomJS, CustomJSExpr, GlyphRenderer, Line, PanTool
from bokeh.plotting import figure

from gnviz.views.plot import Plot
from gnviz.views.room import ASIDE, AZIMUTH, BOX, ELEVATION, MARKS, NOTE

CAMERA = {"azimuth": AZIMUTH, "elevation": ELEVATION, "aspect": 1.6, "width": 400.0}
"""Where the camera stands at first, in radians; the figure's width in pixels, and over its height."""

LETTER = 6.5
"""Pixels of a letter of these words, at most on average."""

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
const {x, y, a, e} = camera.from, most = Math.PI / 2, [across, along] = [cb_obj.sx - x, cb_obj.sy - y]
if (camera.from.turns == null && Math.hypot(across, along) > 3)  // a finger that goes up or down scrolls
  camera.from.turns = !matchMedia("(pointer: coarse)").matches || Math.abs(across) > Math.abs(along)
if (!camera.from.turns) return
const azimuth = [a - 0.01 * across]
const elevation = [Math.min(most, Math.max(-most, e + 0.01 * along))]
camera.setv({data: {...camera.data, azimuth, elevation}}, {sync: SYNC})
"""

_TURN_BACK = "camera.setv({data: {...camera.data, ...first}})"

_FIT = """
const {inner_width: width, inner_height: height} = cb_obj, {aspect: [r], width: [w]} = camera.data
if (width > 0 && height > 0 && (width != w || Math.abs(width / height - r) > 0.001))
  camera.setv({data: {...camera.data, aspect: [width / height], width: [width]}}, {sync: false})
"""


def project(fig: figure, plot: Plot, glyphs: Mapping[str, GlyphRenderer]) -> None:
    """See a figure's marks, whose columns are x, y and z, in three dimensions.

    Args:
        fig: The figure.
        plot: What it shows; its tables are also those of `gnviz.views.room`.
        glyphs: What draws each table.
    """
    eye = ColumnDataSource({name: [value] for name, value in CAMERA.items()}, name="camera")
    seen = {"camera": eye, "box": glyphs[BOX].data_source}
    across, upward, floor, faces, edges, sides = (
        {"expr": CustomJSExpr(args=seen, code=code)} for code in (ACROSS, UPWARD, FLOOR, FACES, EDGES, SIDES)
    )
    for label, drawn in glyphs.items():
        if label != NOTE:
            drawn.glyph.update(x={BOX: faces, MARKS: edges}.get(label, across), y=upward)
    glyphs[MARKS].glyph.update(text_align=sides, text_baseline="middle")
    glyphs[NOTE].glyph.update(x="across", y="up", text_baseline="top")
    for mark in plot.marks:
        if mark.shadow:
            where: Any = {"x": across, "y": floor}
            shadow = Line(**where, line_color=mark.color, line_width=1.2, line_alpha=0.35)
            cast = GlyphRenderer(data_source=glyphs[mark.table].data_source, glyph=shadow, level="underlay")
            fig.renderers.append(cast)
            glyphs[mark.table].js_link("visible", cast, "visible")  # which a click in the legend changes
    _take_hold(fig, eye)


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
    cameras: list[Any] = [fig and fig.select_one({"name": "camera"}) for fig in (old, new)]
    if all(cameras):
        cameras[1].data = dict(cameras[0].data)
