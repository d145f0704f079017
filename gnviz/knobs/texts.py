"""From an object's text to its label and arguments, and back; values may hold commas, brackets and `=`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import param

from gnviz.knobs.groups import text_of

_CALL = re.compile(r"^\s*([A-Za-z][\w-]*)\s*(?:\((.*)\))?\s*$", re.DOTALL)
_KEY = re.compile(r"^\s*([A-Za-z]\w*)\s*=(?!=)(.*)$", re.DOTALL)
_QUOTES = "\"'"


def split_call(text: str) -> tuple[str, str] | None:
    """Return name and argument text of `name(arguments)` or `name`; None if it is neither."""
    match = _CALL.match(text)
    return (match.group(1).replace("_", "-"), match.group(2) or "") if match else None


def arguments(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield key (None if there is none) and value of each argument, quotes taken off.

    Only commas outside brackets and quotes separate arguments.
    """
    for part in filter(str.strip, split_outside(text)):
        match = _KEY.match(part)
        key, value = match.groups() if match else (None, part)
        yield key, _unquoted(value.strip())


def split_outside(text: str) -> list[str]:
    """Return the parts of a text between commas that are outside brackets and quotes."""
    parts, start, depth, quote = [], 0, 0, ""
    for place, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in _QUOTES:
            quote = c
        elif c == "," and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
        else:
            depth += (c == "(") - (c == ")")
    return [*parts, text[start:]]


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] in _QUOTES and value[-1] == value[0]
    return value[1:-1].strip() if quoted else value


def format_value(p: param.Parameter, value: Any) -> str:
    """Return a knob's value as an object's text has it: `0.1`, `true`, `loss`, `"exp(-t)"`."""
    if value is None:
        return "none"
    if isinstance(p, param.Boolean):
        return str(value).lower()
    if isinstance(p, param.Number):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return value if isinstance(p, param.Selector) else f'"{text_of(value)}"'
