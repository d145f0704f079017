"""What figures of one quantity, or some of a kind, of every run over time have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gnviz.views import endings
from gnviz.views.base import Scale, Tables, View, time_label
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import Look, reference
from gnviz.views.values import log_limits, positive, time_limits, times

if TYPE_CHECKING:
    import xarray as xr

Looks = Mapping[str, Mapping[str, Any]]
"""How curves differ from a run's main one, as settings of a `Mark`, by the ending of their labels."""


def tables_of(ds: xr.Dataset, quantities: Mapping[str, np.ndarray], time_scale: Scale) -> Tables:
    """Return time and value of each run's quantities, NaN where not positive, and its end.

    Args:
        ds: A Dataset of schema 1, of the runs that are drawn.
        quantities: Values (run, time) by the ending of their curves' labels, the main one last.
        time_scale: A "log" axis leaves out the moment 0.
    """
    time, keep = times(ds, time_scale)
    curves = {
        label + ending: {"time": time, "value": positive(values[i, keep])}
        for i, label in enumerate(run_labels(ds))
        for ending, values in quantities.items()
    }
    main = list(quantities)[-1]
    return curves | endings.tables_of(ds, curves, {label: label + main for label in run_labels(ds)})


def run_mark(
    label: str, looks: Mapping[str, Look], entries: Mapping[str, str], kinds: Looks, tips: tuple[Tip, ...]
) -> Mark | None:
    """Return how a run's curve is drawn; None for a label that is no run's.

    Args:
        label: Of a table: a run's label and one of the endings in `kinds`.
        looks: Of the runs.
        entries: Text of each run's entry in the legend.
        kinds: How curves differ from the main one, by ending.
        tips: What is said of a point.
    """
    ending = next((end for end in kinds if end and label.endswith(end)), "")
    run = label.removesuffix(ending)
    if run not in looks:
        return None
    look = {"color": looks[run].color, "dash": looks[run].dash} | dict(kinds[ending])
    return Mark(label, entry=entries[run], tips=tips, **look)


def time_plot(
    view: Any,
    ds: xr.Dataset,
    tables: Tables,
    upright: Axis,
    marks: Iterable[Mark],
    *,
    key: Iterable[Key] = (),
    time_scale: Scale = "log",
    time_range: Range | None = None,
    entries: tuple[str, ...] = (),
    modes: int = 0,
    **_: Any,
) -> Plot:
    """Return a plot whose horizontal axis is time, and whose legend explains the marks where runs ended.

    Args:
        view: The figure, for its title and `limits`.
        ds: The Dataset, of the runs that are drawn.
        tables: What is drawn.
        upright: The vertical axis.
        marks: How.
        key: What kinds of lines mean.
        time_scale: Of the axis; "log" leaves out the moment 0.
        time_range: The first and the last moment as far as they are known in advance.
        entries: Of the legend.
        modes: Number of modes that a colour bar explains.
    """
    log = time_scale == "log"
    return Plot(
        view.title,
        Axis(time_label(ds), log=log),
        upright,
        tuple(marks),
        time_limits(times(ds, time_scale)[0], time_range, log),
        view.limits(tables),
        entries=entries,
        key=(*key, *endings.key(tables)),
        modes=modes,
    )


class OverTime(View):
    """A figure of quantities of every run over time: all but its words and `tables`.

    Where a run has several curves, `meaning` says in a word or two what each is, by the endings in `looks`.
    A label that is no run's is a reference.
    """

    looks: ClassVar[Looks] = {"": {}}
    meaning: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[str] = "value"

    def axis(self, ds: xr.Dataset) -> str:
        """Return the words on the vertical axis."""
        return self.words

    def limits(self, tables: Tables) -> Range:
        """Return decades around all values."""
        return log_limits([table["value"] for table in tables.values()])

    def marks(self, ds: xr.Dataset, tables: Tables, **options: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        ds = shown(ds)
        looks, entries, words = run_looks(ds), entries_of(ds), time_label(ds)
        tips: tuple[Tip, ...] = (("", "$name", ""), (words, "time", "0.00e"), ("value", "value", "0.00e"))
        curves = endings.without(tables)
        marks = {x: run_mark(x, looks, entries, self.looks, tips) for x in curves}
        ends = list(self.looks)[::-1]
        main = {run: next(run + end for end in ends if run + end in curves) for run in looks}
        key = [Key(what, Mark("", **self.looks[end])) for end, what in self.meaning.items()]
        key += [Key(label, reference("")) for label, mark in marks.items() if mark is None]
        drawn = [mark or reference(label, tips=tips) for label, mark in marks.items()]
        drawn += endings.marks(tables, looks, main, tips)
        return time_plot(
            self,
            ds,
            tables,
            Axis(self.axis(ds), log=True),
            drawn,
            key=key,
            entries=tuple(run_groups(ds)),
            **options,
        )
