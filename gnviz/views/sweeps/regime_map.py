"""Figure `regime_map`: a measure of one run over two knobs, a coloured cell for each pair of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.methods import display_name
from gnviz.views.base import Tables, View
from gnviz.views.plot import Mark, Plot, Shades
from gnviz.views.style import LOSS_PALETTE, blend
from gnviz.views.sweeps.reading import axis, axis_of, edges, measured, run_of, span

if TYPE_CHECKING:
    import xarray as xr

CELLS = "cells"
"""The table: middle and sides of each cell, the median there, and how many other cells it is of."""

COLORS = 64


class RegimeMap(View):
    """The median of a measure over all other knobs, such as seeds."""

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
    ) -> Tables:
        """Return the cells, row by row.

        Args:
            ds: A sweep.
            x: The knob across; None: the first with several numbers.
            y: The knob upward; None: the next.
            measure: Which of the sweep's measures.
            run: Which run; None: the first.

        Raises:
            ValueError: A name is not the sweep's, or it has fewer than two knobs with several numbers.
        """
        across = axis_of(ds, x)
        up = axis_of(ds, y, taken=(across,))
        found = measured(ds, measure).sel(run=run_of(ds, run))
        others = [dim for dim in found.dims if dim not in (across, up)]
        grid = found.median(others).sortby([across, up]).transpose(up, across)
        known = found.count(others).sortby([across, up]).transpose(up, across)
        a, b = (np.sort(ds[knob].values.astype(float)) for knob in (across, up))
        left, low = edges(a, axis(a, across).log), edges(b, axis(b, up).log)
        return {
            CELLS: {
                "x": np.tile(a, len(b)),
                "y": np.repeat(b, len(a)),
                "left": np.tile(left[:-1], len(b)),
                "right": np.tile(left[1:], len(b)),
                "bottom": np.repeat(low[:-1], len(a)),
                "top": np.repeat(low[1:], len(a)),
                "value": grid.values.ravel(),
                "known": known.values.ravel(),
            }
        }

    def marks(
        self,
        ds: xr.Dataset,
        tables: Tables,
        *,
        x: str | None = None,
        y: str | None = None,
        measure: str = "time_to_loss",
        run: str | None = None,
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
        """
        across = axis_of(ds, x)
        up = axis_of(ds, y, taken=(across,))
        found, cells = measured(ds, measure), tables[CELLS]
        low, high = span(cells["value"])
        log = found.attrs["scale"] == "log" and low > 0
        tips = (
            (across, "x", "0.[000]a"),
            (up, "y", "0.[000]a"),
            (measure, "value", "0.000e"),
            ("experiments", "known", "0"),
        )
        shades = Shades(str(found.attrs["long_name"]), tuple(blend(LOSS_PALETTE, COLORS)), log, low, high)
        return Plot(
            f"{self.title} · {display_name(run_of(ds, run))}",
            axis(cells["x"], across),
            axis(cells["y"], up),
            (Mark(CELLS, "cells", tips=tips),),
            (float(cells["left"].min()), float(cells["right"].max())),
            (float(cells["bottom"].min()), float(cells["top"].max())),
            shades=shades,
        )
