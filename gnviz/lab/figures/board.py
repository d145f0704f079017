"""The board: all pictures of a live run, built once and fed as moments arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

import numpy as np
import panel as pn
import param
import xarray as xr

from gnviz.lab.figures.browser.grip_in_space import ALONG, FREE
from gnviz.lab.figures.cards import HEIGHT, Cards, menu
from gnviz.lab.figures.live_figure import LiveFigure, live
from gnviz.lab.figures.live_surface import LiveSurface
from gnviz.lab.figures.prints import printed
from gnviz.lab.figures.times import time_range
from gnviz.lab.look.layout import show, stack
from gnviz.lab.run.plans import PLANS, Plan
from gnviz.lab.run.scrubber import LATEST
from gnviz.methods import display_name
from gnviz.problem.models.charts import chart
from gnviz.results import Recording
from gnviz.views import VIEWS
from gnviz.views.base import takes
from gnviz.views.figures.function_space.directions import AXES
from gnviz.views.figures.manifold.figure import COLORS, mesh_picked
from gnviz.views.figures.manifold.scene import START, TARGET
from gnviz.views.pins import Pin
from gnviz.views.runs import name_of
from gnviz.views.values import at

LEGENDS = ("excess", "loss")
"""Figures that may name the runs: the first of a page does, the others show them in the same colours."""

OWN_LEGENDS = ("manifold", "rates", "learned")
"""Figures that have a legend of their own wherever they stand."""

HASTE = 2
"""How much more often they are drawn where a browser cannot show all at once."""

SHORT_AXES: dict[str, str] = dict(zip(("kernel eigenvectors", "PCA of the paths"), AXES, strict=True))
"""The directions in words that fit a title bar."""

SEEDS = {"seeds as usual": "usual", "each seed": "each", "median, range": "median"}
"""Ways to draw runs that differ in their seed alone, in words that fit a title bar."""

HAND = 1.0
"""Seconds for which a surface is said to be in the user's hand after one of its points was moved."""

ALL_MODES = {"all modes": ""}
"""The menu's first entry; the others are the modes' numbers."""

MENUS = ("seeds", "time_scale", "run", "color", "axes")
"""Options that a menu chooses, which stands in the title bar of the first figure that has the option."""


