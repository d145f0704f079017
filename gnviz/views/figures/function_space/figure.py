"""Figure `function_space`: the path of the predictions, in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.analysis.ends import last_known
from gnviz.views.base import NOW, Tables, View, require
from gnviz.views.figures.function_space.directions import AXES, Axes, Directions, directions
from gnviz.views.plot import GREY, Axis, Mark, Plot, Range, Tip
from gnviz.views.room import ASIDE, BOX, DOWN, MARKS, NOTE, UP, room
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import Look
from gnviz.views.values import at, finite, known, standing, thinned, xyz

if TYPE_CHECKING:
    import xarray as xr

START, TARGET = "start", "target"

THINNER = 0.55
"""Of a line's width in other figures: paths are bent and close."""

LANDMARKS: dict[str, dict[str, Any]] = {
    TARGET: {"marker": "cross", "size": 13.0, "width": 2.5},
    START: {"marker": "circle", "size": 10.0, "fill": 0.0, "width": 2.0},
}

TIPS: tuple[Tip, ...] = (("", "$name", ""), *((f"{name}", name, "0.000") for name in "xyz"))

MOST_POINTS = 3000
"""Points of all paths together: three float32 coordinates each keep an update under 40 kB."""


class FunctionSpace(View):
    """The path of every run in function space, seen along three directions (see `directions`).

    The coordinates are V^T (u_t - y), so that the target is the origin. With fewer than three
    directions the missing coordinates are 0.
    """

    label = "function_space"
    title = "Path in function space"
    caption = (
        "Each method's predictions as one moving point, along the kernel's three strongest modes or the "
        "directions that all paths extend in most: a straight way to the target learns all modes at once, "
        "a bent one learns them one after the other."
    )
    needs = ("prediction", "y", "basis")

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

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure, which turns as the pointer drags; for the options see `View`."""
        ds = shown(ds)
        looks, entries = run_looks(ds), entries_of(ds)
        return Plot(
            self.title,
            Axis(""),
            Axis(""),
            tuple(_mark(label, looks, entries) for label in tables),
            ASIDE,
            self.limits(tables),
            entries=(*run_groups(ds), START, TARGET),
            camera=True,
        )

    def limits(self, tables: Tables) -> Range:
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
    last = last_known(np.all(np.isfinite(whole), axis=-1))
    place = np.searchsorted(times, last)
    ended = (last >= 0) & (place < len(times))
    paths[ended, place[ended]] = whole[ended, last[ended]]
    return paths


def coordinates(ds: xr.Dataset, vectors: np.ndarray) -> np.ndarray:
    """Return V^T (u - y) for each run and moment, shape (run, time, 3); NaN where it is not finite."""
    residual = finite(ds["prediction"].values) - ds["y"].values
    with np.errstate(invalid="ignore", over="ignore"):
        return known(residual @ vectors)


def ranges(ds: xr.Dataset, seen: Directions, axes: Axes) -> tuple[Range, ...]:
    """Return a range per axis: along fixed directions from where the runs start, so that it never moves.

    Principal components turn as moments arrive, and may be where no run starts: they show all of the paths.

    Args:
        ds: The results.
        seen: The three directions that are drawn.
        axes: Which kind they are of.
    """
    fixed = axes == AXES[0]
    whole = coordinates(ds[["prediction", "y"]].isel(time=slice(0, 1)) if fixed else ds, seen.vectors)
    points = whole.reshape(-1, 3) if fixed else whole[seen.counted]
    sizes = np.abs(points[np.isfinite(points).all(axis=1)]).max(axis=0, initial=0.0)
    least = 0.05 * (sizes.max() or 1.0)
    return tuple(_range(points[:, k], least) for k in range(3))


def _range(start: np.ndarray, least: float) -> Range:
    """Return a range with the origin and all of `start` well inside, no narrower than 2 `least`."""
    values = np.append(start[np.isfinite(start)], 0.0)
    low, high = float(values.min()), float(values.max())
    margin = max(0.25 * (high - low), least)
    return low - margin, high + margin


def _mark(label: str, looks: dict[str, Look], entries: dict[str, str]) -> Mark:
    """Return how a table is drawn: words, the box, a landmark, a run's path, or where it stands."""
    if label in (MARKS, NOTE):
        return Mark(label, "text", color=GREY)
    if label == BOX:
        return Mark(label, width=1.0, alpha=0.3)
    if label in LANDMARKS:
        return Mark(label, "points", color=GREY, entry=label, tips=TIPS, **LANDMARKS[label])
    run = label.removesuffix(NOW)
    look = {"color": looks[run].color, "entry": entries[run], "tips": TIPS}
    if label.endswith(NOW):
        return Mark(label, "points", marker=looks[run].marker, size=9.0, width=1.0, moves=True, **look)
    return Mark(label, width=THINNER * looks[run].path, dash=looks[run].dash, shadow=True, **look)
