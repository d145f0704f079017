"""Which knobs the sidebar has, in which sections, and when each matters."""

from __future__ import annotations

import re
from collections.abc import Callable

from gnviz.data import DATA_SETS, TARGETS
from gnviz.data.targets import EQUAL_MODES
from gnviz.experiment import Data, Experiment, Loss
from gnviz.experiment.surface import CHARTS, MODELS

Visible = Callable[[Experiment], bool]


def _surface(e: Experiment) -> bool:
    return e.on_surface


def _inputs(e: Experiment) -> bool:
    return e.on_surface and e.surface.model != "sphere"


def _network(e: Experiment) -> bool:
    return not e.on_surface


def _data(knob: str) -> Visible:
    """Return whether the data set in use has a knob."""
    return lambda e: _network(e) and e.data.has(knob)


def _loss(knob: str) -> Visible:
    """Return whether the loss in use has a knob."""
    return lambda e: e.loss.has(knob)


def _chosen(e: Experiment) -> bool:
    """Return whether the target is chosen by name; other data come with their own."""
    return _network(e) and (DATA_SETS[e.data.kind].named_target or e.data.target == EQUAL_MODES)


def _random(e: Experiment) -> bool:
    """Return whether the seed of the data matters, as far as the page can change what it is for."""
    data = DATA_SETS[e.data.kind]
    return _network(e) and data.made and (not data.named_target or e.data.noise > 0)


def _several(e: Experiment) -> bool:
    """Return whether several alphas can be compared, or are to be taken back."""
    return _network(e) or bool(e.ensemble.alphas)


def _flow(e: Experiment) -> bool:
    return e.clock.kind == "flow"


SECTIONS: dict[str, dict[str, tuple[str, str, Visible]]] = {
    "Surface": {
        "surface.model": ("Model", "", _surface),
        "surface.formula": ("Formula of w1, w2, x", "", lambda e: e.surface.model == "formula"),
        "surface.chart": ("Coordinates", "", _surface),
        "surface.target": ("Target", "numbers -3 3 y1 y2 y3", _surface),
        "surface.start": ("Start", "numbers -3 3 w1 w2", _surface),
        "surface.inputs": ("Inputs", "numbers -3 3 x1 x2 x3", _inputs),
    },
    "Data": {
        "data.kind": ("Data", "", _network),
        "data.target": ("Target", "", _chosen),
        "data.n": ("Samples", "slider 2 60 2", _data("n")),
        "data.d": ("Inputs d", "slider 1 20 1", _data("d")),
        "data.condition": ("Conditioning κ(K₀)", "log", _data("condition")),
        "data.noise": ("Noise (std)", "", _data("noise")),
        "data.test": ("Test samples", "", lambda e: _network(e) and e.data.target != EQUAL_MODES),
        "data.standardize": ("Standardize columns", "", _data("standardize")),
        "data.seed": ("Data seed", "", _random),
    },
    "Network": {
        "network.width": ("Width", "slider 2 1000 2", _network),
        "network.depth": ("Layers", "slider 1 4 1", _network),
        "network.activation": ("Activation", "", _network),
        "network.alpha": ("Output scaling α", "log 0.01 1000", lambda e: not e.ensemble.alphas),
        "ensemble.alphas": ("Several α, such as 1;10;100", "", _several),
        "network.initialization": ("Initialization", "", _network),
        "network.spread": ("Spread of initial weights", "log 0.01 10", _network),
        "network.seed": ("Seed", "", _network),
    },
    "Loss": {
        "loss.kind": ("Loss", "", lambda e: True),
        "loss.delta": ("Turning point δ", "log 0.01 100", _loss("delta")),
        "loss.condition": ("Ratio of weights", "log", _loss("condition")),
    },
    "Ensemble": {
        "ensemble.seeds": ("Initial weights", "slider 1 20 1", _network),
    },
    "Clock": {
        "clock.kind": ("Clock", "", lambda e: True),
        "clock.horizon": ("Flow time to reach", "", _flow),
        "clock.tol": ("Flow accuracy", "log 1e-5 3e-2", _flow),
        "clock.steps": ("Steps", "", lambda e: not _flow(e)),
        "clock.step_rule": ("Step size", "", lambda e: not _flow(e)),
        "clock.step_size": ("η", "", lambda e: not _flow(e) and e.clock.step_rule != "stable"),
        "clock.spacing": ("Moments spaced", "", lambda e: True),
        "clock.snapshots": ("Moments", "slider 20 400 10", lambda e: True),
    },
    "Computing": {
        "device": ("Device", "", lambda e: True),
        "engine": ("Engine", "", lambda e: True),
        "dtype": ("Precision", "", lambda e: True),
    },
}
"""The knobs of each section: the label, the widget's style, and for which experiments it is shown."""


