"""Figure `learned`: how long each part of the error takes, by the eigenvalue that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.analysis.learning_times import LEFT, frozen_learning_times, learning_times
from gnviz.views import pins as pinned
from gnviz.views.base import FROZEN, FROZEN_WORDS, NOW, Table, Tables, View, require
from gnviz.views.pins import Pin
from gnviz.views.plot import GREY, Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import reference
from gnviz.views.values import log_limits, positive

if TYPE_CHECKING:
    import xarray as xr

TIPS: tuple[Tip, ...] = (
    ("run", "$name", ""),
    ("mode", "mode", "0"),
    ("eigenvalue", "eigenvalue", "0.00e"),
    ("learned at", "time", "0.000e"),
)

MOMENT = "moment" + NOW
"""Label of the line at the moment shown."""

COURSE: dict[str, Any] = {"width": 1.3, "alpha": 0.7}
"""How the course that the kernel at the start predicts is drawn."""


class Learned(View):
    """The time that each part of the residual takes, against the kernel's eigenvalue that it belongs to."""

    label = "learned"
    title = "Time to learn each part of the error"
    caption = (
        f"How long until {LEFT:.0%} is left of each part of the error, by its eigenvalue of the kernel. "
        "Gradient flow needs time in proportion to 1/λ: it waits for the smallest eigenvalues. "
        "Gauss-Newton's line is flat; damping ρ bends it where λ falls below ρ."
    )
    needs = ("residual_modes", "eigenvalues")

    def tables(
        self, ds: xr.Dataset, *, frozen: bool = True, moment: int = -1, pins: Sequence[Pin] = ()
    ) -> Tables:
        """Return, for each run, the eigenvalues at the start and the times at which their parts are learned.

        Args:
            ds: A Dataset of schema 1.
            frozen: Whether to draw what would happen if the kernel stayed as it is, where that is known.
            moment: The recorded moment at which a line is drawn; -1 draws none.
            pins: Other results whose times are drawn beside, as lines.
        """
        require(ds, self)
        ds = shown(ds)
        sizes, lazy = _sizes(ds), frozen_learning_times(ds) if frozen else None
        out: Tables = {MOMENT: _line(sizes, ds, moment)} | pinned.tables_of(pins, _times)
        if lazy is not None:
            rows = zip(run_labels(ds), sizes, lazy, strict=True)
            out |= {label + FROZEN: _table(size, times) for label, size, times in rows}
        return out | _times(ds)

    def marks(
        self,
        ds: xr.Dataset,
        tables: Tables,
        *,
        pins: Sequence[Pin] = (),
        time_range: Range | None = None,
        **_: Any,
    ) -> Plot:
        """Return the figure's axes and marks.

        Args:
            ds: The Dataset that the tables are of.
            tables: What `tables` has returned.
            pins: Those given to `tables`.
            time_range: As for every figure: in flow time, the axes then reach to its end, and to the
                eigenvalue that gradient flow needs about so long for.
            _: The other options; see `View`.
        """
        ds = shown(ds)
        looks, entries = run_looks(ds), entries_of(ds)
        unit = "steps" if ds.attrs.get("clock") == "steps" else "flow time"

        def mark(label: str) -> Mark:
            if label == MOMENT:
                return reference(label, moves=True)
            run, lazy = label.removesuffix(FROZEN), label.endswith(FROZEN)
            look = {"color": looks[run].color, "entry": entries[run], "tips": TIPS}
            if lazy:
                return Mark(label, **look, **COURSE)
            return Mark(label, "points", marker=looks[run].marker, size=9.0, fill=0.75, width=1.6, **look)

        own = [label for label in tables if not pinned.is_pinned(label)]
        predicted = any(label.endswith(FROZEN) for label in tables)
        flow = ds.attrs.get("clock", "flow") == "flow"
        latest = [np.array(time_range[1:])] if time_range is not None and flow else []
        least = [1 / last for last in latest]
        return Plot(
            self.title,
            Axis("eigenvalue λ of the first kernel K₀", log=True),
            Axis(f"{unit} until {LEFT:.0%} is left", log=True),
            (*pinned.marks(pins, tables, TIPS), *map(mark, own)),
            _spread([*(table["eigenvalue"] for label, table in tables.items() if label != MOMENT), *least]),
            self.limits(tables, latest),
            entries=tuple(run_groups(ds)),
            key=(
                *pinned.key(pins),
                *([Key(FROZEN_WORDS, Mark("", color=GREY, **COURSE))] if predicted else []),
            ),
        )

    def limits(self, tables: Tables, others: Sequence[np.ndarray] = ()) -> Range:
        """Return decades around all times, and some others; the moment shown does not count."""
        return log_limits([*(table["time"] for label, table in tables.items() if label != MOMENT), *others])


def _times(ds: xr.Dataset) -> Tables:
    """Return the eigenvalues at the start and the times at which their parts are learned, for each run."""
    rows = zip(run_labels(ds), _sizes(ds), learning_times(ds), strict=True)
    return {label: _table(size, found) for label, size, found in rows}


def _table(sizes: np.ndarray, times: np.ndarray) -> Table:
    return {"eigenvalue": sizes, "time": positive(times), "mode": np.arange(1.0, len(sizes) + 1)}


def _sizes(ds: xr.Dataset) -> np.ndarray:
    """Return the eigenvalues at the start, shape (run, mode); NaN where nothing is recorded yet."""
    if not ds.sizes["time"]:
        return np.full((ds.sizes["run"], ds.sizes["mode"]), np.nan)
    return positive(ds["eigenvalues"].values[:, 0])


def _line(sizes: np.ndarray, ds: xr.Dataset, moment: int) -> Table:
    """Return a line across the figure at a moment; nothing for the latest."""
    when = np.nan if moment == -1 else float(ds["time"].values[moment])
    return {"eigenvalue": np.array(_spread([*sizes])), "time": positive(np.full(2, when))}


def _spread(columns: list[np.ndarray]) -> Range:
    """Return the range of all eigenvalues, with some room on either side."""
    values = np.concatenate([np.empty(0), *columns])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.1, 10.0
    return float(values.min()) / 3, float(values.max()) * 3
