"""Figure `function_space`: the path of the predictions, in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gnviz.views.base import (
    FRAME,
    MOST_NAMED,
    NOW,
    Frame,
    Tables,
    at,
    finite,
    require,
    run_labels,
    run_ranks,
    shown,
    thinned,
)
from gnviz.views.directions import AXES, Axes, Directions, directions

if TYPE_CHECKING:
    import xarray as xr

START, TARGET = "start", "target"

MOST_POINTS = 3000
"""Points of all paths together: three float32 coordinates each keep an update under 40 kB."""

HUGE = 1e30
"""Coordinates beyond this have left the figure for good, and single precision soon."""

GREY, LINES = "#808791", "rgba(128, 135, 145, 0.35)"

CLEAR = "rgba(0, 0, 0, 0)"


@dataclass(frozen=True)
class FunctionSpace:
    """The path of every run in function space, seen along three directions (see `gnviz.views.directions`).

    The coordinates are V^T (u_t - y), so that the target is the origin. With fewer than three
    directions the missing coordinates are 0.
    """

    name: str = "function_space"
    title: str = "Path in function space"
    caption: str = (
        "Each method's predictions as one moving point, along the kernel's three strongest modes or the "
        "directions that all paths extend in most: a straight way to the target learns all modes at once, "
        "a bent one learns them one after the other."
    )
    needs: tuple[str, ...] = ("prediction", "y", "basis")
    backend: Literal["plotly"] = "plotly"

    def tables(self, ds: xr.Dataset, *, moment: int = -1, axes: Axes = AXES[0]) -> Tables:
        """Return each run's path, the points where all stand now and started, and the target.

        Args:
            ds: A Dataset of schema 1.
            moment: Where the runs stand now; -1 is the latest. The paths stay whole.
            axes: What the directions are: kernel eigenvectors or principal components.
        """
        require(ds, self)
        return _tables(shown(ds), directions(ds, axes).vectors, moment)

    def draw(
        self, ds: xr.Dataset, *, moment: int = -1, axes: Axes = AXES[0], frame: Frame = FRAME
    ) -> dict[str, Any]:
        """Return a Plotly figure as a dict of traces and layout; for the options see `tables`.

        It is not a HoloViews object, because `hv.Layout` cannot mix backends. In a notebook:
        `pn.pane.Plotly(view.draw(ds))` or `plotly.graph_objects.Figure(view.draw(ds))`.
        """
        require(ds, self)
        seen = directions(ds, axes)
        spans = ranges(ds, seen, axes)
        ds = shown(ds)
        tables, ranks = _tables(ds, seen.vectors, moment), run_ranks(ds)
        traces = [_trace(label, table, ranks) for label, table in tables.items()]
        for trace, (label, _) in zip(traces, tables.items(), strict=True):
            if label in ranks and len(ranks) > MOST_NAMED:
                trace["showlegend"] = False
        return {"data": traces, "layout": layout(spans, frame, self.title, seen.names) | noted(seen.sentence)}

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the vertical range as the paths start."""
        return _range(tables[START]["z"].astype(float), 1.0)


def _tables(ds: xr.Dataset, vectors: np.ndarray, moment: int) -> Tables:
    """Return the tables of runs that are shown, along given directions."""
    at(ds, "prediction", moment)
    whole = coordinates(ds, vectors)
    end = moment % whole.shape[1] + 1 if whole.shape[1] else 0
    paths = whole[:, thinned(whole.shape[1], max(MOST_POINTS // len(whole), 2))]
    out: Tables = {
        TARGET: table(np.zeros((1, 3))),
        START: table(paths[:, 0] if paths.shape[1] else paths[:, :0].reshape(-1, 3)),
    }
    for label, path, points in zip(run_labels(ds), paths, whole[:, :end], strict=True):
        out[label] = table(path)
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        out[label + NOW] = table(points[known[-1:]])
    return out


def coordinates(ds: xr.Dataset, vectors: np.ndarray) -> np.ndarray:
    """Return V^T (u - y) for each run and moment, shape (run, time, 3); NaN where it is not finite."""
    residual = finite(ds["prediction"].values) - ds["y"].values
    with np.errstate(invalid="ignore", over="ignore"):
        projected = residual @ vectors
        return np.where(np.abs(projected) < HUGE, projected, np.nan)


def ranges(ds: xr.Dataset, seen: Directions, axes: Axes) -> list[tuple[float, float]]:
    """Return a range per axis: along fixed directions from where the runs start, so that it never moves.

    Principal components turn as moments arrive, and may be where no run starts: they show all of the paths.
    """
    fixed = axes == AXES[0]
    whole = coordinates(ds.isel(time=slice(0, 1)) if fixed else ds, seen.vectors)
    points = whole.reshape(-1, 3) if fixed else whole[seen.counted]
    sizes = np.abs(points[np.isfinite(points).all(axis=1)]).max(axis=0, initial=0.0)
    least = 0.05 * (sizes.max() or 1.0)
    return [_range(points[:, k], least) for k in range(3)]


def _range(start: np.ndarray, least: float) -> tuple[float, float]:
    """Return a range with the origin and all of `start` well inside, no narrower than 2 `least`."""
    values = np.append(start[np.isfinite(start)], 0.0)
    low, high = float(values.min()), float(values.max())
    margin = max(0.25 * (high - low), least)
    return low - margin, high + margin


def table(points: np.ndarray) -> dict[str, np.ndarray]:
    """Return points, shape (count, 3), as the columns x, y, z in single precision."""
    return {name: points[:, k].astype(np.float32) for k, name in enumerate("xyz")}


def _trace(label: str, table: dict[str, np.ndarray], ranks: dict[str, int]) -> dict[str, Any]:
    """Return the Plotly trace of one table."""
    from gnviz.views.style import legend_text, run_color, run_width

    trace = {"type": "scatter3d", "name": label, **table}
    if label in (TARGET, START):
        marker = {"symbol": "cross" if label == TARGET else "circle-open", "size": 6, "color": GREY}
        return trace | marked(marker) | {"mode": "markers", "hovertemplate": f"{label}<extra></extra>"}
    run = label.removesuffix(NOW)
    color = run_color(ranks[run])
    trace |= {"legendgroup": run, "name": legend_text(run)}
    if label == run:
        trace |= {
            "mode": "lines",
            "line": {"color": color, "width": run_width(ranks[run], len(set(ranks.values())))},
        }
    else:
        trace |= marked({"color": color, "size": 7}) | {"mode": "markers", "showlegend": False}
    return trace | {
        "hovertemplate": f"{legend_text(run)}<br>(%{{x:.3g}}, %{{y:.3g}}, %{{z:.3g}})<extra></extra>"
    }


def marked(marker: dict[str, Any]) -> dict[str, Any]:
    """Return the marker, and a note of it that survives a page's theme (see `gnviz.lab.live_path`)."""
    marker = marker | {"opacity": 1, "line": {"width": 0}}
    if marker.get("symbol") == "circle-open":
        marker["line"] = {"width": 2, "color": marker["color"]}
    return {"marker": marker, "meta": {"marker": marker}}


def noted(text: str) -> dict[str, Any]:
    """Return a layout's note in the lower left corner: what the axes hold."""
    place = {"x": 0, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {
        "annotations": [{"text": text, "showarrow": False, "font": {"size": 11}, **place}] if text else []
    }


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
