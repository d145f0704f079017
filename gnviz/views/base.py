"""What every figure is: a `View` turns a Dataset into tables of numbers, and says how they are marked.

The split is the point. `tables` is pure NumPy and says exactly what is drawn, so that a test can read it and
a live page can push it without drawing again; `marks` says how, and names no plotting library. A figure is
added by one file in `gnviz.views.figures` with a subclass of `View`, or from outside by `gnviz.register`.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from gnviz.views.plot import Plot

if TYPE_CHECKING:
    import xarray as xr

Table = dict[str, np.ndarray]
"""Columns of one glyph: 1-D arrays of one length; the first is the horizontal axis."""

Tables = dict[str, Table]
"""What a figure draws: a table per glyph, by the glyph's label."""

Scale = Literal["log", "linear"]

BOUND, PREDICTED, BELOW, NOW = " · bound", " · predicted", " · below resolution", " · now"
TEST, OTHER, NORMAL = " · test", " · other chart", " · normal share"
ENDED = " · ended"
FROZEN = " · frozen kernel"
APRIORI, VOID = " · a-priori", " · a-priori, void"
"""Suffixes of labels whose mark belongs to the run or mode named before."""

FROZEN_WORDS = "frozen kernel"
"""What figures call a course with the kernel of the start."""

RESOLUTION = "resolution"
"""Label of the line below which eigenvalues are rounding."""


class View:
    """A figure.

    Attributes:
        label: Its name in `gnviz.views.VIEWS`, and that of its file.
        title: For a card or a heading.
        caption: One sentence on how to read it.
        gesture: One on what can be done with it where it is live; empty: nothing of its own.
        needs: Variables of the Dataset without which there is nothing to draw.
        solid: Whether it is drawn in three dimensions, by Plotly.
        page: Where a figure that no page names is shown: a page of the application, such as "training"; empty
            for one that only some Datasets suit.
    """

    label: ClassVar[str]
    title: ClassVar[str]
    caption: ClassVar[str]
    gesture: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]]
    solid: ClassVar[bool] = False
    page: ClassVar[str] = "training"

    def suits(self, ds: xr.Dataset) -> bool:
        """Return whether a Dataset has something for the figure to show: all variables that it needs."""
        return all(name in ds.variables for name in self.needs)

    def tables(self, ds: xr.Dataset, *args: Any, **options: Any) -> Tables:
        """Return the numbers that are drawn, by label.

        Raises:
            ValueError: A variable in `needs` is missing, or an option names nothing in `ds`.
        """
        raise NotImplementedError

    def marks(self, ds: xr.Dataset, tables: Tables, *args: Any, **options: Any) -> Plot:
        """Return how the tables are drawn.

        Args:
            ds: The Dataset that the tables are of.
            tables: What `tables` has returned.
            args: None: figures name their options.
            options: Those given to `tables`, and `time_range`: the first and the last moment of a run that
                goes on, as far as they are known.
        """
        raise NotImplementedError

    def plot(self, ds: xr.Dataset, tables: Tables, **options: Any) -> Plot:
        """Return `marks`, told of the Dataset's clock: what drawing begins with."""
        return replace(self.marks(ds, tables, **options), clock=str(ds.attrs.get("clock", "flow")))


def require(ds: xr.Dataset, view: View) -> None:
    """Raise a ValueError that names the first variable that `view` needs and `ds` lacks."""
    for name in view.needs:
        if name not in ds.variables:
            have = ", ".join(sorted(map(str, ds.data_vars)))
            raise ValueError(f"figure {view.label!r} needs the variable {name!r}; the Dataset has {have}")


@cache
def takes(view: type[View], option: str) -> bool:
    """Return whether a kind of figure has an option, such as `run`, `moment`, `mode` or `time_scale`."""
    return option in inspect.signature(view.tables).parameters


def time_label(ds: xr.Dataset) -> str:
    """Return the words on the time axis."""
    return "step" if ds.attrs.get("clock", "flow") == "steps" else "flow time t"


def loss_label(ds: xr.Dataset) -> str:
    """Return the words for the loss, with its formula (squared in files that do not say)."""
    return f"loss {ds.attrs.get('loss_formula', '½‖u − y‖²')}"


def residual_label(ds: xr.Dataset) -> str:
    """Return the words for the residual in one mode; other losses weight it with their curvature G."""
    squared = ds.attrs.get("loss_kind", "squared") == "squared"
    return f"residual in mode i  |vᵢᵀ{'(u − y)' if squared else 'G^(−½)∇g'}|"
