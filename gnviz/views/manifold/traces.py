"""How the figure `manifold` is drawn: one Plotly trace per table, always in the same order."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnviz.methods import display_name
from gnviz.views.base import MOST_NAMED, NOW, OTHER, Table, Tables, xyz
from gnviz.views.manifold.figure import (
    CORNER,
    NORMAL,
    PLANE,
    RESIDUAL,
    SURFACE,
    TANGENT,
    Color,
    color_range,
)
from gnviz.views.manifold.layout import marked
from gnviz.views.manifold.lift import LIFT, Lift
from gnviz.views.manifold.scene import FOOT, GEODESIC, START, TARGET, unit
from gnviz.views.style import (
    CURVATURE_PALETTE,
    GREY,
    INK,
    LOSS_PALETTE,
    PLAIN,
    run_color,
    run_width,
)

LINES = {
    GEODESIC: {"color": INK, "width": 3.5, "dash": "dash"},
    RESIDUAL: {"color": GREY, "width": 3, "dash": "dot"},
    TANGENT: {"color": "#d6569b", "width": 8},
    NORMAL: {"color": "#9b6dd6", "width": 8},
    CORNER: {"color": GREY, "width": 3},
}
"""Of what belongs to no run; colours that runs beyond the third have."""

MARKERS = {
    START: {"symbol": "circle-open", "size": 8, "color": INK},
    TARGET: {"symbol": "cross", "size": 7, "color": GREY},
    FOOT: {"symbol": "diamond", "size": 6, "color": INK},
}
ON_TOP = 8
"""Layer of the markers on M, above all lines."""

UNNAMED = (RESIDUAL, CORNER)
"""Without a legend entry: hovering names them."""

ROUND = 12
"""Corners of an arrow's head."""

HEAD = 0.045
"""Length of an arrow's head, as a share of the longest axis."""

LOG_FROM = 30.0
"""A loss that varies by more than this factor is coloured on a logarithmic scale."""


def traces(
    tables: Tables, color: Color, shape: tuple[int, int], ranks: dict[str, int], size: float
) -> list[dict[str, Any]]:
    """Return the traces of all tables.

    Args:
        tables: Of `Manifold.tables`.
        color: What the surface's colour means.
        shape: Rows and columns of the surface's mesh.
        ranks: Number of each run's colour.
        size: Length of the longest axis.
    """
    lift = Lift(tables[SURFACE], shape, size)
    out = []
    for label, table in tables.items():
        if label == SURFACE:
            out.append(_surface(table, color, shape))
        elif label == PLANE:
            out.extend(_plane(table, LIFT * size))
        elif label in (TANGENT, NORMAL):
            out.extend(_arrow(label, table, HEAD * size))
        elif label in MARKERS:
            out.append(
                _marks(label, label, table if label == TARGET else lift(table, ON_TOP), MARKERS[label])
            )
        elif label in LINES:
            raised = lift(table, len(ranks) + 1) if label == GEODESIC else table
            out.append(_line(label, raised, LINES[label]) | {"showlegend": label not in UNNAMED})
        else:
            out.append(_run(label, table, ranks, lift))
    return out


def _line(name: str, table: Table, line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter3d", "mode": "lines", "name": name, "line": line, **table, **_hover(name)}


def _marks(name: str, label: str, table: Table, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter3d", "mode": "markers", "name": name, **table, **marked(marker), **_hover(label)
    }  # fmt: skip


def _hover(name: str) -> dict[str, Any]:
    return {"hovertemplate": f"{name}<br>(%{{x:.3g}}, %{{y:.3g}}, %{{z:.3g}})<extra></extra>"}


def _run(label: str, table: Table, ranks: dict[str, int], lift: Lift) -> dict[str, Any]:
    """Return a run's path, its path in another chart, or where it stands."""
    run = label.removesuffix(NOW).removesuffix(OTHER)
    rank, count = ranks[run], len(set(ranks.values()))
    color, name = run_color(rank), display_name(run)
    if label.endswith(NOW):
        marks = _marks(name, name, lift(table, ON_TOP), {"color": color, "size": 7})
        return marks | {"legendgroup": run, "showlegend": False}
    line = {"color": color, "width": run_width(rank, count)}
    if label.endswith(OTHER):
        name, line = name + OTHER, {"color": darker(color), "width": 3, "dash": "dash"}
    named = {"legendgroup": run, "legendrank": 900, "showlegend": count <= MOST_NAMED}
    return _line(name, lift(table, count if label.endswith(OTHER) else rank), line) | named


def darker(color: str) -> str:
    """Return a shade of a colour that shows on it, and on the surface."""
    return "#" + "".join(f"{int(0.5 * int(color[k : k + 2], 16)):02x}" for k in (1, 3, 5))


def _arrow(label: str, table: Table, head: float) -> list[dict[str, Any]]:
    """Return a line from its first point to its second, and a cone of length `head` at most as its end."""
    line = LINES[label]
    ends = np.stack([table[name].astype(float) for name in "xyz"], axis=1)
    cone = np.empty((0, 3))
    if len(ends) and (ends[0] != ends[1]).any():
        way = ends[1] - ends[0]
        back = way * min(1.0, head / float(np.linalg.norm(way)))
        cone = _cone(ends[1], back)
        ends = np.stack([ends[0], ends[1] - back])
    rim = np.arange(1, ROUND + 1)
    cap = {
        "type": "mesh3d", "name": label, "i": [0] * ROUND, "j": rim.tolist(), "k": np.roll(rim, -1).tolist(),
        "color": line["color"], "visible": bool(len(cone)), "hoverinfo": "skip", "lighting": {"ambient": 0.9},
        **xyz(cone),
    }  # fmt: skip
    return [_line(label, xyz(ends), line), cap]


def _cone(tip: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return the tip of a cone and the points of its rim, `back` behind it; shape (1 + ROUND, 3)."""
    first = np.cross(back, np.eye(3)[np.argmin(np.abs(back))])
    first *= 0.4 * np.linalg.norm(back) / np.linalg.norm(first)
    second = np.cross(first, back) / np.linalg.norm(back)
    angle = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)[:, None]
    return np.vstack([tip, tip - back + np.cos(angle) * first + np.sin(angle) * second])


def _plane(table: Table, off: float) -> list[dict[str, Any]]:
    """Return the tangent plane and its edge, `off` above M and below: on it, M's triangles would comb it."""
    corners = np.stack([table[name].astype(float) for name in "xyz"], axis=1)
    sides = [corners, corners]
    if len(corners):
        normal = off * unit(np.cross(corners[1] - corners[0], corners[3] - corners[0]))
        sides = [corners + normal, corners - normal]
    sheet = {
        "type": "mesh3d", "name": PLANE, "i": [0, 0, 4, 4], "j": [1, 2, 5, 6], "k": [2, 3, 6, 7],
        "color": GREY, "opacity": 0.3, "visible": bool(len(corners)), "hoverinfo": "skip",
        "lighting": {"ambient": 1, "diffuse": 0}, **xyz(np.concatenate([side[:4] for side in sides])),
    }  # fmt: skip
    rim = xyz(np.concatenate([sides[0], np.full((1, 3), np.nan), sides[1]]))
    edge = _line(PLANE, rim, {"color": GREY, "width": 2})
    return [sheet, edge | {"hoverinfo": "skip", "showlegend": False}]


def _surface(table: Table, color: Color, shape: tuple[int, int]) -> dict[str, Any]:
    """Return M, as triangles; `meta` as in `manifold_layout.marked`.

    Plotly's own surfaces are refined to nine times as many points, in the browser and at each update.
    """
    low, high = color_range(color, table["color"])
    values, bar = table["color"], {"title": {"text": {"loss": "loss", "curvature": "K"}.get(color, "")}}
    if color == "loss" and high > LOG_FROM * low:
        values = np.log10(np.clip(values, low, high))
        low, high = float(np.log10(low)), float(np.log10(high))
        whole = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        bar |= {"tickvals": list(whole), "ticktext": [f"1e{k}" if k else "1" for k in whole]}
    bar |= {"len": 0.55, "thickness": 10, "outlinewidth": 0, "x": 1.0, "xanchor": "right", "nticks": 4,
            "tickfont": {"size": 11, "color": GREY}}  # fmt: skip
    look = {"colorscale": _scale(color), "colorbar": bar}
    return {
        "type": "mesh3d", "name": SURFACE, **{name: table[name] for name in "xyz"},
        **_triangles(table, shape),
        "intensity": values, **look, "meta": look, "cmin": low, "cmax": high, "cauto": False,
        "showscale": color != "plain", "showlegend": False,
        "lighting": {"ambient": 0.85, "diffuse": 0.3, "specular": 0.06, "roughness": 0.8, "fresnel": 0.05},
        "hovertemplate": "M (%{x:.3g}, %{y:.3g}, %{z:.3g})<extra></extra>",
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


def _scale(color: Color) -> list[list[Any]]:
    """Return Plotly's colour scale."""
    palette = {"loss": LOSS_PALETTE, "curvature": CURVATURE_PALETTE, "plain": (PLAIN, PLAIN)}[color]
    return [[float(k), shade] for k, shade in zip(np.linspace(0, 1, len(palette)), palette, strict=True)]
