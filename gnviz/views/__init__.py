"""Figures of a run: each turns a Dataset into tables of numbers and says how they are marked.

    from gnviz.views import VIEWS, draw, overview
    draw(dataset, "loss") + draw(dataset, "spectrum")     # HoloViews elements, side by side
    overview(dataset)                                     # the main ones
    VIEWS["loss"].tables(dataset)                         # the numbers that are drawn

A figure names no plotting library; `gnviz.views.backends` draws it, by Bokeh for the live page, by HoloViews
for a notebook, by Plotly where it is a surface. To add one, write one file in `gnviz.views.figures`, or
register a subclass of `View` from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from inspect import isclass
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from gnviz.knobs import unknown
from gnviz.knobs.registry import REGISTRIES, Registry
from gnviz.views import figures
from gnviz.views.base import View
from gnviz.views.sweeps import SWEEP_VIEWS

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["FIGURES", "OVERVIEW", "VIEWS", "View", "draw", "overview"]


def _built_in() -> Iterator[type[View]]:
    """Find the figures of this package: the `View` that each file of `gnviz.views.figures` defines."""
    for info in iter_modules(figures.__path__):
        home = f"{figures.__name__}.{info.name}"
        for found in vars(import_module(home)).values():
            if isclass(found) and issubclass(found, View) and found.__module__.startswith(home):
                yield found


FIGURES: Registry[type[View]] = Registry(View, _built_in())
"""The kinds of figures, by label."""

REGISTRIES.append(FIGURES)


@cache
def _made(kind: type[View]) -> View:
    return kind()


class _Views(Mapping[str, View]):
    """The figures by label."""

    def __getitem__(self, label: str) -> View:
        return _made(FIGURES[label])

    def __iter__(self) -> Iterator[str]:
        return iter(FIGURES)

    def __len__(self) -> int:
        return len(FIGURES)


VIEWS: Mapping[str, View] = _Views()
"""The figures, by label."""

OVERVIEW = ("loss", "function_space", "spectrum", "spectrum_time", "modes", "fit")
"""The figures that say something of every result."""


def draw(ds: xr.Dataset, figure: str = "loss", *, backend: str = "holoviews", **options: Any) -> Any:
    """Draw a figure of a Dataset.

    Args:
        ds: A Dataset of schema 1, or a sweep.
        figure: Its label, a key of `VIEWS`; of a sweep, one of `gnviz.views.sweeps.SWEEP_VIEWS`.
        backend: "holoviews" returns elements that compose (`a + b`, `a * b`, a HoloMap) and can be restyled,
            "bokeh" the figure of the page, "plotly" a surface as a Plotly figure.
        options: Of the figure's `tables`, such as `time_scale`, `run` or `moment`.

    Raises:
        ValueError: There is no such figure or backend, or the Dataset has nothing for it to draw.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton", "gradient-flow"])
        >>> ds = gnviz.run(experiment.replace({"network.width": 32, "clock.horizon": 5}))
        >>> picture = draw(ds, "loss") + draw(ds, "modes", run="gradient-flow")
        >>> type(picture).__name__, len(picture)
        ('Layout', 2)
        >>> draw(ds, "loss", backend="bokeh").yaxis.axis_label
        'loss ½‖u − y‖²'
    """
    known = SWEEP_VIEWS if "sweep" in ds.attrs else VIEWS
    if figure not in known:
        raise ValueError(unknown("figure", figure, known))
    if backend not in ("bokeh", "holoviews", "plotly"):
        raise ValueError(unknown("backend", backend, ("bokeh", "holoviews", "plotly")))
    return import_module(f"gnviz.views.backends.{backend}").draw(known[figure], ds, **options)


def overview(ds: xr.Dataset, labels: Iterable[str] = OVERVIEW, *, columns: int = 2) -> Any:
    """Return figures of a Dataset side by side, for a notebook: a HoloViews layout.

    A surface, which Plotly draws, stands in a layout of its own.

    Args:
        ds: A Dataset of schema 1.
        labels: Of the figures.
        columns: Figures in a row.

    Raises:
        ValueError: As `draw`; or both surfaces and flat figures are asked for.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton"])
        >>> ds = gnviz.run(experiment.replace({"network.width": 32, "clock.horizon": 5}))
        >>> len(overview(ds, ["loss", "fit"]))
        2
    """
    from gnviz.views.backends.holoviews import side_by_side

    return side_by_side([draw(ds, label) for label in labels], columns)
