"""The grid of a sweep: which knobs, which values, and the experiment of each cell."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np
import param

from gnviz.experiment import Experiment
from gnviz.experiment.ensemble import Run
from gnviz.knobs import KnobError, flatten, text_of, unknown
from gnviz.sweeps import method_knobs

MOST_CELLS = 100_000
"""Most experiments of one sweep: at a tenth of a second each, three hours on one core."""

Index = tuple[int, ...]
"""Where a cell is: its position along each knob."""

CLASHES = {
    "network.alpha": ("ensemble.alphas", [], "several alphas in every cell"),
    "network.seed": ("ensemble.seeds", 1, "several seeds in every cell"),
}
"""Knobs that a sweep cannot vary while another one does so within each experiment."""


class Grid:
    """All combinations of some knobs' values.

    Args:
        experiment: What is repeated.
        over: Values of each knob by its dotted name, the first knob varying slowest; a method's is named
            like `constant(rho)`, see `gnviz.sweeps.method_knobs`. `methods` names the methods that all cells
            compare: they are runs, no knob.

    Attributes:
        experiment: What is repeated, with the methods that cells compare.
        axes: Values of each knob as experiments hold them.
        runs: Those that every cell has.

    Raises:
        KnobError: A knob is unknown or cannot be swept, its values are no list, none, given twice or not
            allowed in any cell, or there are more than `MOST_CELLS` cells.
    """

    def __init__(self, experiment: Experiment, over: Mapping[str, Iterable[Any]]) -> None:
        if not isinstance(over, Mapping):
            raise KnobError('a sweep needs values by knob, such as {"data.condition": [1e4, 1e6]}')
        given = {name: _listed(name, values) for name, values in over.items()}
        methods = given.pop("methods", None)
        self.experiment = experiment.replace({} if methods is None else {"methods": methods})
        _check_names(self.experiment, given)
        count = math.prod(map(len, given.values()))
        if count > MOST_CELLS:
            raise KnobError(f"a sweep of {count} cells is not allowed: at most {MOST_CELLS}")
        self._given = given
        self.axes = {name: self._canonical(name) for name in given}
        self.runs = [self._called(run) for run in self.experiment.runs]

    @property
    def shape(self) -> Index:
        """Number of values of each knob."""
        return tuple(map(len, self.axes.values()))

    def __len__(self) -> int:
        return math.prod(self.shape)

    def __iter__(self) -> Iterator[Index]:
        return itertools.product(*map(range, self.shape))

    def changes(self, index: Index) -> dict[str, Any]:
        """Return the knobs that a cell sets."""
        return {name: values[i] for (name, values), i in zip(self._given.items(), index, strict=True)}

    def at(self, index: Index, experiment: Experiment | None = None) -> Experiment:
        """Return the experiment of a cell.

        Args:
            index: Where the cell is.
            experiment: What it is to be otherwise; None: what is repeated.

        Raises:
            KnobError: It is not allowed.
        """
        experiment, changes = experiment or self.experiment, self.changes(index)
        own = {name: changes.pop(name) for name in list(changes) if method_knobs.split_name(name)}
        methods = {"methods": method_knobs.with_values(experiment.methods, own)} if own else {}
        return experiment.replace(changes | methods)

    def _called(self, run: Run) -> Run:
        """Return a run of all cells by a name that says nothing which differs between them."""
        method = method_knobs.without_values(run.method, list(self._given))
        return run._replace(label=method + run.label.removeprefix(run.method), method=method)

    def coordinates(self) -> dict[str, Any]:
        """Return the coordinates of a Dataset over the grid: knobs, and what is known of the runs."""
        coords: dict[str, Any] = {
            name: (name, _array(values), {"long_name": " ".join((declared(name).doc or "").split())})
            for name, values in self.axes.items()
        }
        coords["run"] = np.array([run.label for run in self.runs], dtype=object)
        coords["method"] = ("run", np.array([run.method for run in self.runs], dtype=object))
        if len(self.experiment.ensemble.alphas) > 1:
            coords["alpha"] = ("run", np.array([run.alpha for run in self.runs]))
        if self.experiment.ensemble.seeds > 1:
            coords["seed"] = ("run", np.array([run.seed for run in self.runs]))
        return coords

    def to_json(self) -> str:
        """Return the values of each knob as JSON."""
        return json.dumps(self.axes)

    def _canonical(self, name: str) -> list[Any]:
        """Return a knob's values as experiments hold them."""
        held = [self._held(name, i) for i in range(len(self._given[name]))]
        for value in held:
            if held.count(value) > 1:
                raise KnobError(f"{name}: {text_of(value)} is given twice; allowed: different values")
        return held

    def _held(self, name: str, position: int) -> Any:
        """Return one value as an experiment holds it: the first cell that allows it tells.

        Raises:
            KnobError: None does; the message is of the first.
        """
        first: KnobError | None = None
        ranges = (range(len(v)) if knob != name else (position,) for knob, v in self._given.items())
        for index in itertools.product(*ranges):
            try:
                held = self.at(index)
                if method_knobs.split_name(name):
                    return method_knobs.value_in(held.methods, name)
                return dict(flatten(held.to_dict()))[name]
            except KnobError as error:
                first = first or error
        assert first is not None  # no knob is without values
        raise first


def _listed(name: str, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise KnobError(
            f"{name} cannot be swept over {values!r}: give a list of values, such as [{values!r}]"
        )
    listed = [value.item() if isinstance(value, np.generic) else value for value in values]
    if not listed:
        raise KnobError(f"{name} cannot be swept over an empty list: give at least one value")
    return listed


def declared(name: str) -> param.Parameter:
    """Return the declaration of a knob that can be named in a sweep.

    Raises:
        KnobError: There is no such knob.
    """
    if method_knobs.split_name(name):
        return method_knobs.declared(name)
    knobs = Experiment.knobs()
    if name not in knobs:
        raise KnobError(unknown("knob", name, knobs))
    return knobs[name]


def _check_names(experiment: Experiment, given: Mapping[str, Any]) -> None:
    now = dict(flatten(experiment.to_dict()))
    for name in given:
        declared(name)
        if method_knobs.split_name(name):
            method_knobs.place_of(experiment.methods, name)
        if name.startswith("ensemble."):
            raise KnobError(
                f"{name} cannot be swept, as all cells have alike runs: sweep network.alpha or network.seed"
            )
        other, usual, words = CLASHES.get(name, ("", None, ""))
        if other and now[other] != usual:
            raise KnobError(
                f"{name} cannot be swept while {other} = {text_of(now[other])} asks for {words}",
                {other: usual},
            )


def _array(values: list[Any]) -> np.ndarray:
    """Return a coordinate: numbers, or texts where one value is no number."""
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
        return np.array(values)
    return np.array([text_of(value) for value in values], dtype=object)
