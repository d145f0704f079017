"""Figure `manifold`: the surface of all that a model can predict, and the paths on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gnviz.analysis.ends import last_known
from gnviz.views.base import NOW, OTHER, Table, Tables, View, require
from gnviz.views.figures.manifold.scene import (
    FOOT,
    GEODESIC,
    START,
    TARGET,
    Split,
    box,
    eye,
    known,
    longest,
    split,
    starts,
    unit,
    upto,
)
from gnviz.views.plot import Axis, Mark, Plot, Scene, Shades
from gnviz.views.runs import entries_of, run_groups, run_index, run_labels, run_looks, shown
from gnviz.views.style import CURVATURE_PALETTE, INK, LOSS_PALETTE, PLAIN, Look, darker
from gnviz.views.values import finite, single, standing, thinned, xyz

if TYPE_CHECKING:
    import xarray as xr

SURFACE, PLANE, CORNER = "M", "tangent plane", "right angle"
RESIDUAL, TANGENT, NORMAL = "residual y − u", "tangent part", "normal part"

Color = Literal["loss", "curvature", "plain"]
COLORS: tuple[Color, ...] = ("loss", "curvature", "plain")

MOST_MESH = 41
"""Points of M along each parameter: with a colour each and the corners of their triangles, 46 kB."""

MOST_POINTS = 300
"""Points of all paths together, and of a reference's half as many: drawn twice, 11 kB."""

PLANE_SIZE, CORNER_SIZE = 0.11, 0.025
"""Half the side of the tangent plane, and the side of the right angle's mark, as shares of the figure."""

FLOOR = 1e-4
"""Losses below this share of the largest have one colour: on a logarithmic scale 0 has none."""

LOG_FROM = 30.0
"""A loss that varies by more than this factor is coloured on a logarithmic scale."""

NAMES = ("u₁", "u₂", "u₃")
"""Words on the axes: the predictions for the three samples."""

ON_TOP = 8.0
"""Layer of the points on M, above all lines."""

LANDMARKS: dict[str, dict[str, Any]] = {
    SURFACE: {"kind": "surface"},
    PLANE: {"kind": "sheet", "alpha": 0.3, "width": 2.0},
    GEODESIC: {"color": INK, "width": 3.5, "dash": (6, 4), "entry": GEODESIC},
    RESIDUAL: {"width": 3.0, "dash": (1, 3)},
    TANGENT: {"kind": "arrow", "color": "#d6569b", "width": 8.0, "entry": TANGENT},
    NORMAL: {"kind": "arrow", "color": "#6f9a2a", "width": 8.0, "entry": NORMAL},
    CORNER: {"width": 3.0},
    START: {"kind": "points", "fill": 0.0, "size": 8.0, "color": INK, "entry": START, "layer": ON_TOP},
    TARGET: {"kind": "points", "marker": "cross", "size": 7.0, "entry": TARGET},
    FOOT: {
        "kind": "points", "marker": "diamond", "size": 6.0, "color": INK, "entry": FOOT, "layer": ON_TOP,
    },
}  # fmt: skip
"""How what belongs to no run is drawn; what the legend does not name, the pointer over it does."""

ROBUST = 98
"""Percentile of |curvature| that has the full colour: one sharp fold must not pale all else."""