FRONT = {
    "surface.chart": (),
    "surface.model": (),
    "data.condition": ("well conditioned", "ill conditioned"),
    "methods": ("gradient flow", "Gauss-Newton"),
    "network.alpha": ("rich: features move", "lazy: the kernel stays"),
    "network.width": ("narrow", "wide"),
}
"""The knobs under the leading pictures, where they matter, and what the ends of their sliders mean.

Of the methods it is the damping.
"""

OWN_TABLE = {
    "data.x": "Input columns",
    "data.y": "Target column",
    "data.missing": "Rows with empty cells",
    "data.rows": "Rows to use",
}
"""The knobs of the user's own table, whose widgets come with it."""

IN_PYTHON = ("data.path", "data.table", "data.separation")
"""Knobs of data sets that have no place in the sidebar."""


def sections() -> dict[str, dict[str, tuple[str, str, Visible]]]:
    """Return `SECTIONS`, with the knobs that data sets and losses from outside have beside these."""
    placed = {name for section in SECTIONS.values() for name in section} | {*OWN_TABLE, *IN_PYTHON}
    out = {title: dict(section) for title, section in SECTIONS.items()}
    for title, group, visible in (("Data", Data, _data), ("Loss", Loss, _loss)):
        for knob in group.knobs():
            if (name := group.spelling(knob)) not in placed:
                out[title][name] = (knob, "", visible(knob))
    return out


def choices(knob: str) -> dict[str, str]:
    """Return a knob's values by the words that a menu has for them; empty for the values themselves."""
    if knob == "data.kind":
        return {kind.meaning or label: label for label, kind in DATA_SETS.items() if kind.offered}
    return CHOICES.get(knob, {})


LABELS = OWN_TABLE | {name: label for section in SECTIONS.values() for name, (label, _, _) in section.items()}
"""What the sidebar calls each knob."""


def label_of(knob: str) -> str:
    """Return what the sidebar calls a knob; its dotted name if it has no place there."""
    return LABELS.get(knob, knob)


def labelled(message: str) -> str:
    """Return a message with the sidebar's labels, in quotes, in place of knobs' dotted names."""
    words = {name: f"“{label}”" for name, label in LABELS.items()} | {"data.table": "The table"}
    return re.sub(r"[a-z]+\.[a-z_]+", lambda m: words.get(m[0], m[0]), message)


ANY = ("Loss", "Clock", "Computing")
"""Sections that act on a problem of any kind, also of the user's own."""

LATER = ("Ensemble", "Clock", "Computing")
"""Sections that are folded away at first."""

OWN_PLACE = ("surface.inputs", "surface.start", "surface.target", "surface.span")
"""Knobs that each surface has its own values for, until they are set."""

CHOICES = {
    "surface.model": {words: model for model, words in MODELS.items()},
    "surface.chart": {words: chart for chart, words in CHARTS.items()},
    "data.target": {words: target for target, words in TARGETS.items()},
    "clock.kind": {"continuous flow": "flow", "discrete steps": "steps"},
}
