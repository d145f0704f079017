"""Figure `manifold`: the surface of all that a model can predict, and the paths on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gnviz.analysis.ends import last_known
from gnviz.views.base import (
    FRAME,
    NOW,
    OTHER,
    Frame,
    Table,
    Tables,
    finite,
    require,
    run_index,
    run_labels,
    run_ranks,
    shown,
    single,
    standing,
    thinned,
    xyz,
)
from gnviz.views.manifold.scene import (
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

ROBUST = 98
"""Percentile of |curvature| that has the full colour: one sharp fold must not pale all else."""


@dataclass(frozen=True)
class Manifold:
    """M in R^3, whose axes are the predictions for the three samples; distances and angles are true."""

    name: str = "manifold"
    title: str = "The predictor manifold"
    caption: str = (
        "The surface M of all that the model can predict for the three samples: Gauss-Newton falls along the "
        "part of the residual that is tangent to M, until only the normal part is left, "
        "and no other choice of parameters changes its path."
    )
    needs: tuple[str, ...] = (
        "prediction",
        "y",
        "mesh",
        "mesh_loss",
        "curvature",
        "foot",
        "geodesic",
        "tangent",
    )
    backend: Literal["plotly"] = "plotly"

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

    def draw(
        self,
        ds: xr.Dataset,
        *,
        color: Color = "loss",
        run: str | None = None,
        moment: int | None = None,
        reference: xr.Dataset | None = None,
        frame: Frame = FRAME,
    ) -> dict[str, Any]:
        """Return a Plotly figure as a dict; for the options see `tables`."""
        from gnviz.views.manifold.layout import layout
        from gnviz.views.manifold.traces import traces

        tables = self.tables(ds, color=color, run=run, moment=moment, reference=reference)
        return {
            "data": traces(tables, color, mesh_shape(ds), run_ranks(shown(ds)), longest(ds)),
            "layout": layout(box(ds), eye(ds), frame, self.title),
        }

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the range of the third axis that shows the landmarks; `draw` shows M around them."""
        points = np.concatenate([tables[label]["z"] for label in (START, TARGET, FOOT, GEODESIC)])
        points = points[np.isfinite(points)].astype(float)
        return float(points.min()) - 0.5, float(points.max()) + 0.5


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


def color_range(color: Color, values: np.ndarray) -> tuple[float, float]:
    """Return the values with the first and the last colour.

    The loss's smallest counts down to a share `FLOOR` of the largest; curvature is symmetric about 0.
    """
    values = values[np.isfinite(values)].astype(float)
    if not len(values) or color == "plain":
        return 0.0, 1.0
    if color == "curvature":
        top = float(np.percentile(np.abs(values), ROBUST)) or 1.0
        return -top, top
    top = float(values.max()) or 1.0
    return max(float(values.min()), FLOOR * top), top


def _paths(ds: xr.Dataset, moment: int | None, most: int = MOST_POINTS) -> Tables:
    """Return each run's whole path, in `most` points all together, and where it stands at the moment."""
    paths, end = known(ds["prediction"].values), upto(ds, moment)
    out: Tables = {}
    lengths = last_known(np.isfinite(paths).all(axis=-1)) + 1
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
