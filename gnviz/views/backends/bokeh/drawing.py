"""A view as a Bokeh figure, built once and brought up to another Dataset in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer

from gnviz.views.backends.bokeh import camera
from gnviz.views.backends.bokeh.axes import empty_figure
from gnviz.views.backends.bokeh.cells import Tint
from gnviz.views.backends.bokeh.contours import Contours
from gnviz.views.backends.bokeh.glyphs import renderer
from gnviz.views.backends.bokeh.legend import (
    add_hover,
    add_legend,
    add_mode_bar,
    explain,
    hide_together,
    rename,
)
from gnviz.views.backends.bokeh.renaming import renaming
from gnviz.views.backends.bokeh.sources import push
from gnviz.views.backends.bokeh.square import keep_square

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views.base import Tables, View
    from gnviz.views.plot import Plot, Range


class Drawing:
    """A figure of a Dataset.

    Args:
        view: What to show.
        ds: A Dataset of schema 1.
        height: Least height in pixels.
        legend: Whether it names the runs; kinds of lines it always explains.
        options: Of the view, and `time_range`.

    Attributes:
        figure: Bokeh's model.
        plot: What it shows, apart from the numbers.
        sources: The numbers, by the labels of their tables.
    """

    def __init__(
        self, view: View, ds: xr.Dataset, *, height: int = 300, legend: bool = True, **options: Any
    ) -> None:
        tables, plot = read(view, ds, **options)
        self.view, self.plot = view, plot
        self.figure = fig = empty_figure(plot, height)
        flat = [mark for mark in plot.marks if mark.kind != "contours"]
        ground = [mark for mark in plot.marks if mark.kind == "contours"]
        self._contours = {mark.table: Contours(fig, mark, plot.shades) for mark in ground if plot.shades}
        self.sources = {mark.table: ColumnDataSource() for mark in flat}
        self.glyphs: dict[str, GlyphRenderer] = {
            mark.table: renderer(mark, tables[mark.table], self.sources[mark.table]) for mark in flat
        }
        cells = [mark for mark in flat if mark.kind == "cells" and plot.shades]
        self._tints = [Tint(fig, self.glyphs[mark.table], plot.shades) for mark in cells if plot.shades]
        self._fill(tables)
        fig.renderers.extend(self.glyphs.values())
        self._key = add_legend(fig, plot, self.glyphs, legend)
        hide_together(plot, self.glyphs)
        add_hover(fig, plot, self.glyphs)
        add_mode_bar(fig, plot.modes)
        if plot.camera:
            camera.project(fig, plot, self.glyphs)
        if plot.square:
            keep_square(fig)
        self._ranges: dict[str, Range] = {}
        self._move(plot, afresh=True)

    def shows(self, tables: Tables, plot: Plot) -> bool:
        """Return whether it can be brought up to these tables, and that plot, in place."""
        names = renaming(self.plot, plot)
        return names is not None and tables.keys() == {
            names.get(label, label) for label in (*self.sources, *self._contours)
        }

    def update(self, tables: Tables, plot: Plot, *, afresh: bool = False, follow: bool = True) -> None:
        """Bring the figure up to other numbers of the same plot, at the cost of what is new.

        Args:
            tables: The numbers.
            plot: Equal to the one before but for ranges and names.
            afresh: Whether the zoom starts afresh; else ranges that the user has changed stay.
            follow: Whether the vertical range follows the numbers.
        """
        if names := renaming(self.plot, plot):
            self._rename(names, plot)
        self.plot = plot
        self._fill(tables)
        explain(self.figure, plot, self._key)
        self._move(plot, afresh=afresh, follow=follow)

    def _rename(self, names: Mapping[str, str], plot: Plot) -> None:
        """Let tables and the legend's entries have other names."""
        self.sources = {names.get(label, label): source for label, source in self.sources.items()}
        self.glyphs = {names.get(label, label): drawn for label, drawn in self.glyphs.items()}
        self._contours = {names.get(label, label): drawn for label, drawn in self._contours.items()}
        for label, drawn in self.glyphs.items():
            drawn.name = label
        rename(self.figure, names, plot)

    def _fill(self, tables: Tables) -> None:
        for label, source in self.sources.items():
            push(source, tables[label])
        for label, contours in self._contours.items():
            assert self.plot.shades is not None
            contours.show(tables[label], self.plot.shades)
        for tint in self._tints:
            assert self.plot.shades is not None
            tint.show(self.plot.shades)

    def _move(self, plot: Plot, *, afresh: bool, follow: bool = True) -> None:
        """Let the ranges follow, unless the user has changed them."""
        wanted = {"x_range": plot.across} | ({"y_range": plot.upright} if follow or afresh else {})
        for name, limits in wanted.items():
            axis: Any = getattr(self.figure, name)
            known = self._ranges.get(name)
            if limits == known and not afresh:
                continue
            untouched = known is None or np.allclose((axis.start, axis.end), known, rtol=1e-9, atol=0)
            axis.update(reset_start=limits[0], reset_end=limits[1])
            if afresh or untouched:
                axis.update(start=limits[0], end=limits[1])
            self._ranges[name] = limits


def read(view: View, ds: xr.Dataset, **options: Any) -> tuple[Tables, Plot]:
    """Return a view's tables and marks.

    Args:
        view: Which.
        ds: A Dataset of schema 1.
        options: Of the view; `time_range` concerns its marks alone.
    """
    tables = view.tables(ds, **{k: v for k, v in options.items() if k != "time_range"})
    return tables, view.plot(ds, tables, **options)
