"""Which knobs the sidebar has, in which sections, and when each matters."""

from __future__ import annotations

import re
from collections.abc import Callable

from gnviz.experiment import DATA_KINDS, TARGETS, Experiment
from gnviz.experiment.surface import CHARTS, MODELS

Visible = Callable[[Experiment], bool]


def _surface(e: Experiment) -> bool:
    return e.on_surface


def _inputs(e: Experiment) -> bool:
    return e.on_surface and e.surface.model != "sphere"


def _network(e: Experiment) -> bool:
    return not e.on_surface


def _made(e: Experiment) -> bool:
    return _network(e) and e.data.kind in ("circle", "ring", "line", "teacher")


def _chosen(e: Experiment) -> bool:
    """Return whether the target is chosen by name; other data come with their own."""
    return (_made(e) and e.data.kind != "teacher") or (_network(e) and e.data.target == "equal-modes")


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
        "data.n": ("Samples", "slider 2 60 2", _made),
        "data.d": ("Inputs d", "slider 1 20 1", lambda e: _made(e) and e.data.kind == "teacher"),
        "data.condition": ("Target κ(K₀)", "log", lambda e: _made(e) and e.data.kind == "circle"),
        "data.noise": ("Noise (std)", "", _made),
        "data.test": ("Test samples", "", lambda e: _network(e) and e.data.target != "equal-modes"),
        "data.seed": ("Data seed", "", lambda e: _made(e) and (e.data.kind == "teacher" or e.data.noise > 0)),
    },
    "Network": {
        "network.width": ("Width", "slider 2 1000 2", _network),
        "network.depth": ("Layers", "slider 1 4 1", _network),
        "network.activation": ("Activation", "", _network),
        "network.alpha": ("Output scaling α", "log 0.01 1000", lambda e: not e.ensemble.alphas),
        "ensemble.alphas": ("Several α, such as 1;10;100", "", _several),
        "network.initialization": ("Initialization", "", _network),
        "network.seed": ("Seed", "", _network),
    },
    "Loss": {
        "loss.kind": ("Loss", "", lambda e: True),
        "loss.delta": ("Turning point δ", "log 0.01 100", lambda e: e.loss.kind == "pseudo-huber"),
        "loss.condition": ("Ratio of weights", "log", lambda e: e.loss.kind == "weighted"),
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


OWN_TABLE = {
    "data.x": "Input columns",
    "data.y": "Target column",
    "data.missing": "Rows with empty cells",
    "data.rows": "Rows to use",
}
"""The knobs of the user's own table, whose widgets come with it."""

LABELS = OWN_TABLE | {name: label for section in SECTIONS.values() for name, (label, _, _) in section.items()}
"""What the sidebar calls each knob."""


def label_of(knob: str) -> str:
    """Return what the sidebar calls a knob; its dotted name if it has no place there."""
    return LABELS.get(knob, knob)


def labelled(message: str) -> str:
    """Return a message with the sidebar's labels, in quotes, in place of knobs' dotted names."""
    words = {name: f"“{label}”" for name, label in LABELS.items()} | {"data.table": "The table"}
    return re.sub(r"[a-z]+\.[a-z_]+", lambda m: words.get(m[0], m[0]), message)


LATER = ("Ensemble", "Clock", "Computing")
"""Sections that are folded away at first."""

OWN_PLACE = ("surface.inputs", "surface.start", "surface.target", "surface.span")
"""Knobs that each surface has its own values for, until they are set."""

CHOICES = {
    "surface.model": {words: model for model, words in MODELS.items()},
    "surface.chart": {words: chart for chart, words in CHARTS.items()},
    "data.kind": {words: kind for kind, words in DATA_KINDS.items()},
    "data.target": {words: target for target, words in TARGETS.items()},
    "clock.kind": {"continuous flow": "flow", "discrete steps": "steps"},
}
