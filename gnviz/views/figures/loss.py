"""Figure `loss`: how fast every method learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gnviz.analysis import certificates
from gnviz.analysis.time_to_loss import with_ends
from gnviz.views import endings
from gnviz.views import pins as pinned
from gnviz.views import seeds as spread
from gnviz.views.base import (
    APRIORI,
    BOUND,
    FROZEN,
    FROZEN_WORDS,
    TEST,
    VOID,
    Scale,
    Table,
    Tables,
    View,
    loss_label,
    require,
    time_label,
)
from gnviz.views.over_time import run_mark, time_plot
from gnviz.views.pins import Pin
from gnviz.views.plot import GREY, Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.seeds import Seeds
from gnviz.views.values import finite, log_limits, positive, rounding, times

if TYPE_CHECKING:
    import xarray as xr

LINES: Mapping[str, Mapping[str, Any]] = {
    VOID: {"dash": (10, 3, 2, 3), "width": 1.3, "color": GREY, "alpha": 0.6},
    APRIORI: {"dash": (10, 3, 2, 3), "width": 1.3},
    BOUND: {"dash": (5, 4), "width": 1.3},
    TEST: {"dash": (1, 3), "width": 2.2},
    FROZEN: {"width": 1.1, "alpha": 0.7},
    "": {},
}
"""How a run's curves are drawn, by the ending of their labels."""

WORDS = {BOUND: "certified bound", APRIORI: "promised bound", TEST: "test samples", FROZEN: FROZEN_WORDS}
"""What the legend calls them."""

INFORMATIVE = 0.5
"""Share of the first loss that an a-priori bound must have fallen to while it held, to be worth its line."""

MOST_BOUNDS = 6
"""Runs beyond which a-priori bounds hide the curves that they speak of."""

Apriori = Literal["informative", "always", "never"]

CONDITION: tuple[Tip, ...] = (
    ("‖Kₜ − K₀‖₂", "change", "0.00e"),
    ("must be at most λ₀/2 =", "limit", "0.00e"),
)
"""What the a-priori bound's hover adds: both sides of its condition."""

ROOM_ABOVE = 1e6
"""How far above where it started a diverging loss is followed before it leaves the figure."""


class Loss(View):
    """The loss of every run against time, with its running certificate, a-priori bound and test loss."""

    label = "loss"
    title = "Loss over time"
    caption = (
        "How fast each method fits the data: the lower the sooner, the better. Flow time is training's own "
        "clock, not the computer's; "
        "the thin dashed line is the bound that theory certifies while the run goes on, a dash-dotted one "
        "what it promised before, grey once its condition fails; a dotted one the loss on test samples; a "
        "thin one is what would happen if the kernel stayed as it is at the start."
    )
    needs = ("loss", "bound")

    def tables(
        self,
        ds: xr.Dataset,
        *,
        time_scale: Scale = "log",
        bound: bool = True,
        apriori: Apriori = "informative",
        frozen: bool = True,
        seeds: Seeds = "usual",
        pins: Sequence[Pin] = (),
    ) -> Tables:
        """Return time and loss of each run, its bounds, and its test loss where there are test samples.

        A run that ended between two moments has its end in the place of the later one.

        The a-priori bound comes in two parts: while its condition holds, and after, each with the
        condition's value and limit. An informative one has fallen to `INFORMATIVE` of the first loss while
        its condition held; others are not drawn (NaN).

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
            bound: Whether to draw the running certificates.
            apriori: Which a-priori bounds to draw; with more than `MOST_BOUNDS` runs none of them is
                informative.
            frozen: Whether to draw what would happen if the kernel stayed as it is at the start, where that
                is known; not for more than `MOST_BOUNDS` runs.
            seeds: Whether runs that differ in their seed alone are drawn as their median and their range,
                with neither bounds nor test losses; as usual: if they are more than three.
            pins: Other results whose losses are drawn beside.
        """
        require(ds, self)
        pinned_tables = pinned.tables_of(pins, lambda other: _courses(other, time_scale))
        if spread.together(ds, seeds):
            return pinned_tables | spread.tables_of(ds, "loss", *times(ds, time_scale))
        ds = shown(ds)
        time, keep = times(ds, time_scale)
        tested = "test_loss" in ds and bool(np.isfinite(ds["test_loss"].values).any())
        promises, lazy = _promises(ds, apriori), _frozen(ds, time_scale) if frozen else {}
        out: Tables = {}
        for i, label in enumerate(run_labels(ds)):
            out |= {label + FROZEN: lazy[label]} if label in lazy else {}
            for ending, table in promises.get(label, {}).items():
                out[label + ending] = {"time": time} | {name: x[keep] for name, x in table.items()}
            if bound and _certified(ds):
                out[label + BOUND] = {"time": time, "loss": positive(ds["bound"].values[i, keep])}
            if tested:
                out[label + TEST] = {"time": time, "loss": positive(ds["test_loss"].values[i, keep])}
            out[label] = _course(ds, i, keep)
        return pinned_tables | out | endings.tables_of(ds, out)

    def marks(
        self,
        ds: xr.Dataset,
        tables: Tables,
        *,
        seeds: Seeds = "usual",
        pins: Sequence[Pin] = (),
        **options: Any,
    ) -> Plot:
        """Return the figure's axes and marks.

        Args:
            ds: The Dataset that the tables are of.
            tables: What `tables` has returned.
            seeds: As given to `tables`.
            pins: Those given to `tables`.
            options: The other options, and `time_range`; see `View`.
        """
        tips: tuple[Tip, ...] = (
            ("run", "$name", ""), (time_label(ds), "time", "0.00e"), ("loss", "loss", "0.00e")
        )  # fmt: skip
        if spread.together(ds, seeds):
            return self._spread(ds, tables, pins, tips, options)
        ds = shown(ds)
        looks, entries = run_looks(ds), entries_of(ds)

        def mark(label: str) -> Mark:
            said = (*tips, *CONDITION) if label.endswith((APRIORI, VOID)) else tips
            found = run_mark(label, looks, entries, LINES, said)
            assert found is not None, f"{label} is no run's"
            return found

        key = [*pinned.key(pins), *_kinds(tables)]
        own = {label: table for label, table in tables.items() if not pinned.is_pinned(label)}
        curves = (*pinned.marks(pins, tables, tips), *map(mark, endings.without(own)))
        marks = (*curves, *endings.marks(own, looks, tips=tips))
        return time_plot(
            self,
            ds,
            tables,
            Axis(loss_label(ds), log=True),
            marks,
            key=key,
            entries=tuple(run_groups(ds)),
            **options,
        )

    def _spread(
        self, ds: xr.Dataset, tables: Tables, pins: Sequence[Pin], tips: tuple[Tip, ...], options: Any
    ) -> Plot:
        """Return the marks of medians and ranges: a click in the legend hides both."""
        looks = spread.looks(ds)
        own: list[Mark] = []
        for label, look in looks.items():
            band = {"color": look.color, "alpha": spread.OPACITY, "entry": label}
            own += [Mark(label + spread.RANGE, "band", **band)]
            own += [Mark(label, color=look.color, dash=look.dash, entry=label, tips=tips)]
        marks, key = (*pinned.marks(pins, tables, tips), *own), [*pinned.key(pins), spread.key(ds)]
        axis, entries = Axis(loss_label(ds), log=True), tuple(looks)
        return time_plot(self, ds, tables, axis, marks, key=key, entries=entries, **options)

    def limits(self, tables: Tables) -> Range:
        """Return decades around all losses; one that blows up is followed only so far."""
        curves = endings.without(tables).values()
        losses = [table[name] for table in curves for name in ("loss", "low", "high") if name in table]
        start = max((float(x[np.isfinite(x)][0]) for x in losses if np.isfinite(x).any()), default=1.0)
        return log_limits(losses, top=start * ROOM_ABOVE)