class Manifold(View):
    """M in R^3, whose axes are the predictions for the three samples; distances and angles are true."""

    label = "manifold"
    title = "The predictor manifold"
    caption = (
        "The surface M of all that the model can predict for the three samples: Gauss-Newton falls along the "
        "part of the residual that is tangent to M, until only the normal part is left, "
        "and no other choice of parameters changes its path."
    )
    gesture = "The target and the start can be dragged."
    needs = (
        "prediction",
        "y",
        "mesh",
        "mesh_loss",
        "curvature",
        "foot",
        "geodesic",
        "tangent",
    )
    solid = True
    page = "manifold"

    def tables(
        self,
        ds: xr.Dataset,
        *,
        color: Color = "loss",
        run: str | None = None,
        moment: int | None = None,
        reference: xr.Dataset | None = None,
    ) -> Tables:
        """Return M's mesh, row by row, the paths, the landmarks and one run's split residual.

        Args:
            ds: The Dataset of a surface experiment.
            color: What M's colour means: column `color` is the loss, the Gaussian curvature, or 0.
            run: Whose residual is split at the current moment; None is the first.
            moment: Where the runs stand now; None is the latest. The paths stay whole.
            reference: The same experiment in another chart, whose paths are drawn beside.

        Raises:
            ValueError: A variable is missing, or an option names nothing in `ds`.
        """
        require(ds, self)
        if color not in COLORS:
            raise ValueError(f"color is {color!r}; it may be {', '.join(COLORS)}")
        now = split(ds, run_index(ds, run), moment)
        ds = shown(ds)
        out: Tables = {SURFACE: _mesh(ds, color), GEODESIC: xyz(ds["geodesic"].values)}
        out |= _paths(ds, moment) | _split(now, ds)
        out |= {START: xyz(starts(ds)), TARGET: xyz(ds["y"].values[None]), FOOT: _foot(ds)}
        if reference is not None:
            require(reference, self)
            out |= _others(ds, reference)
        return out

    def marks(self, ds: xr.Dataset, tables: Tables, *, color: Color = "loss", **_: Any) -> Plot:
        """Return the figure's scene and marks; for the options see `tables`.

        Args:
            ds: The results.
            tables: What `tables` returned of them.
            color: By what the surface is coloured.
        """
        looks, entries = run_looks(shown(ds)), entries_of(shown(ds))
        first, second, third = box(ds)
        x, y, z = eye(ds).tolist()
        others = (label for label in tables if label.endswith(OTHER))
        return Plot(
            self.title,
            Axis(NAMES[0]),
            Axis(NAMES[1]),
            tuple(_mark(label, looks, entries) for label in tables),
            first,
            second,
            entries=(*run_groups(shown(ds)), *others, *(x for x in LANDMARKS if "entry" in LANDMARKS[x])),
            shades=_shades(color, tables[SURFACE]["color"]),
            scene=Scene(NAMES, (first, second, third), (x, y, z), mesh_shape(ds)),
        )


def _mark(label: str, looks: dict[str, Look], entries: dict[str, str]) -> Mark:
    """Return how a landmark, a run's path, its path in another chart, or where it stands is drawn."""
    count = len({look.rank for look in looks.values()})
    if label in LANDMARKS:
        return Mark(label, **{"layer": count + 1.0} if label == GEODESIC else {}, **LANDMARKS[label])
    if label.endswith(OTHER):
        look = looks[label.removesuffix(OTHER)]
        return Mark(label, color=darker(look.color), width=3.0, dash=(6, 4), entry=label, layer=count)
    run = label.removesuffix(NOW)
    look = looks[run]
    if label.endswith(NOW):
        return Mark(label, "points", color=look.color, size=7.0, entry=entries[run], moves=True, layer=ON_TOP)
    return Mark(label, color=look.color, width=look.path, entry=entries[run], layer=look.layer)


