"""Figure `parameter_plane`: the same paths where the parameters move, over the loss."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np
from bokeh.plotting import figure

from gnviz.views import style
from gnviz.views.base import (
    FRAME,
    NOW,
    Frame,
    Table,
    Tables,
    finite,
    known,
    require,
    run_groups,
    run_labels,
    run_ranks,
    shown,
    standing,
)
from gnviz.views.manifold.scene import FOOT, GEODESIC, START, distinct, upto
from gnviz.views.parameter_plane.contours import add_contours, fill_contours

if TYPE_CHECKING:
    import xarray as xr

WINDOW = "window"
"""The edge of the plane on which the loss is known."""

LINES = {
    WINDOW: {"color": style.GREY, "line_width": 1, "line_alpha": 0.6},
    GEODESIC: {"color": style.INK, "line_width": 2, "line_dash": [6, 4]},
}
MARKS = {
    START: {"marker": "circle", "size": 10, "color": style.INK, "fill_alpha": 0, "line_width": 2},
    FOOT: {"marker": "star", "size": 14, "color": style.INK},
}


@dataclass(frozen=True)
class ParameterPlane:
    """Contours of the loss in the chart's two parameters, with every run's path."""

    name: str = "parameter_plane"
    title: str = "Parameter plane"
    caption: str = (
        "The same paths in the parameters, over contours of the loss: gradient flow takes the steepest "
        "way down here, Gauss-Newton on the surface; other parameters bend this picture, not the surface."
    )
    needs: tuple[str, ...] = (
        "weights",
        "prediction",
        "plane_loss",
        "foot_parameters",
        "geodesic_parameters",
    )
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, moment: int | None = None) -> Tables:
        """Return the plane's edge, the geodesic, and each run's path, start and place at a moment.

        Args:
            ds: The Dataset of a surface experiment.
            moment: Where the runs stand now; None is the latest. The paths stay whole.

        Raises:
            ValueError: A variable is missing, or the moment is not recorded.
        """
        require(ds, self)
        end, ds = upto(ds, moment), shown(ds)
        weights = known(ds["weights"].values)
        out: Tables = {WINDOW: _edge(ds)}
        for label, path in zip(run_labels(ds), weights, strict=True):
            out[label] = _table(path)
        out[GEODESIC] = _table(finite(ds["geodesic_parameters"].values))
        for label, place in zip(run_labels(ds), standing(weights, end - 1), strict=True):
            out[label + NOW] = _table(place)
        out[START] = _table(distinct(weights[:, :1].reshape(-1, 2)))
        out[FOOT] = _table(finite(ds["foot_parameters"].values)[None])
        return out

    def draw(self, ds: xr.Dataset, *, moment: int | None = None, frame: Frame = FRAME) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables, words = self.tables(ds, moment=moment), names(ds)
        elements = [
            _element(label, table, style.dimensions(table, *words), run_ranks(ds))
            for label, table in tables.items()
        ]
        entries = {k: [x + end for x in v for end in ("", NOW)] for k, v in run_groups(ds).items()}
        return style.figure(
            elements,
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=_span(tables[WINDOW]["v1"]),
            ylim=self.limits(tables),
            hooks=(
                lambda plot, _: add_contours(plot.state, ds),
                style.moving(lambda label: label.endswith(NOW)),
                style.legend(entries | {label: [label] for label in (GEODESIC, START, FOOT)}),
                style.hover(
                    [("", "$name"), (words[0], "@v1{0.000}"), (words[1], "@v2{0.000}")],
                    of=lambda label: label != WINDOW,
                ),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the range of the second parameter on which the loss is known."""
        return _span(tables[WINDOW]["v2"])

    def backdrop(self, ds: xr.Dataset) -> str:
        """Return a fingerprint of the plane, without its loss: another one is drawn anew."""
        digest = hashlib.blake2b(digest_size=16)
        for name in ("plane_1", "plane_2"):
            digest.update(np.ascontiguousarray(ds[name].values, dtype=float).tobytes())
        return digest.hexdigest() + "".join(names(ds))

    def refill(self, fig: figure, ds: xr.Dataset) -> None:
        """Bring the contours in a drawing up to another loss in the same plane."""
        fill_contours(fig, ds)


def names(ds: xr.Dataset) -> tuple[str, str]:
    """Return the words for the parameters: v where they are not the model's own w."""
    plain = str(ds.attrs.get("chart", "plain")) == "plain"
    return ("w₁", "w₂") if plain else ("v₁", "v₂")


def _element(label: str, table: Table, dims: list[hv.Dimension], ranks: dict[str, int]) -> hv.Element:
    if label in LINES:
        return style.curve(label, table, dims, **LINES[label])
    if label in MARKS:
        return style.points(label, table, dims, **MARKS[label])
    rank = ranks[label.removesuffix(NOW)]
    color = style.run_color(rank)
    if label.endswith(NOW):
        look = {"line_color": "#ffffff", "marker": style.run_marker(rank), "size": 10}
        return style.points(label, table, dims, fill_color=color, **look)
    return style.curve(
        label, table, dims, color=color, line_width=style.run_width(rank, len(set(ranks.values()))) * 0.6
    )


def _edge(ds: xr.Dataset) -> Table:
    """Return the corners of the plane, and the first again."""
    (a, b), (c, d) = (ds[name].values[[0, -1]].astype(float) for name in ("plane_1", "plane_2"))
    return {"v1": np.array([a, b, b, a, a]), "v2": np.array([c, c, d, d, c])}


def _span(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _table(points: np.ndarray) -> Table:
    """Return points, shape (count, 2), as the columns v1, v2; half known ones are not known."""
    gone = ~np.isfinite(points).all(axis=1)
    return {f"v{k + 1}": np.where(gone, np.nan, points[:, k]) for k in (0, 1)}
