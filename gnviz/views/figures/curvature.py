"""Figure `curvature`: how bent M is where the runs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.analysis.measures import split
from gnviz.views import endings
from gnviz.views.base import NORMAL, Scale, Tables, View, require, time_label
from gnviz.views.over_time import time_plot
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.values import finite, known, times

if TYPE_CHECKING:
    import xarray as xr

TURNED = np.pi
"""The largest angle shown: M has turned right round, and what is beyond says no more."""

SHARE: dict[str, Any] = {"dash": (5, 4), "width": 1.6}
"""How normal shares are drawn."""


class Curvature(View):
    """The bend of M over the residual's length, and the residual's normal share, along each path.

    Two angles, so that one axis holds both. The **bend** sqrt(|K|) ||u - y|| is the angle by which M
    turns over the distance that is left, K its Gaussian curvature at u_t: it falls as 1/alpha for the
    centred predictor, whose way to the target keeps its length while M is stretched. The **normal
    share** ||(I - P) e|| / ||e|| is the sine of the angle between the residual and M: at 1, nothing
    is left that the model could learn. (Derived; K alone has the unit 1/u^2 and cannot be called large.)
    """

    label = "curvature"
    title = "Bend of M along the paths"
    caption = (
        "Solid: the angle √|K|·‖u − y‖ by which the surface bends over the distance to the target, "
        "the smaller, the closer to a linear model; dashed: the share of the residual normal to it, "
        "which no parameters can remove there."
    )
    needs = ("prediction", "y", "tangent", "mesh", "curvature")

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log") -> Tables:
        """Return time and angle of each run's bend, and of its normal share.

        Args:
            ds: The Dataset of a surface experiment.
            time_scale: A "log" axis leaves out the moment 0.
        """
        require(ds, self)
        ds = shown(ds)
        time, keep = times(ds, time_scale)
        bends, shares = bend(ds), normal_share(ds)
        out: Tables = {}
        for i, label in enumerate(run_labels(ds)):
            out[label + NORMAL] = {"time": time, "angle": finite(shares[i, keep])}
            out[label] = {"time": time, "angle": finite(bends[i, keep])}
        return out | endings.tables_of(ds, out)

    def marks(self, ds: xr.Dataset, tables: Tables, **options: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        ds = shown(ds)
        looks, entries, words = run_looks(ds), entries_of(ds), time_label(ds)
        tips: tuple[Tip, ...] = (("", "$name", ""), (words, "time", "0.00e"), ("", "angle", "0.0000"))

        def mark(label: str) -> Mark:
            run = label.removesuffix(NORMAL)
            look = {"dash": looks[run].dash, "width": looks[run].path * 0.5}
            look |= SHARE if label.endswith(NORMAL) else {}
            return Mark(label, color=looks[run].color, entry=entries[run], tips=tips, **look)

        key = (Key("bend", Mark("")), Key("normal share", Mark("", **SHARE)))
        marks = (*map(mark, endings.without(tables)), *endings.marks(tables, looks, tips=tips))
        return time_plot(
            self,
            ds,
            tables,
            Axis("bend √|K|·‖u − y‖, normal share"),
            marks,
            key=key,
            entries=tuple(run_groups(ds)),
            **options,
        )

    def limits(self, tables: Tables) -> Range:
        """Return 0 to the largest angle, at least 1, at most half a turn."""
        values = np.concatenate([table["angle"] for table in tables.values()])
        top = float(np.max(values[np.isfinite(values)], initial=1.0))
        return 0.0, 1.08 * min(top, TURNED)


def bend(ds: xr.Dataset) -> np.ndarray:
    """Return sqrt(|K|) ||u - y|| at each run and moment, shape (run, time); NaN off the mesh."""
    left = np.linalg.norm(known(ds["prediction"].values) - ds["y"].values, axis=-1)
    return np.sqrt(np.abs(along(ds))) * left


def normal_share(ds: xr.Dataset) -> np.ndarray:
    """Return ||(I - P) e|| / ||e||, shape (run, time), P = T T^T with T the tangent basis."""
    residual = known(ds["prediction"].values) - ds["y"].values
    _, normal = split(ds["tangent"].values, residual)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.linalg.norm(normal, axis=-1) / np.linalg.norm(residual, axis=-1)


def along(ds: xr.Dataset) -> np.ndarray:
    """Return the Gaussian curvature of M at u_t, shape (run, time), interpolated on the mesh.

    From the mesh point nearest in R^3, to first order: K + DK d, with d the least-squares solution of
    Du d = u_t - u and derivatives along the mesh. That holds in every chart, whereas parameters say where
    they are on the mesh only in the mesh's own. NaN where the nearest mesh point is farther than its edges.
    """
    points, values = ds["mesh"].values, finite(ds["curvature"].values)
    good = np.isfinite(points).all(axis=-1) & np.isfinite(values)
    paths = known(ds["prediction"].values)
    out = np.full(paths.shape[:-1], np.nan)
    here = np.isfinite(paths).all(axis=-1)
    if not good.any() or not here.any() or min(values.shape) < 2:
        return out
    from scipy.spatial import KDTree

    distance, which = KDTree(points[good]).query(paths[here])
    around = np.stack([np.gradient(points, axis=k) for k in (0, 1)], axis=-1)[good][which]
    slope = np.stack([np.gradient(values, axis=k) for k in (0, 1)], axis=-1)[good][which]
    step = np.linalg.pinv(np.nan_to_num(around)) @ (paths[here] - points[good][which])[..., None]
    found = values[good][which] + (np.nan_to_num(slope) * np.clip(step[..., 0], -1, 1)).sum(axis=1)
    out[here] = np.where(distance <= _edges(points)[good][which], found, np.nan)
    return out


def _edges(points: np.ndarray) -> np.ndarray:
    """Return the length of the longest edge at each mesh point, shape (rows, columns)."""
    longest = np.zeros(points.shape[:2])
    for axis in (0, 1):
        length = np.nan_to_num(np.linalg.norm(np.diff(points, axis=axis), axis=-1))
        ends = [(0, 0), (0, 0)]
        for side in ((0, 1), (1, 0)):
            ends[axis] = side
            longest = np.maximum(longest, np.pad(length, ends))
    return longest