class Board(pn.viewable.Viewer):
    """One card for each view; `begin` starts a recording, `update` extends it, `seek` goes to a moment of it.

    Args:
        plan: Which figures, and how wide.
    """

    mode = param.Integer(None, allow_None=True, doc="The mode, from 1, that all figures single out.")

    start = param.List(
        None, allow_None=True, doc="Base parameters of a surface, w1 and w2, that are clicked on."
    )

    target = param.List(None, allow_None=True, doc="A surface's target, y1 to y3, that was dragged.")

    def __init__(self, plan: Plan = PLANS["training"], **params: Any) -> None:
        super().__init__(**params)
        self._plan, self._moment = plan, LATEST
        self.cards = Cards(plan.figures, self._choices)
        self._recording: Recording | None = None
        self._reference: xr.Dataset | None = None
        self._pins: tuple[Pin, ...] = ()
        self._near: Sequence[str] | None = None  # figures in sight, beside those that lead
        self._shown: dict[str, int] = {}  # moments in each figure
        self.cards.absent = set(plan.instead)  # figures in whose place another stands
        self._old: set[str] = set()  # figures that still show the recording before
        self._faint, self._dragged = False, float("-inf")
        named = (*[name for name in LEGENDS if name in plan.figures][:1], *OWN_LEGENDS)
        self.figures = {name: live(VIEWS[name], height=HEIGHT, legend=name in named) for name in plan.figures}
        self.cards.fill(self.figures)
        scales = {"log time": "log", "linear time": "linear"}
        self.time_scale = menu(scales, 115, label="Scale of the time axes", value=plan.time_scale)
        self.run = menu([], 150, label="Whose modes, eigenvalues or residual are drawn")
        self.color = menu(list(COLORS), 115, label="What the surface's colour means")
        self.axes = menu(SHORT_AXES, 165, label="The directions that the path is seen along")
        self.seeds = menu(SEEDS, 150, label="How runs of several seeds are drawn")
        self.single = menu(ALL_MODES, 105, label="The mode that all figures single out")
        self.single.param.watch(lambda event: self._pick(int(event.new or 0) - 1), "value")
        for option in MENUS:
            choice = getattr(self, option)
            choice.param.watch(lambda _, option=option: self._redraw(self._with(option)), "value")
        for name in ("spectrum", "learned"):
            if name in self.figures:
                self.figures[name].on_pick(self._pick)
        if "manifold" in self.figures:
            surface = self.figures["manifold"]
            assert isinstance(surface, LiveSurface)
            surface.on_pick(self._pick_on_surface)
            surface.on_place({TARGET: FREE, START: ALONG}, self._place_in_space)
        if "parameter_plane" in self.figures:
            self._flat("parameter_plane").on_place(START, self._place_in_plane)

    def begin(self, recording: Recording, moment: int = LATEST, at_once: int | None = None) -> None:
        """Begin a recording, with one moment at least: draw it afresh, and follow it or go to a moment.

        Args:
            recording: What to show.
            moment: Which of its moments; the latest and those to come if none is given.
            at_once: Figures to draw now, the first of the page; the others are drawn faint until they have
                had their turn with `update`. None: all.
        """
        self._recording = self._reference = None  # the selectors below must not redraw the old one
        labels = list(recording.header.labels)
        chosen = self.run.value if self.run.value in labels else labels[0]
        self.run.param.update(
            options={display_name(run, recording.header.clock): run for run in labels}, value=chosen
        )
        count = recording.header.basis.shape[1]
        if self.mode is not None and self.mode > count:
            self.mode = None
        self.single.options = ALL_MODES | {f"mode {i}": str(i) for i in range(1, count + 1)}
        show(self.seeds, len(set(recording.header.seeds)) > 1)
        self._recording, self._moment = recording, moment
        self.cards.absent = self._without(recording.dataset())
        there = [name for name in self.figures if name not in self.cards.absent]
        self._old, self._shown = set(there), dict.fromkeys(there, 0)
        self.cards.dress()
        self._redraw(self._turn(self._seen(there)[:at_once], at_once))

    def see(self, near: Sequence[str] | None) -> None:
        """Draw those figures alone that are in sight, and those that lead, from now on; None: all."""
        self._near = near

    def _seen(self, names: Iterable[str]) -> list[str]:
        """Return those figures that are in sight, or lead the page."""
        return [n for n in names if self._near is None or n in self.cards.first or n in self._near]

    @property
    def behind(self) -> list[str]:
        """The figures in sight that do not show all that is recorded, the one that lacks most first."""
        if self._recording is None:
            return []
        lacking = {name: self._recording.count - shown for name, shown in self._shown.items()}
        late = [name for name in self._seen(lacking) if lacking[name]]
        return sorted(late, key=lambda name: -lacking[name] * (HASTE if name in self.cards.first else 1))

    def update(self, at_once: int | None = None) -> None:
        """Draw what has come since, in at most `at_once` of the figures that are behind (None: in all)."""
        assert self._recording is not None
        ds = self._recording.dataset()
        for name in self._turn(self.behind[:at_once], at_once):
            if name in self._old:
                self._redraw((name,))
            elif self.figures[name].update(ds):
                self._shown[name] = self._recording.count

    def compare(self, reference: xr.Dataset | None) -> bool:
        """Draw another run's paths beside this one's, or (None) no more; return whether that is a change."""
        if reference is self._reference:
            return False
        self._reference = reference
        self._redraw(self._with("reference"))
        return True

    def pin(self, pins: Sequence[Pin]) -> None:
        """Draw other results beside the recording's, in the figures that can."""
        if (pins := tuple(pins)) != self._pins:
            self._pins = pins
            self._redraw(tuple(self._current(self._with("pins"))))

    def seek(self, moment: int) -> None:
        """Go to a recorded moment in all figures, or to the latest and those to come.

        Surfaces follow with the next `update`: no frame waits for them.
        """
        self._moment = moment
        if self._recording is None:
            return
        ds = self._recording.dataset()
        self._move_cursors(ds, self._with("time_scale"))
        for name in self._current(self._with("moment")):
            self.figures[name].options["moment"] = moment
            at_once = not VIEWS[name].solid and self._seen([name]) and self.figures[name].update(ds)
            self._shown[name] = self._recording.count if at_once else 0

    def _move_cursors(self, ds: xr.Dataset, names: Iterable[str]) -> None:
        when = None if self._moment == LATEST else float(ds["time"].values[self._moment])
        for name in self._current(names):
            self._flat(name).point(when)

    def reading(self) -> str:
        """Return what there is to say of the mode singled out, at the moment shown."""
        if self._recording is None or self.mode is None or not self._recording.count:
            return ""
        ds = self._recording.dataset()
        sizes, rates = (at(ds, name, self._moment)[:, self.mode - 1] for name in ("eigenvalues", "rate"))
        each = (f"{r:.3g} ({name_of(ds, run)})" for run, r in zip(ds["run"].values, rates, strict=True))
        return f"Mode {self.mode}: λ = {_span(sizes)}, learned at the rate " + ", ".join(each)

    @param.depends("mode", watch=True)
    def _single_out(self) -> None:
        self.single.value = str(self.mode or "")
        if self._recording is None:
            return
        ds = self._recording.dataset()
        for name in self._current(self._with("mode")):
            self.figures[name].options["mode"] = self.mode
            at_once = self._seen([name]) and self.figures[name].update(ds)  # which keeps the zoom
            self._shown[name] = self._recording.count if at_once else 0
            self._flat(name).single_out(self.mode)

    def _pick(self, position: int) -> None:
        self.mode = position + 1 if position >= 0 else None

    def _pick_on_surface(self, number: int) -> None:
        """Take a point of the surface's mesh as the start."""
        assert self._recording is not None
        ds = self._recording.dataset()
        rows, columns = mesh_picked(ds)
        row, column = divmod(number, len(columns))
        first, second = ds["mesh_1"].values[rows[row]], ds["mesh_2"].values[columns[column]]
        self.start = [float(first), float(second)]

    def _turn(self, names: Sequence[str], at_once: int | None) -> tuple[str, ...]:
        """Return which figures to draw now.

        Where not all are, no flat one waits for a surface to be painted, unless that is in the user's hand.
        """
        flat = tuple(name for name in names if not VIEWS[name].solid)
        in_hand = monotonic() - self._dragged < HAND
        return flat if flat and at_once is not None and not in_hand else tuple(names)

    def _place_in_space(self, name: str, place: list[float], number: int) -> None:
        """Take the place to which the start or the target was dragged in the surface's picture."""
        self._dragged = monotonic()
        if name == TARGET:
            self.target = place
        elif number >= 0:
            self._pick_on_surface(number)

    def _place_in_plane(self, first: float, second: float) -> None:
        """Take a place in the parameter plane as the start: its base parameters, whatever the chart."""
        assert self._recording is not None
        name = str(self._recording.dataset().attrs.get("chart", "plain"))
        self.start = list(chart(name).base(first, second))

    def _flat(self, name: str) -> LiveFigure:
        """Return a figure that is not a surface."""
        figure = self.figures[name]
        assert isinstance(figure, LiveFigure)
        return figure

    def _current(self, names: Iterable[str]) -> list[str]:
        """Return those figures that show the recording; the others will begin it as things are then."""
        return [name for name in names if name not in self._old | self.cards.absent]

    def _without(self, ds: xr.Dataset) -> set[str]:
        """Return the figures that are not there: of two for one place, the one that says less of the data."""
        pairs = self._plan.instead.items()
        return {old if VIEWS[new].suits(ds) else new for new, old in pairs}

    def _with(self, option: str) -> tuple[str, ...]:
        return tuple(name for name in self.figures if takes(type(VIEWS[name]), option))

    def _redraw(self, names: Iterable[str]) -> None:
        """Draw those of some figures afresh that are in sight; the others once they are."""
        if self._recording is None:
            return
        names = [name for name in names if name not in self.cards.absent]
        at_once = self._seen(names)
        self._old |= set(names)
        self._shown |= dict.fromkeys(names, 0)
        self._begin(at_once)

    def _begin(self, names: Sequence[str]) -> None:
        """Draw some figures afresh; those that are not drawn yet are faint."""
        assert self._recording is not None
        ds = self._recording.dataset()
        for name in names:
            self.figures[name].begin(ds, **self._options(name, ds))
            self._shown[name] = self._recording.count
        self._old -= set(names)
        self.fade(self._faint)
        self._move_cursors(ds, [name for name in self._with("time_scale") if name in names])

    def fade(self, faint: bool) -> None:
        """Draw all figures faint, or only those that show the recording before."""
        self._faint = faint
        self.cards.fade(self.figures if faint else self._old)

    def _options(self, name: str, ds: xr.Dataset) -> dict[str, Any]:
        assert self._recording is not None
        known = {option: getattr(self, option).value for option in MENUS}
        known |= {"mode": self.mode, "moment": self._moment, "reference": self._reference}
        known["pins"] = self._pins
        options = {option: value for option, value in known.items() if takes(type(VIEWS[name]), option)}
        beside = [pin.dataset for pin in options.get("pins", ())]
        scale = options.get("time_scale", "log")
        return options | {"time_range": time_range(self._recording.header, ds, beside, scale)}

    def printed(self, name: str) -> dict[str, Any]:
        """Return what the browser needs to draw a figure for a file.

        Raises:
            ValueError: There is no such figure now.
        """
        if self._recording is None or name not in self.titles:
            raise ValueError("there is no such figure any more")
        if name in self._old:
            self._begin([name])
        return printed(self.figures[name], self._recording.dataset())

    @property
    def titles(self) -> dict[str, str]:
        """What the figures are called that show the recording, or will once they are in sight."""
        return {name: VIEWS[name].title for name in self._shown if name not in self.cards.absent}

    def describe(self) -> None:
        """Put into words, for who cannot see it, one figure in sight that has changed since."""
        for name in self._seen(self._current(self.cards.titled)):
            if not self.figures[name].told:
                self.cards.describe(name, self.figures[name].words)
                self.figures[name].told = True
                return

    def _choices(self, name: str) -> list[pn.viewable.Viewable]:
        """Return the menus in a figure's title bar: each stands at the first figure that it concerns."""
        menus = [getattr(self, option) for option in MENUS if self._home(option) == name]
        return [*menus, self.single] if self._home("mode") == name else menus

    def _home(self, option: str) -> str:
        """Return the first figure that an option concerns, of those that are always there if there is one."""
        names, changing = self._with(option), {*self._plan.instead.keys(), *self._plan.instead.values()}
        return next(iter([*(name for name in names if name not in changing), *names]), "")

    def __panel__(self) -> pn.viewable.Viewable:
        return stack(self.cards.leading, self.cards.others)


def _span(values: np.ndarray) -> str:
    """Return one number if all values round to it, else the least and the largest."""
    low, high = (f"{x:.3g}" for x in (np.nanmin(values), np.nanmax(values)))
    return low if low == high else f"{low} to {high}"
