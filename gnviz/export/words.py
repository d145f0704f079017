"""An experiment in words: a title, and what is set otherwise than usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS, preset
from gnviz.knobs import quoted, text_of
from gnviz.methods import display_name


class Setting(NamedTuple):
    """A knob.

    Attributes:
        name: Dotted, as in links.
        value: Its text.
        meaning: Of the knob, or of the kind that it names.
    """

    name: str
    value: str
    meaning: str


def title_of(experiment: Experiment) -> str:
    """Return a title: a preset's sentence, or which methods train on what."""
    for name, (words, _) in PRESETS.items():
        if experiment.replace({"engine": "auto", "device": "auto"}) == preset(name):
            return words
    methods = [display_name(method, experiment.clock.kind) for method in experiment.methods]
    what = (
        f"the surface {experiment.surface.words}" if experiment.on_surface else experiment.data.choice.meaning
    )
    return f"{', '.join(methods)}: {what}"


def settings_of(experiment: Experiment) -> list[Setting]:
    """Return the methods, data, loss and what else is not as usual, in the experiment's order."""
    return [*_methods(experiment), *_others(experiment)]


def _methods(experiment: Experiment) -> Iterator[Setting]:
    for method in experiment.parsed_methods:
        yield Setting("methods", str(method), f"{method.formula}; {method.meaning}")


def _others(experiment: Experiment) -> Iterator[Setting]:
    usual = Experiment()
    for name, knob in Experiment.knobs().items():
        group, _, leaf = name.partition(".")
        if not leaf:
            value, default = getattr(experiment, name), getattr(usual, name)
        elif group in ("data", "loss"):
            chosen = getattr(experiment, group)
            if leaf == "kind":
                yield Setting(name, chosen.kind, chosen.choice.meaning)
                continue
            if not chosen.has(leaf):
                continue  # of another kind: it does not act
            value, default = getattr(chosen, leaf), chosen.choice.knobs()[leaf].default
        else:
            value, default = (getattr(getattr(part, group), leaf) for part in (experiment, usual))
        if value != default and name != "methods":
            yield Setting(name, _short(value), " ".join((knob.doc or "").split()))


def _short(value: object) -> str:
    return quoted(value) if isinstance(value, str) and "\n" in value else text_of(value)
