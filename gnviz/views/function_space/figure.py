"""Figure `function_space`: the path of the predictions, in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.analysis.ends import last_known
from gnviz.views import style
from gnviz.views.base import (
    FRAME,
    NOW,
    Frame,
    Table,
    Tables,
    at,
    finite,
    known,
    require,
    run_groups,
    run_labels,
    run_ranks,
    shown,
    standing,
    thinned,
    xyz,
)
from gnviz.views.function_space.directions import AXES, Axes, Directions, directions
from gnviz.views.function_space.space import ASIDE, BOX, DOWN, MARKS, NOTE, UP, project, room

if TYPE_CHECKING:
    import xarray as xr

START, TARGET = "start", "target"

THINNER = 0.55
"""Of a line's width in other figures: paths are bent and close."""

MARKERS = {
    TARGET: {"marker": "cross", "size": 13, "color": style.GREY, "line_width": 2.5},
    START: {"marker": "circle", "size": 10, "color": style.GREY, "fill_alpha": 0, "line_width": 2},
}

MOST_POINTS = 3000
"""Points of all paths together: three float32 coordinates each keep an update under 40 kB."""


@dataclass(frozen=True)
class FunctionSpace:
    """The path of every run in function space, seen along three directions (see `directions`).

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
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, moment: int = -1, axes: Axes = AXES[0]) -> Tables:
        """Return the box around, each run's path, the target, and the points where all started and stand now.

        Args:
            ds: A Dataset of schema 1.
            moment: Where the runs stand now; -1 is the latest. The paths stay whole.
            axes: What the directions are: kernel eigenvectors or principal components.
        """
        require(ds, self)
        seen = directions(ds, axes)
        around = room(ranges(ds, seen, axes), seen.names, seen.sentence)
        return around | _paths(shown(ds), seen.vectors, moment)

    def draw(
        self, ds: xr.Dataset, *, moment: int = -1, axes: Axes = AXES[0], frame: Frame = FRAME
    ) -> hv.Overlay:
        """Return the figure, which turns as the pointer drags; for the options see `tables`."""
        tables = self.tables(ds, moment=moment, axes=axes)
        ranks, labels = run_ranks(shown(ds)), run_labels(shown(ds))
        points = {label: table for label, table in tables.items() if label not in (MARKS, NOTE)}
        entries = {k: [x + end for x in v for end in ("", NOW)] for k, v in run_groups(shown(ds)).items()}
        return style.figure(
            [_element(label, table, ranks) for label, table in points.items()],
            frame=frame,
            title=self.title,
            xlabel="",
            ylabel="",
            xlim=ASIDE,
            ylim=self.limits(tables),
            hooks=(
                style.columns(points),
                lambda plot, _: project(plot, tables, labels),
                style.moving(lambda label: label.endswith(NOW)),
                style.legend(entries | {label: [label] for label in (START, TARGET)}),
                style.hover([("", "$name"), ("", "@x{0.000}, @y{0.000}, @z{0.000}")], of=lambda x: x != BOX),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the vertical range, which holds the box however it is turned."""
        return DOWN, UP


def _paths(ds: xr.Dataset, vectors: np.ndarray, moment: int) -> Tables:
    """Return the tables of runs that are shown, along given directions."""
    at(ds, "prediction", moment)
    whole = coordinates(ds, vectors)
    paths = _thinned(whole)
    labels = run_labels(ds)
    out: Tables = {label: xyz(path) for label, path in zip(labels, paths, strict=True)}
    out[TARGET] = xyz(np.zeros((1, 3)))
    out[START] = xyz(paths[:, 0] if paths.shape[1] else paths[:, :0].reshape(-1, 3))
    return out | {
        label + NOW: xyz(place) for label, place in zip(labels, standing(whole, moment), strict=True)
    }


def _thinned(whole: np.ndarray) -> np.ndarray:
    """Return some points of each path, shape (run, fewer times, 3), and the last that is known of it."""
    times = thinned(whole.shape[1], max(MOST_POINTS // len(whole), 2))
    paths = whole[:, times]
    last = last_known(np.isfinite(whole).all(axis=-1))
    place = np.searchsorted(times, last)
    ended = (last >= 0) & (place < len(times))
    paths[ended, place[ended]] = whole[ended, last[ended]]
    return paths


def coordinates(ds: xr.Dataset, vectors: np.ndarray) -> np.ndarray:
    """Return V^T (u - y) for each run and moment, shape (run, time, 3); NaN where it is not finite."""
    residual = finite(ds["prediction"].values) - ds["y"].values
    with np.errstate(invalid="ignore", over="ignore"):
        return known(residual @ vectors)


def ranges(ds: xr.Dataset, seen: Directions, axes: Axes) -> tuple[tuple[float, float], ...]:
    """Return a range per axis: along fixed directions from where the runs start, so that it never moves.

    Principal components turn as moments arrive, and may be where no run starts: they show all of the paths.
    """
    fixed = axes == AXES[0]
    whole = coordinates(ds[["prediction", "y"]].isel(time=slice(0, 1)) if fixed else ds, seen.vectors)
    points = whole.reshape(-1, 3) if fixed else whole[seen.counted]
    sizes = np.abs(points[np.isfinite(points).all(axis=1)]).max(axis=0, initial=0.0)
    least = 0.05 * (sizes.max() or 1.0)
    return tuple(_range(points[:, k], least) for k in range(3))


def _range(start: np.ndarray, least: float) -> tuple[float, float]:
    """Return a range with the origin and all of `start` well inside, no narrower than 2 `least`."""
    values = np.append(start[np.isfinite(start)], 0.0)
    low, high = float(values.min()), float(values.max())
    margin = max(0.25 * (high - low), least)
    return low - margin, high + margin


def _element(label: str, table: Table, ranks: dict[str, int]) -> hv.Element:
    """Return one table's glyph, flat as yet: `project` sees it in three dimensions."""
    dims = style.dimensions(dict.fromkeys("xyz"), *"xyz")
    if label == BOX:
        return style.curve(label, table, dims, color=style.GREY, line_width=1, line_alpha=0.3)
    if label in MARKERS:
        return style.points(label, table, dims, **MARKERS[label])
    rank = ranks[label.removesuffix(NOW)]
    color = style.run_color(rank)
    if label.endswith(NOW):
        return style.points(label, table, dims, color=color, marker=style.run_marker(rank), size=9)
    width = THINNER * style.run_width(rank, len(set(ranks.values())))
    return style.curve(label, table, dims, color=color, line_width=width)
