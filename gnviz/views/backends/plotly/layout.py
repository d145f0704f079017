"""How a scene by Plotly looks: its layout, and markers that a page's theme leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnviz.views.plot import GREY, Scene

LINES = "rgba(128, 135, 145, 0.35)"

CLEAR = "rgba(0, 0, 0, 0)"

DISTANCE = 1.65
"""Of the eye, in lengths of the longest axis."""


def marked(marker: dict[str, Any]) -> dict[str, Any]:
    """Return the marker, and a note of it that survives a page's theme (see `lab.figures.live_surface`)."""
    marker = marker | {"opacity": 1, "line": {"width": 0}}
    if marker.get("symbol") == "circle-open":
        marker["line"] = {"width": 2, "color": marker["color"]}
    return {"marker": marker, "meta": {"marker": marker}}


def layout(scene: Scene, title: str = "", width: int | None = None, height: int = 300) -> dict[str, Any]:
    """Return the layout: fixed ranges, a camera that updates leave alone, colours for light and dark.

    All axes have one scale, so that right angles are right.

    Args:
        scene: What is seen.
        title: Above the figure; empty for none.
        width: In pixels; None: as wide as there is room.
        height: In pixels, where the width is given.
    """
    axes = {
        f"{name}axis": {
            "title": {"text": scene.names[k], "font": {"size": 13}}, "range": list(scene.spans[k]),
            "color": GREY, "gridcolor": LINES, "zerolinecolor": GREY, "zerolinewidth": 2, "nticks": 5,
            "showbackground": False, "showspikes": False, "tickfont": {"size": 11},
        }
        for k, name in enumerate("xyz")
    }  # fmt: skip
    sizes = np.array([high - low for low, high in scene.spans])
    room = {
        **axes,
        "aspectmode": "manual",
        "aspectratio": dict(zip("xyz", (sizes / sizes.max()).tolist(), strict=True)),
        "camera": {"eye": dict(zip("xyz", (DISTANCE * np.array(scene.eye)).tolist(), strict=True))},
        "dragmode": "turntable",
    }
    size = {"autosize": True} if width is None else {"width": width, "height": height}
    clear = {"l": 0, "r": 0, "t": 32 if title else 0, "b": 0}
    legend = {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "bgcolor": CLEAR}
    return {
        "scene": room,
        "uirevision": "const",
        "template": {},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": GREY, "size": 13},
        "margin": clear,
        "legend": legend,
        "meta": {"margin": clear, "legend": legend},
        **({"title": {"text": title}} if title else {}),
        **size,
    }
