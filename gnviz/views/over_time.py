"""What figures of one quantity, or some of a kind, of every run over time have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import holoviews as hv
import numpy as np

from gnviz.views import endings, style
from gnviz.views.base import (
    FRAME,
    Frame,
    Scale,
    Tables,
    log_limits,
    positive,
    run_groups,
    run_labels,
    run_ranks,
    shown,
    times,
)

if TYPE_CHECKING:
    import xarray as xr

Looks = Mapping[str, Mapping[str, Any]]
"""How curves are drawn, by the ending of their labels; the ending of a run's main curve is empty."""


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


class OverTime:
    """A figure of quantities of every run over time: all but its name, words and `tables`.

    Where a run has several curves, `meaning` says in a word or two what each is, by the endings in `looks`.
    """

    looks: ClassVar[Looks] = {"": {}}
    meaning: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[str] = "value"

    def axis(self, ds: xr.Dataset) -> str:
        """Return the words on the vertical axis."""
        return self.words

    def draw(self: Any, ds: xr.Dataset, *, time_scale: Scale = "log", frame: Frame = FRAME) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        return _draw(self, ds, self.tables(ds, time_scale=time_scale), time_scale, frame)

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all values."""
        return log_limits([table["value"] for table in tables.values()])


def _draw(view: Any, ds: xr.Dataset, tables: Tables, time_scale: Scale, frame: Frame) -> hv.Overlay:
    """Return the figure of an `OverTime`'s tables; a label that is no run's is a reference.

    Args:
        view: Whose figure it is.
        ds: The Dataset, of the runs that are drawn.
        tables: What each glyph draws.
        time_scale: Of the time axis.
        frame: How the figure is placed.
    """
    looks, words = view.looks, view.axis(ds)
    ranks = run_ranks(ds)
    look_of = {
        run + end: {"color": style.run_color(r)} | dict(looks[end])
        for run, r in ranks.items()
        for end in looks
    }
    labels = (style.time_label(ds.attrs.get("clock", "flow")), words)
    elements = [
        style.curve(label, table, style.dimensions(table, *labels), **look_of.get(label, style.REFERENCE))
        for label, table in endings.without(tables).items()
    ]
    entries = {key: [run + end for run in runs for end in looks] for key, runs in run_groups(ds).items()}
    key = {what: looks[end] for end, what in view.meaning.items()}
    key |= {label: style.REFERENCE for label in endings.without(tables) if label not in look_of}
    return style.figure(
        [*elements, *endings.elements(tables, ranks, labels)],
        frame=frame,
        title=view.title,
        xlabel=labels[0],
        ylabel=words,
        xlim=style.time_limits(times(ds, time_scale)[0], frame, time_scale == "log"),
        ylim=view.limits(tables),
        logx=time_scale == "log",
        logy=True,
        hooks=(
            style.legend(entries, {**key, **endings.LOOKS}),
            endings.hook(tables),
            style.hover([("", "$name"), (labels[0], "@time{0.00e}"), ("value", "@value{0.00e}")]),
        ),
    )
