"""Figure `fit`: what has been learned so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import Tables, View, require
from gnviz.views.plot import GREY, Axis, Key, Mark, Plot, Range
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import reference
from gnviz.views.values import at, finite, linear_limits, with_mode

if TYPE_CHECKING:
    import xarray as xr

DATA, TRUTH, DIAGONAL = "data", "target function", "exact fit"

SHAPE = "shape of the mode"
"""Label of the picked mode's eigenvector of K_0 over the samples, as high as the targets."""


class Fit(View):
    """The fitted curve of every run; for data without a curve, predictions against targets."""

    label = "fit"
    title = "The fit"
    caption = (
        "Each method's prediction now, beside the data; where the inputs do not lie on a line or circle, "
        "predictions are set against targets, and points on the diagonal are fitted exactly."
    )
    needs = ("prediction", "curve", "y", "truth", "basis")

    def tables(self, ds: xr.Dataset, *, moment: int = -1, mode: int | None = None) -> Tables:
        """Return the data, the noise-free target if known, and each run's curve or predictions, in own units.

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
        return _own({SHAPE: {across: where[order], up: mode_shape(ds, mode)[order]}, **tables}, ds)

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        ds = shown(ds)
        looks, entries, words, curve = run_looks(ds), entries_of(ds), _words(ds), has_curve(ds)
        columns = list(tables[next(iter(looks))])
        tips = (("", "$name", ""), *((w, c, "0.0000") for w, c in zip(words, columns, strict=True)))

        def mark(label: str) -> Mark:
            if label == DATA:
                look = {"color": GREY, "fill": 0.35, "width": 1.5, "size": 9.0, "entry": DATA, "moves": True}
                return Mark(label, "points", tips=tips, **look)
            if label == SHAPE:
                return Mark(label, color=GREY, width=2.5, moves=True, tips=tips)
            if label in (TRUTH, DIAGONAL):
                return reference(label, tips=tips)
            look = {"color": looks[label].color, "entry": entries[label], "moves": True, "tips": tips}
            if curve:
                return Mark(label, dash=looks[label].dash, **look)
            return Mark(label, "points", marker=looks[label].marker, fill=0.6, **look)

        below = [label for label in tables if label not in looks and label != DATA]
        order = [*below, *looks, *([DATA] if DATA in tables else [])]  # samples stay over the curves
        limits = self.limits(tables)
        return Plot(
            self.title,
            Axis(words[0]),
            Axis(words[1]),
            tuple(map(mark, order)),
            _span(tables) if curve else limits,
            limits,
            entries=(*([DATA] if DATA in tables else []), *run_groups(ds)),
            key=tuple(Key(label, reference("")) for label in (TRUTH, DIAGONAL) if label in tables),
        )

    def limits(self, tables: Tables) -> Range:
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


def _own(tables: Tables, ds: xr.Dataset) -> Tables:
    """Return the tables in the data's own units, where columns of theirs were standardised."""
    if ds.attrs.get("standardized") != "true":
        return tables
    units = {
        name: np.atleast_1d(ds.attrs[name])[0] for name in ("x_offset", "x_scale", "y_offset", "y_scale")
    }

    def own(column: str, values: np.ndarray) -> np.ndarray:
        if column == "coordinate" and ds.sizes["feature"] > 1:
            return values
        kind = "x" if column == "coordinate" else "y"
        return units[f"{kind}_offset"] + units[f"{kind}_scale"] * values

    return {label: {c: own(c, v) for c, v in table.items()} for label, table in tables.items()}


def _words(ds: xr.Dataset) -> tuple[str, str]:
    """Return the axes' labels."""
    target = str(ds.attrs.get("target") or "y")
    if not has_curve(ds):
        return f"target y ({target})" if target != "y" else "target y", "prediction u"
    names = [str(name) for name in ds["feature"].values]
    return (f"input {names[0]}" if len(names) == 1 else "angle θ (radians)"), "target y and prediction u"


def _span(tables: Tables) -> Range:
    """Return the horizontal range of all curves, with a little room."""
    return linear_limits([table["coordinate"] for table in tables.values()], room=0.02)
