"""Marks in three dimensions as Plotly's traces: one for each table, always in the same order.

A trace of an arrow or a sheet has a second one beside it: the arrow's head, the sheet's edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gnviz.methods import display_name
from gnviz.views.backends.plotly.layout import marked
from gnviz.views.backends.plotly.lift import LIFT, Lift
from gnviz.views.base import Table, Tables
from gnviz.views.plot import GREY, Mark, Plot, Scene, Shades
from gnviz.views.values import xyz

ROUND = 12
"""Corners of an arrow's head."""

HEAD = 0.045
"""Length of an arrow's head, as a share of the longest axis."""

RANKED = 900
"""Rank in the legend of the first entry: Plotly gives 1000 to what has none."""

Trace = dict[str, Any]


def traces(plot: Plot, tables: Tables) -> list[Trace]:
    """Return the traces of all marks, in order.

    Args:
        plot: With a scene.
        tables: Of its marks.
    """
    scene, shades = plot.scene, plot.shades
    assert scene is not None
    assert shades is not None
    ground = next(tables[mark.table] for mark in plot.marks if mark.kind == "surface")
    lift = Lift(ground, scene.shape, scene.size)
    named: set[str] = set()
    out: list[Trace] = []
    for mark in plot.marks:
        table = tables[mark.table]
        if mark.layer is not None:
            table = lift(table, mark.layer)
        for trace in _traces_of(mark, table, scene, shades):
            first = mark.entry in plot.entries and mark.entry not in named and trace["type"] == "scatter3d"
            named |= {mark.entry} if first else set()
            out.append(trace | _entry(mark, plot, first))
    return out


def _entry(mark: Mark, plot: Plot, first: bool) -> Trace:
    """Return what a trace says to the legend: the first of an entry shows it, a click hides them all."""
    if not mark.entry:
        return {"showlegend": False}
    rank = RANKED + plot.entries.index(mark.entry)
    return {"legendgroup": mark.entry, "legendrank": rank, "showlegend": first}


def _traces_of(mark: Mark, table: Table, scene: Scene, shades: Shades) -> list[Trace]:
    if mark.kind == "surface":
        return [_surface(mark.table, table, shades, scene.shape)]
    if mark.kind == "sheet":
        return _sheet(mark, table, LIFT * scene.size)
    if mark.kind == "arrow":
        return _arrow(mark, table, HEAD * scene.size)
    return [_points(mark, table) if mark.kind == "points" else _line(mark, table)]


def _name(mark: Mark) -> str:
    return display_name(mark.entry or mark.table)


def _line(mark: Mark, table: Table) -> Trace:
    dash = {} if not mark.dash else {"dash": "dot" if mark.dash[0] < 3 else "dash"}
    line = {"color": mark.color, "width": mark.width, **dash}
    return {"type": "scatter3d", "mode": "lines", "name": _name(mark), "line": line, **table, **_hover(mark)}


def _points(mark: Mark, table: Table) -> Trace:
    symbol = f"{mark.marker}-open" if mark.fill == 0 else mark.marker
    marker = {"symbol": symbol, "size": mark.size, "color": mark.color}
    look = marked(marker)
    return {"type": "scatter3d", "mode": "markers", "name": _name(mark), **table, **look, **_hover(mark)}


def _hover(mark: Mark) -> Trace:
    return {"hovertemplate": f"{_name(mark)}<br>(%{{x:.3g}}, %{{y:.3g}}, %{{z:.3g}})<extra></extra>"}


def _arrow(mark: Mark, table: Table, head: float) -> list[Trace]:
    """Return a line from its first point to its second, and a cone of length `head` at most as its end."""
    ends = np.stack([table[name].astype(float) for name in "xyz"], axis=1)
    cone = np.empty((0, 3))
    if len(ends) and (ends[0] != ends[1]).any():
        way = ends[1] - ends[0]
        back = way * min(1.0, head / float(np.linalg.norm(way)))
        cone = _cone(ends[1], back)
        ends = np.stack([ends[0], ends[1] - back])
    rim = np.arange(1, ROUND + 1)
    cap = {
        "type": "mesh3d", "name": _name(mark), "i": [0] * ROUND, "j": rim.tolist(),
        "k": np.roll(rim, -1).tolist(), "color": mark.color, "visible": bool(len(cone)), "hoverinfo": "skip",
        "lighting": {"ambient": 0.9}, **xyz(cone),
    }  # fmt: skip
    return [_line(mark, xyz(ends)), cap]


