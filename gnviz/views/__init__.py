"""Figures of a run, one per file or folder: each takes a Dataset and returns a drawing.

    from gnviz.views import VIEWS, overview
    VIEWS["loss"].draw(dataset)        # a HoloViews figure
    overview(dataset)                  # the main ones, for a notebook

HoloViews is imported only once a figure is asked for. To add a figure, write one file with one
object after the `View` protocol (`gnviz.views.base`) and add its line to `FIGURES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from gnviz.views.base import Frame, View

if TYPE_CHECKING:
    import holoviews as hv
    import xarray as xr

__all__ = ["FIGURES", "VIEWS", "Frame", "View", "overview"]

FIGURES = {
    "loss": "loss:Loss",
    "spectrum": "spectrum:Spectrum",
    "spectrum_time": "spectrum_time:SpectrumTime",
    "modes": "modes:Modes",
    "function_space": "function_space.figure:FunctionSpace",
    "fit": "fit:Fit",
    "manifold": "manifold.figure:Manifold",
    "parameter_plane": "parameter_plane.figure:ParameterPlane",
    "curvature": "curvature:Curvature",
    "rates": "rates:Rates",
    "drift": "drift:Drift",
    "distance": "distance:Distance",
    "singular": "singular:Singular",
    "excess": "excess:Excess",
    "pl_ratio": "pl_ratio:PlRatio",
}
"""The figures by name: the file here, and the class in it."""


class _Views(Mapping[str, View]):
    """The figures by name, each imported when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, View] = {}

    def __getitem__(self, name: str) -> View:
        if name not in self._made:
            self._made[name] = resolve_name(f"gnviz.views.{FIGURES[name]}")()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in FIGURES

    def __iter__(self) -> Iterator[str]:
        return iter(FIGURES)

    def __len__(self) -> int:
        return len(FIGURES)


VIEWS: Mapping[str, View] = _Views()


OVERVIEW = ("loss", "function_space", "spectrum", "spectrum_time", "modes", "fit")
"""The figures that say something of every result."""


def overview(
    ds: xr.Dataset,
    figures: Iterable[str] = OVERVIEW,
    *,
    columns: int = 2,
    width: int = 480,
    height: int = 340,
) -> hv.Layout:
    """Return figures of a Dataset side by side, with titles; not the surfaces, which Plotly draws.

    Args:
        ds: A Dataset of schema 1.
        figures: Their names.
        columns: Figures in a row.
        width: Of each, in pixels.
        height: Of each, in pixels.
    """
    import holoviews as hv

    frame = Frame(title=True, width=width, height=height)
    layout = hv.Layout([VIEWS[name].draw(ds, frame=frame) for name in figures]).cols(columns)
    return layout.opts(shared_axes=False, merge_tools=False, backend="bokeh")
