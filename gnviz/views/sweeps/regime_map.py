"""Figure `regime_map`: a measure of one run over two knobs, a coloured cell for each pair of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import Table, Tables, View
from gnviz.views.plot import GREY, Mark, Plot, Shades, Tip
from gnviz.views.runs import name_of
from gnviz.views.style import MODE_PALETTE, blend
from gnviz.views.sweeps import standing
from gnviz.views.sweeps.reading import axis, axis_of, edges, measured, number, run_of, shades_span
from gnviz.views.sweeps.standing import MISSING, STATUS

if TYPE_CHECKING:
    import xarray as xr

CELLS = "cells"
"""The table: middle and sides of each cell, what it is coloured by, and what is said of it.

`value` is the median of the cell's experiments, `low` and `high` their range, `known` how many have a number;
`shown` is 0 for a cell that has not been computed; `across`, `up`, `number` and `said` are texts.
"""

COLORS = 64


class RegimeMap(View):
    """The median of a measure over all other knobs, such as seeds; or how most of the experiments end."""

    label = "regime_map"
    title = "Regime map"
    caption = "Each cell is an experiment, or the median of several that differ elsewhere; grey: unknown."
    needs = ("final_loss", "time", "loss")

    def tables(
        self,
        ds: xr.Dataset,
        *,
        x: str | None = None,
        y: str | None = None,
        measure: str = "time_to_loss",
        run: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Tables:
        """Return the cells, row by row.

        Args:
            ds: A sweep.
            x: The knob across; None: the first with several numbers.
            y: The knob upward; None: the next.
            measure: Which of the sweep's measures, or "status".
            run: Which run; None: the first.
            names: What knobs and measures are called, where not by their own names.

        Raises:
            ValueError: A name is not the sweep's, or it has fewer than two knobs with several numbers.
        """
        across, up = _axes(ds, x, y)
        there = _there(ds, run)
        words, sentences = (_laid(there[name], across, up) for name in ("status", "status_text"))
        if measure == STATUS:
            colored = _colored(words)
        else:
            colored = _summed(_laid(measured(ds, measure).sel(run=run_of(ds, run)), across, up))
        a, b = (np.sort(ds[knob].values.astype(float)) for knob in (across, up))
        made = np.array([standing.commonest(row) != MISSING for row in words])
        spoken = {
            "across": np.tile([number(value) for value in a], len(b)).astype(object),
            "up": np.repeat([number(value) for value in b], len(a)).astype(object),
            "said": np.array([standing.said(*row) for row in zip(words, sentences, strict=True)], object),
            "shown": made.astype(float),
        }
        return {CELLS: _places(a, b, axis(a, across).log, axis(b, up).log) | colored | spoken}

    def marks(
        self,
        ds: xr.Dataset,
        tables: Tables,
        *,
        x: str | None = None,
        y: str | None = None,
        measure: str = "time_to_loss",
        run: str | None = None,
        names: Mapping[str, str] | None = None,
        **_: Any,
    ) -> Plot:
        """Return the figure's axes and its cells.

        Args:
            ds: A sweep.
            tables: What `tables` has returned.
            x: As there.
            y: As there.
            measure: As there.
            run: As there.
            names: As there.
        """
        across, up = _axes(ds, x, y)
        cells, called = tables[CELLS], dict(names or {})
        wide, high = called.get(across, across), called.get(up, up)
        tips: tuple[Tip, ...] = ((wide, "across", ""), (high, "up", ""), (STATUS, "said", ""))
        look: dict[str, Any] = {"mark": Mark(CELLS, "cells", color="@color", tips=tips)}
        if measure == STATUS:
            shown = np.array(list(standing.COLORS))[cells["value"].astype(int)[cells["shown"] > 0]]
            look["key"] = standing.keys(map(str, shown))
        else:
            word = called.get(measure, measure)
            more: tuple[Tip, ...] = ((word, "number", ""), ("experiments", "known", "0"))
            look = {"mark": Mark(CELLS, "cells", tips=(*tips[:2], *more, tips[2]))}
            look["shades"] = _shades(measured(ds, measure), cells)
        return Plot(
            f"{self.title} · {name_of(ds, run_of(ds, run))}",
            axis(cells["x"], wide),
            axis(cells["y"], high),
            (look.pop("mark"),),
            (float(cells["left"].min()), float(cells["right"].max())),
            (float(cells["bottom"].min()), float(cells["top"].max())),
            **look,
        )


def _axes(ds: xr.Dataset, x: str | None, y: str | None) -> tuple[str, str]:
    across = axis_of(ds, x, taken=(y,) if y else ())
    return across, axis_of(ds, y, taken=(across,))


def _there(ds: xr.Dataset, run: str | None) -> xr.Dataset:
    return ds[["status", "status_text"]].sel(run=run_of(ds, run))


def _laid(found: xr.DataArray, across: str, up: str) -> np.ndarray:
    """Return values row by row, those of one cell along the last axis: shape (cells, k)."""
    ordered = found.sortby([across, up]).transpose(up, across, ...)
    return ordered.values.reshape(ordered.sizes[up] * ordered.sizes[across], -1)


def _places(a: np.ndarray, b: np.ndarray, log_a: bool, log_b: bool) -> Table:
    left, low = edges(a, log_a), edges(b, log_b)
    return {
        "x": np.tile(a, len(b)),
        "y": np.repeat(b, len(a)),
        "left": np.tile(left[:-1], len(b)),
        "right": np.tile(left[1:], len(b)),
        "bottom": np.repeat(low[:-1], len(a)),
        "top": np.repeat(low[1:], len(a)),
    }


def _summed(values: np.ndarray) -> Table:
    """Return the median of each cell's numbers, shape (cells, k), their range, and both in words."""
    known = ~np.isnan(values)
    some = known.any(axis=1)
    out = {name: np.full(len(values), np.nan) for name in ("value", "low", "high")}
    for name, of in (("value", np.nanmedian), ("low", np.nanmin), ("high", np.nanmax)):
        out[name][some] = of(values[some], axis=1)
    words = [_range(*three) for three in zip(*out.values(), strict=True)]
    counted = {"known": known.sum(axis=1), "number": np.array(words, object)}
    return out | counted | {"color": np.full(len(values), GREY, object)}


def _range(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "none"
    return number(value) if low == high else f"{number(value)}, from {number(low)} to {number(high)}"


def _colored(words: np.ndarray) -> Table:
    """Return the number and the colour of the word that most of each cell's experiments end with."""
    common, known = [standing.commonest(row) for row in words], list(standing.COLORS)
    place = np.array([known.index(word) if word in known else 0 for word in common], float)
    color = np.array([standing.COLORS.get(word, GREY) for word in common], object)
    none = np.full(len(words), np.nan)
    counted = {"known": (words != MISSING).sum(axis=1), "number": np.array(common, object)}
    return {"value": place, "low": none, "high": none, **counted, "color": color}


def _shades(found: xr.DataArray, cells: Table) -> Shades:
    log = found.attrs["scale"] == "log"
    low, high = shades_span(cells["value"], log)
    return Shades(str(found.attrs["long_name"]), tuple(blend(MODE_PALETTE, COLORS)), log, low, high)