def _cone(tip: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return the tip of a cone and the points of its rim, `back` behind it; shape (1 + ROUND, 3)."""
    first = np.cross(back, np.eye(3)[np.argmin(np.abs(back))])
    first *= 0.4 * np.linalg.norm(back) / np.linalg.norm(first)
    second = np.cross(first, back) / np.linalg.norm(back)
    angle = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)[:, None]
    return np.vstack([tip, tip - back + np.cos(angle) * first + np.sin(angle) * second])


def _sheet(mark: Mark, table: Table, off: float) -> list[Trace]:
    """Return a plane and its edge, `off` above the surface and below: on it, its triangles would comb it."""
    corners = np.stack([table[name].astype(float) for name in "xyz"], axis=1)
    sides = [corners, corners]
    if len(corners):
        across = np.cross(corners[1] - corners[0], corners[3] - corners[0])
        normal = off * across / (float(np.linalg.norm(across)) or 1.0)
        sides = [corners + normal, corners - normal]
    sheet = {
        "type": "mesh3d", "name": _name(mark), "i": [0, 0, 4, 4], "j": [1, 2, 5, 6], "k": [2, 3, 6, 7],
        "color": mark.color, "opacity": mark.alpha, "visible": bool(len(corners)), "hoverinfo": "skip",
        "lighting": {"ambient": 1, "diffuse": 0}, **xyz(np.concatenate([side[:4] for side in sides])),
    }  # fmt: skip
    rim = xyz(np.concatenate([sides[0], np.full((1, 3), np.nan), sides[1]]))
    return [sheet, _line(mark, rim) | {"hoverinfo": "skip", "hovertemplate": None}]


def _surface(name: str, table: Table, shades: Shades, shape: tuple[int, int]) -> Trace:
    """Return a surface as triangles; `meta` as in `layout.marked`.

    Plotly's own surfaces are refined to nine times as many points, in the browser and at each update.
    """
    low, high, values = shades.low, shades.high, table["color"]
    bar: Trace = {"title": {"text": shades.words}}
    if shades.log:
        values = np.log10(np.clip(values, low, high))
        low, high = float(np.log10(low)), float(np.log10(high))
        whole = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        bar |= {"tickvals": list(whole), "ticktext": [f"1e{k}" if k else "1" for k in whole]}
    bar |= {"len": 0.55, "thickness": 10, "outlinewidth": 0, "x": 1.0, "xanchor": "right", "nticks": 4,
            "tickfont": {"size": 11, "color": GREY}}  # fmt: skip
    steps = np.linspace(0, 1, len(shades.palette)).tolist()
    look = {"colorscale": [list(step) for step in zip(steps, shades.palette, strict=True)], "colorbar": bar}
    return {
        "type": "mesh3d", "name": name, **{axis: table[axis] for axis in "xyz"}, **_triangles(table, shape),
        "intensity": values, **look, "meta": look, "cmin": low, "cmax": high, "cauto": False,
        "showscale": bool(shades.words),
        "lighting": {"ambient": 0.85, "diffuse": 0.3, "specular": 0.06, "roughness": 0.8, "fresnel": 0.05},
        "hovertemplate": f"{name} (%{{x:.3g}}, %{{y:.3g}}, %{{z:.3g}})<extra></extra>",
    }  # fmt: skip


def _triangles(table: Table, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return the corners i, j, k of two triangles for each cell of the mesh, but for those with a gap."""
    number = np.arange(shape[0] * shape[1], dtype=np.int16).reshape(shape)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    corners = np.stack([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))], axis=1)
    corners = corners.reshape(-1, 3)
    whole = np.all([np.isfinite(table[name]) for name in "xyz"], axis=0)
    corners = corners[whole[corners].all(axis=1)]
    return dict(zip("ijk", np.ascontiguousarray(corners.T), strict=True))
