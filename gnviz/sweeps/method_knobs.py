"""Knobs of methods in a sweep, such as the damping of `constant(rho=0.01)`: named as messages name them.

    gnviz.sweep(experiment, {"data.condition": [1e5, 1e7], "constant(rho)": [1e-6, 1e-3, 1]})

The knob is that of the one method of its kind among the experiment's; the others stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import param

from gnviz.knobs import KnobError, unknown
from gnviz.knobs.texts import format_value
from gnviz.methods import METHODS, Method, parse_method

_NAME = re.compile(r"^([A-Za-z][\w-]*)\((\w+)\)$")


def split_name(name: str) -> tuple[str, str] | None:
    """Return the kind of method and its knob that `constant(rho)` names; None if it is no such name."""
    match = _NAME.match(name)
    return (match[1], match[2]) if match else None


def declared(name: str) -> param.Parameter:
    """Return the declaration of a method's knob.

    Raises:
        KnobError: There is no such kind of method, or it has no such knob.
    """
    kind, knob = split_name(name) or (name, "")
    if kind not in METHODS:
        raise KnobError(unknown("method", kind, METHODS))
    knobs = METHODS[kind].knobs()
    if knob not in knobs:
        raise KnobError(unknown("knob", name, [METHODS[kind].spelling(k) for k in knobs]))
    return knobs[knob]


def place_of(methods: Sequence[str], name: str) -> int:
    """Return which of some methods a knob such as `constant(rho)` is of.

    Args:
        methods: In canonical spelling.
        name: Of the knob.

    Raises:
        KnobError: Of none of them, or of several.
    """
    kind, _ = split_name(name) or (name, "")
    found = [i for i, text in enumerate(methods) if parse_method(text).label == kind]
    if len(found) != 1:
        count = f"{len(found)} methods {kind}" if found else f"no method {kind}"
        raise KnobError(f"{name} cannot be swept: there is {count}; methods needs one, not {list(methods)}")
    return found[0]


def value_in(methods: Sequence[str], name: str) -> Any:
    """Return the value that a method's knob has; see `place_of`."""
    _, knob = split_name(name) or ("", "")
    return getattr(parse_method(methods[place_of(methods, name)]), knob)


def with_values(methods: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """Return methods of which some knobs have other values.

    Args:
        methods: In canonical spelling.
        values: By names such as `constant(rho)`.

    Raises:
        KnobError: A value is not allowed, or as `place_of`.
    """
    out = list(methods)
    for name, value in values.items():
        place = place_of(out, name)
        method, (_, knob) = parse_method(out[place]).copy(), split_name(name) or ("", "")
        setattr(method, knob, value)
        out[place] = str(method)
    return out


def without_values(method: str, names: Sequence[str]) -> str:
    """Return a method's text without the knobs that are swept: what the runs of all cells are called."""
    read = parse_method(method)
    swept = {knob for kind, knob in filter(None, map(split_name, names)) if kind == read.label}
    if not swept:
        return method
    return _spelled(read, [knob for knob in read.knobs() if knob not in swept])


def _spelled(method: Method, knobs: Sequence[str]) -> str:
    declared = method.knobs()
    values = ", ".join(f"{knob}={format_value(declared[knob], getattr(method, knob))}" for knob in knobs)
    return f"{method.label}({values})" if values else method.label
