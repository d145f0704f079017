"""A small language for formulas, read without ever running Python: numbers, names, arithmetic, functions.

A grammar of twenty lines (read by lark) gives a tree, the tree becomes closures over the array library that
the values come from (torch or NumPy). Every number is an array of the values' shape, so that all arithmetic
is that of IEEE floats: `9**9**9**9` is infinity at once, and nothing can raise while a run is under way.
"""

from __future__ import annotations

import importlib
import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gnviz.knobs import quoted, unknown

MAX_LENGTH = 200
"""Characters of a formula."""

MAX_DEPTH = 50
"""Operations inside operations: bounds the recursion, here and when evaluating."""

GRAMMAR = r"""
?start: comparison
?comparison: sum | sum "<" sum -> lt | sum "<=" sum -> le | sum ">" sum -> gt | sum ">=" sum -> ge
           | sum "==" sum -> eq | sum "!=" sum -> ne
?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: sign | product "*" sign -> mul | product "/" sign -> truediv
?sign: power | "-" sign -> neg | "+" sign
?power: atom | atom _POWER sign -> pow
?atom: NUMBER -> number | NAME -> name | "(" comparison ")"
     | NAME "(" comparison ("," comparison)* ")" -> call
_POWER: "**" | "^"
NAME: /[A-Za-z_]\w*/
NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
%ignore " "
"""

Values = Mapping[str, Any]
Evaluator = Callable[[Any, Values, Any], Any]
"""Maps array library, named values and an array of the result's shape to the result."""


class FormulaError(ValueError):
    """A formula that cannot be read; the message says where and why."""


class Function(NamedTuple):
    """A function of the language: fewest and most arguments, and what it does with an array library."""

    least: int
    most: int
    call: Callable[..., Any]


def _named(name: str) -> Function:
    return Function(1, 1, lambda xp, a: getattr(xp, name)(a))


def _folded(name: str) -> Function:
    def call(xp: Any, first: Any, *rest: Any) -> Any:
        for other in rest:
            first = getattr(xp, name)(first, other)
        return first

    return Function(2, 8, call)


FUNCTIONS: dict[str, Function] = {
    **{f: _named(f) for f in ("exp", "log", "log10", "sqrt", "abs", "sin", "cos", "tanh", "floor")},
    "min": _folded("minimum"),
    "max": _folded("maximum"),
    "clip": Function(3, 3, lambda xp, a, low, high: xp.minimum(xp.maximum(a, low), high)),
    "where": Function(3, 3, lambda xp, condition, yes, no: xp.where(condition != 0, yes, no)),
}
CONSTANTS = {"pi": math.pi}
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


class Expression(NamedTuple):
    """A formula that has been read.

    Attributes:
        names: The values that it uses.
        evaluator: Computes it.
    """

    names: frozenset[str]
    evaluator: Evaluator

    def __call__(self, values: Values, like: Any) -> Any:
        """Return the formula's value, elementwise, an array of the kind and shape of `like`."""
        library = importlib.import_module(type(like).__module__.partition(".")[0])
        with np.errstate(all="ignore"):  # infinities and NaN are results, judged by the caller
            return self.evaluator(library, values, like)


@lru_cache(maxsize=256)
def read(text: str, names: frozenset[str]) -> Expression:
    """Read a formula.

    Args:
        text: The formula, e.g. `"0.5*exp(-t)"`.
        names: The values that it may use.

    Raises:
        FormulaError: It is too long, has a mistake (with its position), or uses an unknown name.
    """
    from lark import UnexpectedInput, UnexpectedToken

    if len(text) > MAX_LENGTH:
        raise FormulaError(f"it has {len(text)} characters; allowed are {MAX_LENGTH}")
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        raise FormulaError(_mistake(text, None if ended else error.pos_in_stream)) from None
    used: set[str] = set()
    evaluator = _compile(tree, names, used, MAX_DEPTH)
    return Expression(frozenset(used), evaluator)


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark  # not before a formula is used: the command line starts quickly

    return Lark(GRAMMAR, parser="lalr")


def _mistake(text: str, position: int | None) -> str:
    if not text.strip():
        return "it is empty; allowed: a formula such as 0.5*exp(-t)"
    if position is None:
        return f"it ends too early, after {quoted(text[-12:])}: a number, a name or a bracket is missing"
    before = f" after {quoted(text[max(position - 12, 0) : position])}" if position else ""
    return f"{quoted(text[position])} is not understood at position {position + 1}{before}"


def _compile(tree: Any, names: frozenset[str], used: set[str], depth: int) -> Evaluator:
    """Return the evaluator of a tree; adds the names it uses to `used`."""
    if depth == 0:
        raise FormulaError(f"it is nested more than {MAX_DEPTH} deep")
    if tree.data == "number":
        return _constant(float(tree.children[0]))
    if tree.data == "name":
        return _name(str(tree.children[0]), names, used)
    first = str(tree.children[0]) if tree.data == "call" else ""
    parts = [_compile(c, names, used, depth - 1) for c in tree.children[bool(first) :]]
    return _function(first, parts) if first else _operation(str(tree.data), parts)


def _constant(value: float) -> Evaluator:
    """Return the number, infinite where the result's precision does not reach so far."""

    def evaluate(xp: Any, values: Values, like: Any) -> Any:
        return xp.full_like(like, value if value <= float(xp.finfo(like.dtype).max) else math.inf)

    return evaluate


def _name(name: str, names: frozenset[str], used: set[str]) -> Evaluator:
    if name in CONSTANTS:
        return _constant(CONSTANTS[name])
    if name in FUNCTIONS:
        raise FormulaError(f"{name} is a function: write {name}(...)")
    if name not in names:
        raise FormulaError(unknown("name", name, [*sorted(names), *CONSTANTS, *FUNCTIONS]))
    used.add(name)
    return lambda xp, values, like: values[name]


def _function(name: str, parts: list[Evaluator]) -> Evaluator:
    if name not in FUNCTIONS:
        raise FormulaError(unknown("function", name, FUNCTIONS))
    least, most, call = FUNCTIONS[name]
    if not least <= len(parts) <= most:
        count = str(least) if least == most else f"{least} to {most}"
        raise FormulaError(f"{name} takes {count} argument{'s' * (most > 1)}, got {len(parts)}")
    return lambda xp, values, like: call(xp, *(p(xp, values, like) for p in parts))


def _operation(name: str, parts: list[Evaluator]) -> Evaluator:
    operate = getattr(operator, name)
    if name not in _COMPARISONS:
        return lambda xp, values, like: operate(*(p(xp, values, like) for p in parts))
    a, b = parts
    return lambda xp, values, like: xp.where(
        operate(a(xp, values, like), b(xp, values, like)), xp.ones_like(like), xp.zeros_like(like)
    )
