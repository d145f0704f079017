"""Docstrings as they are written here, for a reader of reStructuredText.

They are plain text in Google's style with names in single backticks, indented code, and formulas as one types
them: `||u - y||^2`, `J^T e`, `*args`. So marks that would mean something are escaped, single backticks become
links where they name something public, and indented code stays code. Kinds get a list of their knobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import param
from sphinx.application import Sphinx

import gnviz

_LITERAL = re.compile(r"``[^`]+``|`[^`]+`")
_NAME = re.compile(r"^[A-Za-z_][\w.]*$")
_SPECIAL = re.compile(r"([|*\\]|(?<=\w)_(?!\w))")
_BOLD = re.compile(r"(\*\*[^*\s][^*]*\*\*)")
_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields|Example|Examples|Note):$")
_ROW = re.compile(r"^\|.*\|$")


def setup(app: Sphinx) -> dict[str, bool]:
    """Read docstrings before napoleon does."""
    app.connect("autodoc-process-docstring", process, priority=100)
    app.connect("autodoc-process-signature", knobs_as_arguments)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def process(_app: Sphinx, what: str, _name: str, thing: Any, _options: Any, lines: list[str]) -> None:
    """Rewrite a docstring's lines in place."""
    lines[:] = list(_blocks(lines))
    if what == "class" and isinstance(thing, type) and issubclass(thing, param.Parameterized):
        lines += ["", *_knobs(thing)]


def knobs_as_arguments(
    _app: Sphinx, what: str, _name: str, thing: Any, _options: Any, given: str | None, _returned: str | None
) -> tuple[str, None] | None:
    """Return a class's knobs as its arguments; None for what has none, whose own arguments stand."""
    if what != "class" or not issubclass(thing, param.Parameterized):
        return None
    return f"({', '.join(f'{name}={knob.default!r}' for name, knob in _shown(thing))})", None


def _blocks(lines: list[str]) -> Iterator[str]:
    """Yield the lines: code as literal blocks, tables as such, and words escaped."""
    section, code, table = 0, False, False
    for i, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if _SECTION.match(line.strip()):
            section = indent + 4
        elif line.strip() and indent < section:
            section = 0
        if _ROW.match(line.strip()):
            yield from _row(line.strip(), first=not table)
            table = True
            continue
        if table:
            yield ""
        table = False
        inside = indent >= section + 4
        if line.strip() and inside and not code and not lines[i - 1].strip():
            code = True
            yield from ("", " " * section + "::", "")
        elif line.strip() and not inside and code:
            code = False
            yield ""
        doctest = line.lstrip().startswith((">>>", "...")) or section_of_code(lines, i)
        yield line if code or doctest else escaped(line)


def _row(line: str, first: bool) -> Iterator[str]:
    """Yield a row of a Markdown table as an item of a list table."""
    if first:
        yield from ("", ".. list-table::", "   :header-rows: 1", "")
    cells = [cell.strip() for cell in line[1:-1].split(" | ")]
    if not line.startswith("|---"):
        yield from (f"   {'*' if i == 0 else ' '} - {escaped(cell)}" for i, cell in enumerate(cells))


def section_of_code(lines: list[str], i: int) -> bool:
    """Return whether a line is what a doctest prints: no empty line is between it and a prompt."""
    while i >= 0 and lines[i].strip():
        if lines[i].lstrip().startswith(">>>"):
            return True
        i -= 1
    return False


def escaped(line: str) -> str:
    """Return a line of words for reStructuredText: names as links, everything else as it stands."""
    parts, at = [], 0
    for found in _LITERAL.finditer(line):
        parts += [_plain(line[at : found.start()]), _literal(found.group().strip("`"))]
        at = found.end()
    return "".join([*parts, _plain(line[at:])])


def _literal(text: str) -> str:
    own = text.removeprefix("gnviz.")
    if _NAME.match(text) and own in dir(gnviz):
        return f":py:obj:`{text} <gnviz.{own}>`"
    return f"``{text}``"


def _plain(text: str) -> str:
    return "".join(
        part if _BOLD.fullmatch(part) else _SPECIAL.sub(r"\\\1", part) for part in _BOLD.split(text)
    )


def _shown(kind: type[param.Parameterized]) -> Iterator[tuple[str, param.Parameter]]:
    """Yield the knobs that a class declares."""
    for name, knob in kind.param.objects("existing").items():
        if name != "name" and not name.startswith("_") and (knob.precedence or 0) >= 0:
            yield name, knob


def _knobs(kind: type[param.Parameterized]) -> Iterator[str]:
    """Yield a list of the knobs that a class declares, with what they mean and what is allowed."""
    for name, knob in _shown(kind):
        allowed = f" ({words})" if (words := _allowed(knob)) else ""
        yield f":param {name}: {escaped(' '.join((knob.doc or '').split()))}{allowed}"


def _allowed(knob: param.Parameter) -> str:
    """Return what a knob may be, in words; empty where its meaning says it."""
    if isinstance(knob, param.Selector):
        return "one of " + ", ".join(f"``{x}``" for x in knob.objects)
    kind = {"Number": "a number", "Integer": "an integer", "Boolean": "true or false", "String": "a text"}
    words = kind.get(type(knob).__name__, "")
    bounds = getattr(knob, "bounds", None)
    if bounds and isinstance(knob, param.Number):
        low, high = (f"{b:g}" if b is not None else None for b in bounds)
        words += f" from {low} to {high}" if low and high else f" of {low} or more" if low else f" to {high}"
    return words
