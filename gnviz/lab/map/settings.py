"""What a map shows: its axes, its measure, and what is repeated; and how the page's address says it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, quoted, unknown
from gnviz.lab.map.axes import DAMPING, Axis, label_of, read_axis, usual
from gnviz.methods import METHODS
from gnviz.sweeps import MEASURES
from gnviz.sweeps.method_knobs import split_name, with_values, without_values
from gnviz.sweeps.sweep import LEVEL
from gnviz.views.sweeps.standing import STATUS

PREFIX = "map."
"""What the names of a map's settings in an address begin with."""

TIME = "time_to_loss"

MEASURE_WORDS = {"Time to a loss": TIME} | {
    f"{measure.words[0].upper()}{measure.words[1:]}": name for name, measure in MEASURES.items()
} | {"How runs end": STATUS}  # fmt: skip
"""The measures, by what the menu calls them."""

MOST_SEEDS = 20

MOST_CELLS = 3000
"""Most experiments of one map: some minutes on two cores, for which others wait, too."""


class Settings(NamedTuple):
    """A map, apart from the experiment that it varies.

    Attributes:
        across: The horizontal axis.
        up: The vertical one.
        measure: What is coloured: a measure of a sweep, or how runs end.
        level: The loss whose time is told.
        seeds: How many initial weights each cell is the median of.
        run: The run that is shown, by its label; empty for the first.
    """

    across: Axis = usual("data.condition")
    up: Axis = usual(DAMPING)
    measure: str = TIME
    level: float = LEVEL
    seeds: int = 1
    run: str = ""

    @property
    def names(self) -> dict[str, str]:
        """What axes and measures are called."""
        words = {name: words.lower() for words, name in MEASURE_WORDS.items()}
        return words | {axis.knob: label_of(axis.knob) for axis in (self.across, self.up)}

    @property
    def cells(self) -> int:
        """How many experiments it takes."""
        return len(self.across.values) * len(self.up.values) * self.seeds

    def over(self, experiment: Experiment) -> dict[str, list[Any]]:
        """Return the grid of the sweep of an experiment."""
        first = experiment.network.seed
        seeds = {"network.seed": list(range(first, first + self.seeds))} if self.seeds > 1 else {}
        return {axis.knob: list(axis.values) for axis in (self.across, self.up)} | seeds

    def base(self, experiment: Experiment) -> Experiment:
        """Return what is repeated: an experiment without what the axes set, which is no matter.

        Where an axis is a method's knob, that method alone is run.
        """
        lows = {axis.knob: axis.low for axis in (self.across, self.up)}
        own = {knob: low for knob, low in lows.items() if split_name(knob)}
        changes: dict[str, Any] = {knob: low for knob, low in lows.items() if knob not in own}
        changes["ensemble.seeds"] = 1
        if self.has("network.alpha"):
            changes["ensemble.alphas"] = []
        if own:
            changes["methods"] = with_values(self._alone(experiment), own)
        return experiment.replace(changes)

    def beside(self, experiment: Experiment) -> Experiment:
        """Return what a cell is opened with: all methods of an experiment, one of the kind that is swept."""
        kind, methods = self._kind, list(experiment.methods)
        if kind:
            (own,) = self._alone(experiment)
            place = methods.index(own) if own in methods else len(methods)
            others = [text for text in methods if text.partition("(")[0] != kind]
            methods = [*others[:place], own, *others[place:]]
        alphas = {"ensemble.alphas": []} if self.has("network.alpha") else {}
        return experiment.replace({"ensemble.seeds": 1, "methods": methods} | alphas)

    def has(self, knob: str) -> bool:
        """Return whether a knob is an axis."""
        return knob in (self.across.knob, self.up.knob)

    def runs(self, experiment: Experiment) -> list[str]:
        """Return what the runs are called that each cell has."""
        knobs = [self.across.knob, self.up.knob]
        runs = self.base(experiment).runs
        return [without_values(run.method, knobs) + run.label.removeprefix(run.method) for run in runs]

    @property
    def _kind(self) -> str:
        """The kind of method whose knob is an axis; empty for none."""
        kinds = (split_name(axis.knob) for axis in (self.across, self.up))
        return next((kind for kind, _ in filter(None, kinds)), "")

    def _alone(self, experiment: Experiment) -> list[str]:
        """Return the experiment's first method of the kind that is swept, or the usual one."""
        kind = self._kind
        there = [text for text in experiment.methods if text.partition("(")[0] == kind]
        return [there[0] if there else str(METHODS[kind]())]

    def query(self) -> dict[str, str]:
        """Return what an address says of it: what is not as usual."""
        usual = Settings().texts()
        return {PREFIX + name: text for name, text in self.texts().items() if text != usual[name]}

    def texts(self) -> dict[str, str]:
        """Return all of it as texts, by the names that an address has after the prefix."""
        return {
            "x": str(self.across), "y": str(self.up), "measure": self.measure,
            "level": f"{self.level:.12g}", "seeds": str(self.seeds), "run": self.run,
        }  # fmt: skip


def checked(settings: Settings) -> Settings:
    """Return settings.

    Raises:
        KnobError: They do not go together.
    """
    knobs = settings.across.knob, settings.up.knob
    kinds = {own[0] for own in map(split_name, knobs) if own}
    if knobs[0] == knobs[1]:
        raise KnobError(f"a map needs two different knobs, not twice {label_of(knobs[0])}")
    if len(kinds) > 1:
        raise KnobError(f"a map is of one method: {' and '.join(map(label_of, knobs))} are of two")
    if settings.measure not in MEASURE_WORDS.values():
        raise KnobError(unknown(f"{PREFIX}measure", settings.measure, MEASURE_WORDS.values()))
    if not (math.isfinite(settings.level) and settings.level > 0):
        raise KnobError(f"{PREFIX}level = {settings.level:g} is not allowed: a positive number")
    if not 1 <= settings.seeds <= MOST_SEEDS:
        raise KnobError(f"{PREFIX}seeds = {settings.seeds} is not allowed: 1 to {MOST_SEEDS}")
    if settings.cells > MOST_CELLS:
        raise KnobError(f"a map of {settings.cells} experiments is not allowed here: at most {MOST_CELLS}")
    return settings


def read(texts: Mapping[str, str]) -> Settings:
    """Return the settings that an address has; nothing in it is trusted.

    Args:
        texts: By name, with the prefix.

    Raises:
        KnobError: One is unknown or not allowed.
    """
    known = {PREFIX + name: text for name, text in Settings().texts().items()}
    for name in texts:
        if name not in known:
            raise KnobError(unknown("setting of a map", name, known))
    said = {name.removeprefix(PREFIX): text for name, text in (known | dict(texts)).items()}
    across, up = (read_axis(PREFIX + name, said[name]) for name in ("x", "y"))
    try:
        level, seeds = float(said["level"]), int(said["seeds"])
    except ValueError:
        raise KnobError(
            f"{PREFIX}level = {quoted(said['level'])}, {PREFIX}seeds = {quoted(said['seeds'])}: no numbers"
        ) from None
    return checked(Settings(across, up, said["measure"], level, seeds, said["run"]))
