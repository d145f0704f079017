"""The pages: which figures each shows, and which experiments it is for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gnviz.experiment import Experiment
from gnviz.views import FIGURES, VIEWS

Spans = dict[str, int]
"""Columns, of twelve, by the least width of the window (a name in `layout.BREAKPOINTS`)."""


@dataclass(frozen=True)
class Plan:
    """A page.

    Attributes:
        title: For the button that opens it.
        preset: The experiment that it opens with, where it does not fit the one that is set.
        figures: Its figures, in order, and their widths; the first two lead, and are larger.
        fits: Whether it can show an experiment.
        time_scale: Of the time axes at first.
        instead: Figures that take another's place where they have something to show.
    """

    title: str
    preset: str
    figures: dict[str, Spans]
    fits: Callable[[Experiment], bool]
    time_scale: str = "log"
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_plotly(self) -> bool:
        """Whether the browser needs Plotly for a figure."""
        return any(VIEWS[name].solid for name in self.figures)


def _network(experiment: Experiment) -> bool:
    return not experiment.on_surface


def _scaling(experiment: Experiment) -> bool:
    """Return whether alphas are compared by a flow from the same predictions: the paper's third figure."""
    several = len(experiment.ensemble.alphas) > 1 and experiment.clock.kind == "flow"
    return _network(experiment) and several and experiment.network.initialization == "centred"


PLANS: dict[str, Plan] = {
    "training": Plan(
        "Training",
        "figure2",
        {
            "loss": {"xs": 12, "md": 7},
            "learned": {"xs": 12, "md": 5},
            "function_space": {"xs": 12, "md": 6, "lg": 4},
            "fit": {"xs": 12, "md": 6, "lg": 4},
            "decision": {"xs": 12, "md": 6, "lg": 4},
            "modes": {"xs": 12, "md": 6, "lg": 4},
            "spectrum_time": {"xs": 12, "md": 6},
            "spectrum": {"xs": 12, "md": 6},
        },
        _network,
        instead={"decision": "fit"},
    ),
    "theory": Plan(
        "Theory",
        "figure2",
        {
            "loss": {"xs": 12, "md": 7},
            "rates": {"xs": 12, "md": 5},
            "modes": {"xs": 12, "md": 6, "lg": 3},
            "spectrum": {"xs": 12, "md": 6, "lg": 3},
            "kernel": {"xs": 12, "md": 6, "lg": 3},
            "drift": {"xs": 12, "md": 6, "lg": 3},
        },
        _network,
    ),
    "scaling": Plan(
        "Scaling",
        "figure3",
        {
            "excess": {"xs": 12, "md": 7},
            "loss": {"xs": 12, "md": 5},
            "singular": {"xs": 12, "md": 4},
            "distance": {"xs": 12, "md": 4},
            "pl_ratio": {"xs": 12, "md": 4},
        },
        _scaling,
        time_scale="linear",
    ),
    "manifold": Plan(
        "Manifold",
        "figure1",
        {
            "manifold": {"xs": 12, "md": 7},
            "parameter_plane": {"xs": 12, "md": 5},
            "loss": {"xs": 12, "md": 6, "lg": 3},
            "curvature": {"xs": 12, "md": 6, "lg": 3},
            "fit": {"xs": 12, "md": 6, "lg": 3},
            "spectrum_time": {"xs": 12, "md": 6, "lg": 3},
        },
        lambda experiment: experiment.on_surface,
    ),
    "map": Plan("Map", "figure2", {}, _network),  # of a sweep: see `gnviz.lab.map`
}
"""The pages, in the order of their buttons."""

ANYWHERE: Spans = {"xs": 12, "md": 6, "lg": 4}
"""Width of a figure that no page names."""


def plan_of(page: str) -> Plan:
    """Return a page, with the figures that belong there and that no page names: those from outside."""
    named = {label for plan in PLANS.values() for label in plan.figures}
    strange = {x: ANYWHERE for x, kind in FIGURES.items() if x not in named and kind.page == page}
    return replace(PLANS[page], figures=PLANS[page].figures | strange)


ANY = ("training", "theory")
"""Pages that show a problem of any kind, also of the user's own."""

HOMES = ("manifold", "scaling", "training")
"""Pages that experiments open on: the first of these that fits."""


@functools.lru_cache(maxsize=32)
def read_once(text: str) -> Experiment:
    """Return an experiment from JSON, which takes 6 ms to read."""
    return Experiment.from_json(text)


def home(experiment: Experiment) -> str:
    """Return the name of the page that shows what an experiment is about."""
    return next(name for name in HOMES if PLANS[name].fits(experiment))
