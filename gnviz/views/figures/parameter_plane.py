"""Figure `parameter_plane`: the same paths where the parameters move, over the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import NOW, Table, Tables, View, require
from gnviz.views.figures.manifold.scene import FOOT, GEODESIC, START, distinct, upto
from gnviz.views.plot import GREY, Axis, Mark, Plot, Range, Shades, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import INK, LOSS_PALETTE, Look, blend
from gnviz.views.values import finite, known, positive, standing

if TYPE_CHECKING:
    import xarray as xr

WINDOW = "window"
"""The edge of the plane on which the loss is known."""

LOSS = "loss in the plane"
"""The loss on the grid that the contours are drawn through."""

LEVELS = 14
"""Bands of the loss at most: of more, the lines run together."""

DEEPEST = 1e-4
"""The lowest level, as a share of the loss's median: where M goes through the target, the loss falls to 0."""

STEEPEST = 0.98
"""Share of the plane below the highest level: beyond, some models run to infinity."""

LANDMARKS: dict[str, dict[str, Any]] = {
    WINDOW: {"color": GREY, "width": 1.0, "alpha": 0.6},
    GEODESIC: {"color": INK, "width": 2.0, "dash": (6, 4), "entry": GEODESIC},
    START: {"kind": "points", "size": 10.0, "color": INK, "fill": 0.0, "width": 2.0, "entry": START},
    FOOT: {"kind": "points", "marker": "star", "size": 14.0, "width": 1.0, "color": INK, "entry": FOOT},
}
"""How what belongs to no run is drawn."""


class ParameterPlane(View):
    """Contours of the loss in the chart's two parameters, with every run's path."""

    label = "parameter_plane"
    title = "Parameter plane"
    caption = (
        "The same paths in the parameters, over contours of the loss: gradient flow takes the steepest "
        "way down here, Gauss-Newton on the surface; other parameters bend this picture, not the surface."
    )
    gesture = "The start can be dragged."
    needs = (
        "weights",
        "prediction",
        "plane_loss",
        "foot_parameters",
        "geodesic_parameters",
    )

    def tables(self, ds: xr.Dataset, *, moment: int | None = None) -> Tables:
        """Return the loss in the plane, its edge, the geodesic, and each run's path, start and place.

        Args:
            ds: The Dataset of a surface experiment.
            moment: Where the runs stand now; None is the latest. The paths stay whole.

        Raises:
            ValueError: A variable is missing, or the moment is not recorded.
        """
        require(ds, self)
        end, ds = upto(ds, moment), shown(ds)
        weights = known(ds["weights"].values)
        out: Tables = {LOSS: _ground(ds), WINDOW: _edge(ds)}
        for label, path in zip(run_labels(ds), weights, strict=True):
            out[label] = _table(path)
        out[GEODESIC] = _table(finite(ds["geodesic_parameters"].values))
        for label, place in zip(run_labels(ds), standing(weights, end - 1), strict=True):
            out[label + NOW] = _table(place)
        out[START] = _table(distinct(weights[:, :1].reshape(-1, 2)))
        out[FOOT] = _table(finite(ds["foot_parameters"].values)[None])
        return out

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        ds = shown(ds)
        words, looks, entries = names(ds), run_looks(ds), entries_of(ds)
        tips: tuple[Tip, ...] = (("", "$name", ""), *((w, f"v{k}", "0.000") for k, w in enumerate(words, 1)))
        marks = (_mark(label, looks, entries, tips) for label in tables if label != LOSS)
        return Plot(
            self.title,
            Axis(words[0]),
            Axis(words[1]),
            (Mark(LOSS, "contours", width=0.7, alpha=0.45), *marks),
            _span(tables[WINDOW]["v1"]),
            self.limits(tables),
            entries=(*run_groups(ds), GEODESIC, START, FOOT),
            shades=_shades(tables[LOSS]["loss"]),
        )

    def limits(self, tables: Tables) -> Range:
        """Return the range of the second parameter on which the loss is known."""
        return _span(tables[WINDOW]["v2"])


def names(ds: xr.Dataset) -> tuple[str, str]:
    """Return the words for the parameters: v where they are not the model's own w."""
    plain = str(ds.attrs.get("chart", "plain")) == "plain"
    return ("w₁", "w₂") if plain else ("v₁", "v₂")


def _mark(label: str, looks: dict[str, Look], entries: dict[str, str], tips: tuple[Tip, ...]) -> Mark:
    """Return how a landmark, a run's path, or where it stands is drawn."""
    if label in LANDMARKS:
        return Mark(label, tips=() if label == WINDOW else tips, **LANDMARKS[label])
    run = label.removesuffix(NOW)
    own = {"color": looks[run].color, "entry": entries[run], "tips": tips}
    if label.endswith(NOW):
        return Mark(
            label, "points", rim="#ffffff", marker=looks[run].marker, size=10.0, width=1.0, moves=True, **own
        )
    return Mark(label, width=looks[run].path * 0.6, dash=looks[run].dash, **own)


def _ground(ds: xr.Dataset) -> Table:
    """Return the loss on the grid of the plane, row by row of the second parameter."""
    across, up = (ds[name].values.astype(float) for name in ("plane_1", "plane_2"))
    loss = finite(ds["plane_loss"].values).T
    return {"v1": np.tile(across, len(up)), "v2": np.repeat(up, len(across)), "loss": loss.ravel()}


def _shades(loss: np.ndarray) -> Shades:
    """Return what the colours of the bands mean, evenly spaced in log loss; one number if it is flat."""
    palette = tuple(blend(LOSS_PALETTE, LEVELS))
    found = positive(loss)
    found = found[np.isfinite(found)]
    if not len(found):
        return Shades("loss", palette, True, 1.0, 1.0)
    high = float(np.quantile(found, STEEPEST))
    low = max(float(found.min()), DEEPEST * float(np.median(found)))
    return Shades("loss", palette, True, low, high if high > low * (1 + 1e-6) else low)


def _edge(ds: xr.Dataset) -> Table:
    """Return the corners of the plane, and the first again."""
    (a, b), (c, d) = (ds[name].values[[0, -1]].astype(float) for name in ("plane_1", "plane_2"))
    return {"v1": np.array([a, b, b, a, a]), "v2": np.array([c, c, d, d, c])}


def _span(values: np.ndarray) -> Range:
    return float(values.min()), float(values.max())


def _table(points: np.ndarray) -> Table:
    """Return points, shape (count, 2), as the columns v1, v2; half known ones are not known."""
    gone = ~np.isfinite(points).all(axis=1)
    return {f"v{k + 1}": np.where(gone, np.nan, points[:, k]) for k in (0, 1)}
