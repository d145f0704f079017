"""Figure `fit`: what has been learned so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.views import style
from gnviz.views.base import (
    FRAME,
    Frame,
    Tables,
    at,
    finite,
    linear_limits,
    require,
    run_groups,
    run_labels,
    run_ranks,
    shown,
    with_mode,
)

if TYPE_CHECKING:
    import xarray as xr

DATA, TRUTH, DIAGONAL = "data", "target function", "exact fit"

SHAPE = "shape of the mode"
"""Label of the picked mode's eigenvector of K_0 over the samples, as high as the targets."""


@dataclass(frozen=True)
class Fit:
    """The fitted curve of every run; for data without a curve, predictions against targets."""

    name: str = "fit"
    title: str = "The fit"
    caption: str = (
        "Each method's prediction now, beside the data; where the inputs do not lie on a line or circle, "
        "predictions are set against targets, and points on the diagonal are fitted exactly."
    )
    needs: tuple[str, ...] = ("prediction", "curve", "y", "truth", "basis")
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, moment: int = -1, mode: int | None = None) -> Tables:
        """Return the data, the noise-free target if known, and each run's curve or predictions.

        Args:
            ds: A Dataset of schema 1.
            moment: Which recorded moment; -1 is the last.
            mode: Mode, from 1, whose eigenvector is drawn over the samples; None: none (NaN).
        """
        require(ds, self)
        ds = shown(ds)
        tables = _along(ds, moment) if has_curve(ds) else _against(ds, moment)
        across, up = list(next(table for label, table in tables.items() if label != DIAGONAL))
        where = ds["coordinate"].values if has_curve(ds) else finite(ds["y"].values)
        order = np.argsort(where, kind="stable")
        return {SHAPE: {across: where[order], up: mode_shape(ds, mode)[order]}, **tables}

    def draw(
        self, ds: xr.Dataset, *, moment: int = -1, mode: int | None = None, frame: Frame = FRAME
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables = self.tables(ds, moment=moment, mode=mode)
        words = _words(ds)
        labels = run_labels(ds)
        order = [*(k for k in tables if k not in (*labels, DATA)), *labels, *(k for k in tables if k == DATA)]
        elements = [
            _element(
                label, tables[label], style.dimensions(tables[label], *words), run_ranks(ds), has_curve(ds)
            )
            for label in order
        ]
        columns = list(tables[labels[0]])
        key = {label: style.REFERENCE for label in (TRUTH, DIAGONAL) if label in tables}
        limits = self.limits(tables)
        return style.figure(
            elements,
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=_span(tables) if has_curve(ds) else limits,
            ylim=limits,
            hooks=(
                style.moving(lambda label: label not in (TRUTH, DIAGONAL)),  # samples stay over the curves
                style.legend({DATA: [DATA]} | run_groups(ds), key),
                style.hover(
                    [("", "$name"), *((w, f"@{c}{{0.0000}}") for w, c in zip(words, columns, strict=True))]
                ),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the range of the targets, with room: it is known from the start and stays."""
        shown = [tables[label] for label in (DATA, TRUTH, DIAGONAL) if label in tables]
        return linear_limits([list(table.values())[1] for table in shown])


def mode_shape(ds: xr.Dataset, mode: int | None) -> np.ndarray:
    """Return the eigenvector of K_0 of a mode (from 1), scaled to the targets, shape (n,); NaN for None."""
    y, basis = finite(ds["y"].values), ds["basis"].values
    if mode is None:
        return np.full(len(y), np.nan)
    vector = basis[:, with_mode(np.empty(0, int), ds, mode)[0]]
    height = np.abs(vector).max()
    return vector * (np.nanmax(np.abs(y), initial=0.0) or 1.0) / (height or 1.0)


def has_curve(ds: xr.Dataset) -> bool:
    """Return whether the data lie on a line or a circle, along which a curve is recorded."""
    return ds.sizes.get("grid", 0) > 0 and "coordinate" in ds.variables


def _along(ds: xr.Dataset, moment: int) -> Tables:
    """Return the tables for data on a line or a circle."""
    grid = ds["grid"].values
    out: Tables = {DATA: {"coordinate": ds["coordinate"].values, "value": finite(ds["y"].values)}}
    truth = finite(ds["truth"].values)
    if np.isfinite(truth).any():
        out[TRUTH] = {"coordinate": grid, "value": truth}
    for label, row in zip(run_labels(ds), at(ds, "curve", moment), strict=True):
        out[label] = {"coordinate": grid, "value": finite(row)}
    return out


def _against(ds: xr.Dataset, moment: int) -> Tables:
    """Return the tables of predictions against targets."""
    y = finite(ds["y"].values)
    ends = np.array(linear_limits([y], room=0.1))
    out: Tables = {DIAGONAL: {"target": ends, "prediction": ends}}
    for label, row in zip(run_labels(ds), at(ds, "prediction", moment), strict=True):
        out[label] = {"target": y, "prediction": finite(row)}
    return out


def _words(ds: xr.Dataset) -> tuple[str, str]:
    """Return the axes' labels."""
    target = str(ds.attrs.get("target") or "y")
    if not has_curve(ds):
        return f"target y ({target})" if target != "y" else "target y", "prediction u"
    names = [str(name) for name in ds["feature"].values]
    return (f"input {names[0]}" if len(names) == 1 else "angle θ (radians)"), "target y and prediction u"


def _span(tables: Tables) -> tuple[float, float]:
    """Return the horizontal range of all curves, with a little room."""
    return linear_limits([table["coordinate"] for table in tables.values()], room=0.02)


def _element(
    label: str, table: dict[str, np.ndarray], dims: list[hv.Dimension], ranks: dict[str, int], curve: bool
) -> hv.Element:
    """Return the glyph of one table."""
    if label == DATA:
        return style.points(
            label,
            table,
            dims,
            size=9,
            color=style.GREY,
            fill_alpha=0.35,
            line_color=style.GREY,
            line_width=1.5,
        )
    if label == SHAPE:
        return style.curve(label, table, dims, color=style.GREY, line_width=2.5)
    if label in (TRUTH, DIAGONAL):
        return style.curve(label, table, dims, **style.REFERENCE)
    index = ranks[label]
    if curve:
        return style.curve(label, table, dims, color=style.run_color(index))
    return style.points(
        label, table, dims, color=style.run_color(index), marker=style.run_marker(index), fill_alpha=0.6
    )