def mesh_picked(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of M's mesh that are drawn."""
    return thinned(ds.sizes["mesh_1"], MOST_MESH), thinned(ds.sizes["mesh_2"], MOST_MESH)


def mesh_shape(ds: xr.Dataset) -> tuple[int, int]:
    """Return how many rows and columns of M's mesh are drawn."""
    rows, columns = mesh_picked(ds)
    return len(rows), len(columns)


def _mesh(ds: xr.Dataset, color: Color) -> Table:
    """Return the mesh of M, row by row, with what its colour means."""
    which = np.ix_(*mesh_picked(ds))
    out = xyz(ds["mesh"].values[which].reshape(-1, 3))
    values = {
        "loss": lambda: finite(ds["mesh_loss"].values[which]),
        "curvature": lambda: finite(ds["curvature"].values[which]),
        "plain": lambda: np.zeros(mesh_shape(ds)),
    }[color]()
    return out | {"color": single(values.ravel())}


def _shades(color: Color, values: np.ndarray) -> Shades:
    """Return what M's colours mean.

    The loss's smallest counts down to a share `FLOOR` of the largest; curvature is symmetric about 0.
    """
    values = values[np.isfinite(values)].astype(float)
    if color == "plain":
        return Shades("", (PLAIN, PLAIN))
    if color == "curvature":
        top = float(np.percentile(np.abs(values), ROBUST)) if len(values) else 1.0
        return Shades("K", CURVATURE_PALETTE, False, -(top or 1.0), top or 1.0)
    top = float(values.max(initial=0.0)) or 1.0
    low = max(float(values.min(initial=np.inf)), FLOOR * top) if len(values) else 0.0
    return Shades("loss", LOSS_PALETTE, top > LOG_FROM * low > 0, low, top)


def _paths(ds: xr.Dataset, moment: int | None, most: int = MOST_POINTS) -> Tables:
    """Return each run's whole path, in `most` points all together, and where it stands at the moment."""
    paths, end = known(ds["prediction"].values), upto(ds, moment)
    out: Tables = {}
    lengths = last_known(np.all(np.isfinite(paths), axis=-1)) + 1
    rows = zip(run_labels(ds), paths, lengths, standing(paths, end - 1), strict=True)
    for label, path, length, place in rows:
        whole = path[:length]
        out[label] = xyz(whole[_evenly(whole, max(most // len(paths), 2))])
        out[label + NOW] = xyz(place)
    return out


def _others(ds: xr.Dataset, reference: xr.Dataset) -> Tables:
    """Return the whole paths of a reference, whose runs have their colours from `ds`."""
    reference = shown(reference)
    strange = sorted({*run_labels(reference)} - {*run_labels(ds)})
    if strange:
        raise ValueError(f"the reference has other runs: {', '.join(strange)}")
    paths = _paths(reference, None, MOST_POINTS // 2)
    return {label + OTHER: paths[label] for label in run_labels(reference)}


def _evenly(path: np.ndarray, most: int) -> np.ndarray:
    """Return the positions of at most `most` points of a path, with both ends: evenly along its length.

    Not in time, in which a path is fast at first: its bends would become corners.
    """
    if len(path) <= most:
        return np.arange(len(path))
    length = np.cumsum(np.nan_to_num(np.linalg.norm(np.diff(path, axis=0), axis=1)))
    where = 1 + np.searchsorted(length, np.linspace(0, length[-1], most - 1)[:-1])
    return np.unique([0, *where, len(path) - 1])


def _split(now: Split | None, ds: xr.Dataset) -> Tables:
    """Return the residual, its two parts and the tangent plane at the current point; empty if unknown."""
    empty = xyz(np.empty((0, 3)))
    if now is None:
        return dict.fromkeys((PLANE, RESIDUAL, TANGENT, NORMAL, CORNER), empty)
    size = longest(ds)
    u, across = now.point, PLANE_SIZE * size * now.along.T
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1], [1, 1]])
    a, b = (CORNER_SIZE * size * unit(part) for part in (now.tangent, now.normal))
    return {
        PLANE: xyz(u + signs @ across),
        RESIDUAL: xyz(np.stack([u, u + now.tangent + now.normal])),
        TANGENT: xyz(np.stack([u, u + now.tangent])),
        NORMAL: xyz(np.stack([u, u + now.normal])),
        CORNER: xyz(np.stack([u + a, u + a + b, u + b])) if a.any() and b.any() else empty,
    }


def _foot(ds: xr.Dataset) -> Table:
    foot = finite(ds["foot"].values)
    return xyz(foot[None] if np.isfinite(foot).all() else np.empty((0, 3)))
