"""What every figure is: a `View` turns a Dataset into tables of numbers, and tables into a drawing.

The split is the point. `tables` is pure NumPy and says exactly what each glyph draws, so that a
test can read it and a live page can push it without drawing again; `draw` only styles it.

The recipe for a new figure: one file with one frozen object that has the members of `View`, and
one line in `gnviz.views.FIGURES`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from gnviz.analysis.ends import last_known, recorded

if TYPE_CHECKING:
    import xarray as xr
    from bokeh.plotting import figure

Table = dict[str, np.ndarray]
"""Columns of one glyph: 1-D arrays of one length; the first is the horizontal axis."""

Tables = dict[str, Table]
"""What a figure draws: a table per glyph, by the glyph's label."""

Scale = Literal["log", "linear"]

BOUND, PREDICTED, BELOW, NOW = " · bound", " · predicted", " · below resolution", " · now"
TEST, OTHER, NORMAL = " · test", " · other chart", " · normal share"
ENDED = " · ended"
APRIORI, VOID = " · a-priori", " · a-priori, void"
"""Endings of labels whose glyph belongs to the run or mode named before."""

RESOLUTION = "resolution"
"""Label of the line below which eigenvalues are rounding."""

DECADES = 33
"""Most decades shown on a logarithmic axis; below is rounding in any precision."""

_TINY, _HUGE = 1e-300, 1e300

GONE = 1e30
"""Coordinates beyond this have left the figure for good, and single precision soon."""


@dataclass(frozen=True)
class Frame:
    """How a figure is placed, apart from what it shows.

    Attributes:
        time_range: First and last time known in advance, so that the axis does not move while
            the run goes on; the first may be 0. None: as recorded.
        title: Whether the figure carries its own title (a page's cards have theirs).
        width: In pixels; None: as wide as there is room.
        height: In pixels; the least height where the figure may stretch.
    """

    time_range: tuple[float, float] | None = None
    title: bool = False
    width: int | None = None
    height: int = 300


FRAME = Frame()
"""The usual frame: stretching, without a title."""


class View(Protocol):
    """A figure. One that draws more than its tables is `Grounded` as well.

    Attributes:
        name: One word, the key in `gnviz.views.VIEWS`.
        title: For a card or a heading.
        caption: One sentence on how to read it.
        needs: Variables of the Dataset without which there is nothing to draw.
        backend: What `draw` returns: a HoloViews object for Bokeh, or a Plotly figure as a dict.
    """

    name: str
    title: str
    caption: str
    needs: tuple[str, ...]
    backend: Literal["bokeh", "plotly"]

    def tables(self, ds: xr.Dataset, **options: Any) -> Tables:
        """Return what each glyph draws.

        Raises:
            ValueError: A variable in `needs` is missing, or an option names nothing in `ds`.
        """
        ...

    def draw(self, ds: xr.Dataset, *, frame: Frame = FRAME, **options: Any) -> Any:
        """Return the drawing of `tables(ds, **options)`."""
        ...

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return the vertical range that shows `tables` well."""
        ...


@runtime_checkable
class Grounded(Protocol):
    """A view that draws something below its tables, such as contours."""

    def backdrop(self, ds: xr.Dataset) -> str:
        """Return a fingerprint of the ground's shape: a live page draws the figure anew when it changes."""
        ...

    def refill(self, fig: figure, ds: xr.Dataset) -> None:
        """Bring the ground in a figure drawn before up to another Dataset."""
        ...


def require(ds: xr.Dataset, view: View) -> None:
    """Raise a ValueError that names the first variable that `view` needs and `ds` lacks."""
    for name in view.needs:
        if name not in ds.variables:
            have = ", ".join(sorted(map(str, ds.data_vars)))
            raise ValueError(f"figure {view.name!r} needs the variable {name!r}; the Dataset has {have}")


@cache
def takes(view: View, option: str) -> bool:
    """Return whether a figure has an option, such as `run`, `moment`, `mode` or `time_scale`."""
    return option in inspect.signature(view.tables).parameters


def loss_label(ds: xr.Dataset) -> str:
    """Return the words for the loss, with its formula (squared in files that do not say)."""
    return f"loss {ds.attrs.get('loss_formula', '½‖u − y‖²')}"


def residual_label(ds: xr.Dataset) -> str:
    """Return the words for the residual in one mode; other losses weight it with their curvature G."""
    squared = ds.attrs.get("loss_kind", "squared") == "squared"
    return f"residual in mode i  |vᵢᵀ{'(u − y)' if squared else 'G^(−½)∇g'}|"


def run_labels(ds: xr.Dataset) -> list[str]:
    """Return the labels of the runs, in order."""
    return [str(label) for label in ds["run"].values]


MOST_RUNS = 24
"""Runs drawn in one figure; of more, that many are picked evenly."""

MOST_NAMED = 12
"""Runs that have a colour and a legend entry each; of more, the runs of a method share theirs."""


