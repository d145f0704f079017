"""How three-dimensional figures by Plotly look: common parts of their layout and markers."""

from __future__ import annotations

from typing import Any

from gnviz.views.base import Frame
from gnviz.views.style import GREY

LINES = "rgba(128, 135, 145, 0.35)"

CLEAR = "rgba(0, 0, 0, 0)"


def marked(marker: dict[str, Any]) -> dict[str, Any]:
    """Return the marker, and a note of it that survives a page's theme (see `gnviz.lab.live_surface`)."""
    marker = marker | {"opacity": 1, "line": {"width": 0}}
    if marker.get("symbol") == "circle-open":
        marker["line"] = {"width": 2, "color": marker["color"]}
    return {"marker": marker, "meta": {"marker": marker}}


def layout(
    spans: list[tuple[float, float]],
    frame: Frame,
    title: str,
    names: tuple[str, ...] = ("mode 1", "mode 2", "mode 3"),
) -> dict[str, Any]:
    """Return the layout: fixed ranges, a camera that updates leave alone, colours for light and dark.

    Args:
        spans: Range of each axis.
        frame: How the figure is placed.
        title: Shown if the frame says so.
        names: Words on the axes.
    """
    axes = {
        f"{name}axis": {
            "title": {"text": names[k], "font": {"size": 13}}, "range": list(spans[k]),
            "color": GREY, "gridcolor": LINES, "zerolinecolor": GREY, "zerolinewidth": 2, "nticks": 5,
            "showbackground": False, "showspikes": False, "tickfont": {"size": 11},
        }
        for k, name in enumerate("xyz")
    }  # fmt: skip
    eye = {"eye": {"x": 1.6, "y": 1.6, "z": 0.85}, "center": {"x": 0, "y": 0, "z": -0.2}}
    size = {"autosize": True} if frame.width is None else {"width": frame.width, "height": frame.height}
    clear = {"l": 0, "r": 0, "t": 32 if frame.title else 0, "b": 0}
    legend = {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "bgcolor": CLEAR}
    return {
        "scene": {**axes, "aspectmode": "cube", "camera": eye, "dragmode": "turntable"},
        "uirevision": "const",
        "template": {},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": GREY, "size": 13},
        "margin": clear,
        "legend": legend,
        "meta": {"margin": clear, "legend": legend},
        **({"title": {"text": title}} if frame.title else {}),
        **size,
    }