def _kinds(tables: Tables) -> list[Key]:
    """Return what the legend says of curves beside the runs' own, from the start: it must not grow later.

    A-priori bounds are drawn only where they say something, and told of only there.
    """
    found = {end: [table["loss"] for label, table in tables.items() if label.endswith(end)] for end in WORDS}
    informative = any(np.isfinite(losses).any() for losses in found[APRIORI])
    return [
        Key(what, Mark("", **LINES[end]), there=end != APRIORI or informative)
        for end, what in WORDS.items()
        if found[end]
    ]


def _courses(ds: xr.Dataset, scale: Scale) -> Tables:
    """Return time and loss of each run."""
    _, keep = times(ds, scale)
    return {label: _course(ds, i, keep) for i, label in enumerate(run_labels(ds))}


def _course(ds: xr.Dataset, run: int, keep: Any) -> Table:
    """Return time and loss of one run, its end among them, at the moments that are kept."""
    when, losses = with_ends(ds)[run]
    return {"time": when[keep], "loss": positive(losses[keep])}


def _certified(ds: xr.Dataset) -> bool:
    """Return whether there can be certificates: of the flow, and of residuals that can decay to 0."""
    return ds.attrs.get("clock", "flow") == "flow" and ds.sizes["mode"] == ds.sizes["sample"]


def _frozen(ds: xr.Dataset, scale: Scale) -> Tables:
    """Return each run's loss if its kernel stayed, over the whole time grid, as far as it is no rounding."""
    if "frozen_loss" not in ds or ds.sizes["run"] > MOST_BOUNDS:
        return {}
    time, losses = ds["moment"].values, ds["frozen_loss"].values
    keep = time > 0 if scale == "log" else slice(None)
    least = 0.5 * rounding(ds, np.abs(ds["residual_modes"].values[:, :1])) ** 2
    return {
        label: {"time": time[keep], "loss": positive(np.where(row > least, row, np.nan))[keep]}
        for label, row in zip(run_labels(ds), losses, strict=True)
    }


def _promises(ds: xr.Dataset, which: Apriori) -> dict[str, Tables]:
    """Return both parts of each run's a-priori bound by ending, at all moments; a run may have none."""
    if which == "never" or (which == "informative" and ds.sizes["run"] > MOST_BOUNDS):
        return {}
    lights = certificates.lights(ds, certificates.APRIORI)
    found = ((i, run, row[0]) for i, (run, row) in enumerate(lights.items()) if row)
    return {run: _parts(ds["apriori"].values[i], light, which == "always") for i, run, light in found}


def _parts(bound: np.ndarray, light: certificates.Condition, always: bool) -> Tables:
    """Return what held and what is void of a bound; the void part begins where the other ends."""
    held = light.green
    void = ~held
    void[:-1] |= void[1:]
    worth = always or bool((bound[held] <= INFORMATIVE * bound[0]).any())
    sides: Table = {"change": finite(light.value), "limit": finite(light.limit)}
    parts = {APRIORI: held, VOID: void}
    return {
        end: {"loss": positive(np.where(part & worth, bound, np.nan))} | sides for end, part in parts.items()
    }