def shown(ds: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with the runs that a figure draws: all, or evenly picked ones of many."""
    return ds if ds.sizes["run"] <= MOST_RUNS else ds.isel(run=picked(ds.sizes["run"], MOST_RUNS))


def run_groups(ds: xr.Dataset) -> dict[str, list[str]]:
    """Return the labels of the runs by what the legend calls them: themselves, or their method."""
    labels = run_labels(ds)
    if len(labels) <= MOST_NAMED:
        return {label: [label] for label in labels}
    groups: dict[str, list[str]] = {}
    for method, label in zip(ds["method"].values, labels, strict=True):
        groups.setdefault(str(method), []).append(label)
    return groups


def run_ranks(ds: xr.Dataset) -> dict[str, int]:
    """Return the number of each run's colour and marker, by label."""
    return {label: i for i, labels in enumerate(run_groups(ds).values()) for label in labels}


def run_index(ds: xr.Dataset, run: str | None) -> int:
    """Return the position of the run labelled `run`; None is the first.

    Raises:
        ValueError: There is no such run; the message lists those there are.
    """
    labels = run_labels(ds)
    if run is None:
        return 0
    if run not in labels:
        raise ValueError(f"no run is labelled {run!r}; the runs are {', '.join(labels)}")
    return labels.index(run)


def positive(values: np.ndarray) -> np.ndarray:
    """Return values fit for a logarithmic axis: NaN where not positive or not finite."""
    values = np.asarray(values, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where((values > _TINY) & (values < _HUGE), values, np.nan)


def finite(values: np.ndarray) -> np.ndarray:
    """Return values with NaN where they are infinite."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def times(ds: xr.Dataset, scale: Scale) -> tuple[np.ndarray, slice]:
    """Return the moments that the time axis can show, and where they stand on the grid.

    A logarithmic axis has no place for 0.
    """
    time = np.asarray(ds["time"].values, dtype=float)
    keep = slice(int(np.searchsorted(time, 0.0, side="right")) if scale == "log" else 0, None)
    return time[keep], keep


def at(ds: xr.Dataset, name: str, moment: int) -> np.ndarray:
    """Return variable `name` of all runs at one moment, shape (run, ...); NaN before the first.

    A run that has ended stays where it was last recorded.

    Raises:
        ValueError: That moment is not recorded.
    """
    values = ds[name].values
    if not -values.shape[1] <= moment < values.shape[1]:
        if values.shape[1]:
            raise ValueError(f"moment {moment} is not recorded; there are {values.shape[1]}")
        return np.full((values.shape[0], *values.shape[2:]), np.nan)
    return values[np.arange(len(values)), np.maximum(last_known(recorded(values), moment), 0)]


def thinned(count: int, most: int) -> np.ndarray:
    """Return at most about `most` positions that stay the same while `count` grows, and the last."""
    stride = 1
    while count > most * stride:
        stride *= 2
    return np.unique(np.append(np.arange(0, count, stride), max(count - 1, 0)))[:count]


def picked(count: int, most: int) -> np.ndarray:
    """Return at most `most` of the positions 0 .. count - 1, evenly, with both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def known(values: np.ndarray) -> np.ndarray:
    """Return values with NaN where they are not finite, or past `GONE`."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values) < GONE, values, np.nan)


def standing(paths: np.ndarray, moment: int = -1) -> list[np.ndarray]:
    """Return each run's last known point up to a moment, shape (1, k), or (0, k) if there is none.

    Args:
        paths: Shape (run, time, k).
        moment: A position on the time axis; -1 is the latest.
    """
    last = last_known(np.isfinite(paths).all(axis=-1), moment)
    return [path[k : k + 1] if k >= 0 else path[:0] for path, k in zip(paths, last, strict=True)]


def xyz(points: np.ndarray) -> Table:
    """Return points, shape (count, 3), as the columns x, y, z in single precision."""
    return {name: single(points[:, k]) for k, name in enumerate("xyz")}


def single(values: np.ndarray) -> np.ndarray:
    """Return values in single precision, NaN where it would overflow."""
    return known(values).astype(np.float32)


def with_mode(modes: np.ndarray, ds: xr.Dataset, mode: int | None) -> np.ndarray:
    """Return mode positions (from 0) in order, with that of `mode` (from 1) among them.

    Raises:
        ValueError: There is no such mode.
    """
    if mode is None:
        return modes
    if not 1 <= mode <= ds.sizes["mode"]:
        raise ValueError(f"mode {mode} does not exist; the modes are 1 to {ds.sizes['mode']}")
    return np.union1d(modes, [mode - 1])


def log_limits(columns: list[np.ndarray], top: float = np.inf) -> tuple[float, float]:
    """Return whole decades around all values up to `top`, with some room; (0.1, 10) for none."""
    values = np.concatenate([np.empty(0), *columns])
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return 0.1, 10.0
    high = np.ceil(np.log10(min(values.max(), top)) + 0.2)
    low = np.floor(np.log10(values.min()) - 0.2)
    return 10.0 ** max(low, high - DECADES, -300.0), 10.0**high


def linear_limits(columns: list[np.ndarray], room: float = 0.25) -> tuple[float, float]:
    """Return the range of all values with a share of `room` on either side; (-1, 1) for none."""
    values = np.concatenate([np.empty(0), *columns])
    values = values[np.isfinite(values)]
    if not len(values):
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = room * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin
