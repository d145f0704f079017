"""An experiment as a researcher would write it in Python: `Experiment(data=Ring(n=40), methods=[...])`.

What is as usual is left out, but methods are spelled with all their knobs: they are what is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gnviz.experiment import Ensemble, Experiment
from gnviz.knobs import Group, KnobError
from gnviz.knobs.kinds import Choice, Kind, Named, read_kind
from gnviz.knobs.registry import Registry
from gnviz.methods import METHODS

WIDTH = 100
"""Columns of a line of Python."""

TABLE = "TABLE"
"""Name of the variable that holds the text of a table."""


@dataclass(frozen=True)
class Call:
    """A call with named arguments, in Python.

    Attributes:
        name: Of the class.
        arguments: Python texts, calls, or lists of them.
        home: Module of the class.
    """

    name: str
    arguments: Mapping[str, Any]
    home: str = "gnviz"


@dataclass(frozen=True)
class Spelling:
    """An experiment in Python.

    Attributes:
        imports: Lines that import its classes.
        table: The text that the variable `TABLE` must hold; empty if there is none.
        call: The expression that makes it.
    """

    imports: list[str]
    table: str
    call: str


def spell(experiment: Experiment) -> Spelling:
    """Return an experiment in Python.

    Raises:
        KnobError: It has a kind that only this process knows, so that no script has it.
    """
    _check_known(experiment)
    call = _experiment(experiment)
    homes: dict[str, set[str]] = {}
    for part in _calls(call):
        homes.setdefault(part.home, set()).add(part.name)
    imports = [f"from {home} import {', '.join(sorted(names))}" for home, names in sorted(homes.items())]
    table = getattr(experiment.data.choice, "table", "")
    return Spelling([line for text in imports for line in _import(text)], table, _text(call, 0))


def _experiment(experiment: Experiment) -> Call:
    usual = Experiment()
    arguments: dict[str, Any] = {}
    for name in experiment.to_dict():
        value = getattr(experiment, name)
        if name == "methods":
            arguments[name] = [_kind(method, whole=True) for method in experiment.parsed_methods]
        elif value != getattr(usual, name):
            arguments[name] = _value(value)
    return Call("Experiment", arguments)


def _value(value: Any) -> Any:
    """Return a part of an experiment: a kind that is chosen, a group, or a plain value."""
    if isinstance(value, Kind):
        return _kind(value)
    if isinstance(value, Group):
        return _value(value.choice) if isinstance(value, Choice) else _group(value)
    return _plain(value)


def _group(group: Group) -> Call:
    changed = _changed(group)
    if isinstance(group, Ensemble) and "alphas" in changed:
        changed["alphas"] = f"[{', '.join(map(str, group.alphas))}]"  # texts of numbers
    return Call(type(group).__name__, changed)


def _kind(kind: Kind, whole: bool = False) -> Call:
    """Return an object in Python; a `whole` one with the knobs that are as usual, too."""
    arguments = {k: _plain(getattr(kind, k)) for k in kind.knobs()} if whole else _changed(kind)
    if arguments.get("table"):
        arguments["table"] = TABLE
    built_in = type(kind).__module__.startswith("gnviz.")
    return Call(type(kind).__name__, arguments, "gnviz" if built_in else type(kind).__module__)


def _changed(group: Group) -> dict[str, Any]:
    return {k: _plain(v) for k, p in group.knobs().items() if (v := getattr(group, k)) != p.default}


def _plain(value: Any) -> str:
    """Return a value in Python, text in double quotes where it has none itself."""
    text = repr(value)
    return f'"{text[1:-1]}"' if isinstance(value, str) and '"' not in text and text[0] == "'" else text


def _calls(call: Any) -> Iterator[Call]:
    """Yield a call and all those within it."""
    if isinstance(call, Call):
        yield call
        for value in call.arguments.values():
            yield from _calls(value)
    elif isinstance(call, list):
        for item in call:
            yield from _calls(item)


def _text(value: Any, column: int, before: int = 0) -> str:
    """Return Python on one line if it fits there, else an argument or an item a line.

    Args:
        value: A text, a call, or a list.
        column: Where its lines begin.
        before: Letters before it in its first line, and after it in its last.
    """
    if isinstance(value, str):
        return value
    opened, closed, items = _parts(value)
    flat = opened + ", ".join(head + _text(item, 0, -WIDTH * WIDTH) for head, item in items) + closed
    if column + before + len(flat) <= WIDTH or not items:
        return flat
    inner = column + 4
    lines = [f"{' ' * inner}{head}{_text(item, inner, len(head) + 1)},\n" for head, item in items]
    return f"{opened}\n{''.join(lines)}{' ' * column}{closed}"


def _parts(value: Call | list[Any]) -> tuple[str, str, list[tuple[str, Any]]]:
    """Return the brackets of a call or a list, and its items, each with what stands before it."""
    if isinstance(value, list):
        return "[", "]", [("", item) for item in value]
    return f"{value.name}(", ")", [(f"{name}=", item) for name, item in value.arguments.items()]


def _import(line: str) -> list[str]:
    """Return an import, on several lines if one is too long."""
    if len(line) <= WIDTH:
        return [line]
    head, _, names = line.partition(" import ")
    return [f"{head} import (", *(f"    {name}," for name in names.split(", ")), ")"]


def _check_known(experiment: Experiment) -> None:
    """Refuse kinds that were registered in this process.

    Raises:
        KnobError: There is one; the message names it.
    """
    for registry, kind in _kinds(experiment):
        if type(kind) in registry.added:
            raise KnobError(
                f"the {registry.what} {str(kind)!r} is known to this process alone, since "
                f"gnviz.register({type(kind).__name__}) has added it here: no script can name it; allowed: a "
                f"{registry.what} of gnviz, or of an installed package"
            )


def _kinds(experiment: Experiment) -> Iterator[tuple[Registry, Kind]]:
    """Yield everything that an experiment names by a label, with its registry."""
    for method in experiment.parsed_methods:
        yield METHODS, method
    for choice in (experiment.data, experiment.loss):
        yield choice.registry, choice.choice
    for name, knob in experiment.network.knobs().items():
        if isinstance(knob, Named):
            yield knob.registry, read_kind(knob.registry, getattr(experiment.network, name))
