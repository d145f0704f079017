"""Knobs: groups of declared parameters that can be read and written by name.

A `Group` is a `param.Parameterized` whose parameters are the single definition of a
setting: its default, its bounds, its documentation. Validation messages, JSON, URL queries,
command-line `--set` options and widgets are all derived from that one declaration.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from numbers import Real
from typing import Any, ClassVar, Self

import param


class KnobError(ValueError):
    """A setting that cannot be used; the message names the knob, its value and what is allowed.

    Args:
        message: In words.
        remedy: Knobs, by their dotted names, and values near the refused ones with which it would do.
    """

    def __init__(self, message: str, remedy: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.remedy = dict(remedy or {})


class Group(param.Parameterized):
    """A set of knobs, compared by value and converted to and from plain dictionaries."""

    def __init__(self, **values: Any) -> None:
        known = list(self.knobs())
        for key in values:
            if key not in known and key != "name":
                raise KnobError(unknown("knob", f"{type(self).__name__}.{key}", known))
        super().__init__(**values)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a knob to a value or the text of one.

        Raises:
            KnobError: The value is not allowed.
        """
        declared = self.declared(name)
        if declared is not None:
            value = parse(self.spelling(name), declared, value)
        super().__setattr__(name, value)

    def declared(self, name: str) -> param.Parameter | None:
        """Return a knob's declaration; None if there is no such knob."""
        return self.param[name] if name != "name" and name in self.param else None

    @classmethod
    def spelling(cls, name: str) -> str:
        """Return the public dotted name of a knob."""
        return f"{cls.__name__.lower()}.{name}"

    @classmethod
    def knobs(cls) -> dict[str, param.Parameter]:
        """Return the declared parameters in order of declaration, without `name`."""
        return dict(cls._declared())

    @classmethod
    @cache
    def _declared(cls) -> dict[str, param.Parameter]:
        return {k: v for k, v in cls.param.objects("existing").items() if k != "name"}

    def to_dict(self) -> dict[str, Any]:
        """Return `{knob: value}`, ready for JSON."""
        return {k: getattr(self, k) for k in self.knobs()}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.to_dict() == other.to_dict()  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]  # mutable values

    def __repr__(self) -> str:
        """Return the Python that makes it again, with the knobs that are not as usual."""
        usual = {name: p.default for name, p in self.knobs().items()}
        changed = {name: value for name in usual if (value := getattr(self, name)) != usual[name]}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    __str__ = __repr__

    def copy(self) -> Self:
        """Return an independent copy."""
        return type(self)(**self.to_dict())


class Numbers(param.List):
    """A knob that holds a fixed count of numbers, each of at most `limit` in size: a point, a window."""

    __slots__ = ["count", "limit"]
    _slot_defaults: ClassVar[dict[str, Any]] = {**param.List._slot_defaults, "count": 0, "limit": math.inf}

    def __init__(self, default: Any, count: int, limit: float, **kwargs: Any) -> None:
        super().__init__(default, bounds=(count, count), **kwargs)
        self.count, self.limit = count, limit


class Listed(param.Parameter):
    """A knob that holds a text which begins with one of some names."""

    __slots__: ClassVar[list[str]] = []

    @property
    def objects(self) -> list[str]:
        """The names there are now."""
        raise NotImplementedError

    def read(self, value: Any) -> str | None:
        """Return the text of a value, None if it begins with no such name.

        Raises:
            KnobError: It does, and goes on with something that is not allowed.
        """
        raise NotImplementedError


MOST_QUOTED = 80
"""Characters of a user's value that a message repeats: enough to recognise it."""

MOST_LISTED = 12
"""Names that a message lists where none comes near."""


def quoted(value: Any) -> str:
    """Return `repr(value)`, cut where it would be longer than `MOST_QUOTED` characters."""
    if isinstance(value, str):
        return repr(value if len(value) <= MOST_QUOTED else value[: MOST_QUOTED - 1] + "…")
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):  # integers of thousands of digits, lists too deep
        return f"a value of type {type(value).__name__} that is too large to be shown"
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "…"


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown name, with the nearest valid ones.

    Args:
        what: What was looked for, such as `knob`.
        name: How it was called.
        known: Names that there are.
    """
    known = list(known)
    leaf = name.rsplit(".", 1)[-1]
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.7)
    near = near or [k for k in known if k.rsplit(".", 1)[-1] == leaf]
    near = near or difflib.get_close_matches(leaf, known, n=3, cutoff=0.4)
    if near:
        hint = f"did you mean {' or '.join(map(quoted, near))}?"
    else:
        more = f", … ({len(known)} in all)" if len(known) > MOST_LISTED else ""
        hint = f"known: {', '.join(k[:MOST_QUOTED] for k in known[:MOST_LISTED])}{more}"
    return f"unknown {what} {quoted(name)}; {hint}"


def allowed(p: param.Parameter) -> str:
    """Describe in words what a parameter accepts."""
    if isinstance(p, param.Selector | Listed):
        words = "one of " + ", ".join(map(repr, p.objects))
    elif isinstance(p, param.Boolean):
        words = "true or false"
    elif isinstance(p, param.Number):
        low, high = p.bounds or (None, None)
        kind = "an integer" if isinstance(p, param.Integer) else "a number"
        if low is not None and high is not None:
            words = f"{kind} from {low:g} to {high:g}"
        elif low is not None:
            words = f"{kind} of at least {low:g}"
        else:
            words = kind
        if not p.inclusive_bounds[0]:
            words += f" (not {low:g} itself)"
    elif isinstance(p, Numbers):
        words = f"{p.count} numbers from {-p.limit:g} to {p.limit:g}"
    elif isinstance(p, param.List):
        words = "a list of texts"
    else:
        words = "a text"
    return words + (" or none" if p.allow_None else "")


def parse(name: str, p: param.Parameter, value: Any) -> Any:
    """Convert `value` (a Python value or the text of one) to what parameter `p` holds.

    Args:
        name: The knob's public dotted name, used in the message.
        p: The parameter's declaration.
        value: A value or its text, as it comes from a URL or a command line.

    Raises:
        KnobError: The value is not allowed; the message says what is.
    """
    refuse = KnobError(f"{name} = {quoted(value)} is not allowed: {allowed(p)}")
    try:
        return _parsed(p, value, refuse)
    except KnobError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError):  # arrays, integers of thousands of digits
        raise refuse from None


def _parsed(p: param.Parameter, value: Any, refuse: KnobError) -> Any:
    """Return what `parse` does; whatever Python raises of a value that it cannot compare is a refusal too."""
    if value is None or (
        isinstance(value, str)
        and value.strip().lower() in ("none", "auto", "")
        and not _accepts_text(p, value)
    ):
        if not p.allow_None:
            raise refuse
        return None
    if isinstance(p, param.Boolean):
        return _parse_boolean(value, refuse)
    if isinstance(p, param.Number):
        return _parse_number(p, value, refuse)
    if isinstance(p, param.Selector | Listed):
        value, given = (p.read(value), value) if isinstance(p, Listed) else (value, value)
        if value not in p.objects and not (isinstance(p, Listed) and value):
            near = difflib.get_close_matches(str(given), [str(o) for o in p.objects], n=1)
            raise KnobError(f"{refuse}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return value
    if isinstance(p, Numbers):
        return _parse_numbers(p, value, refuse)
    if isinstance(p, param.List):
        return _parse_list(p, value, refuse)
    if not isinstance(value, str):
        raise refuse
    return value


def _accepts_text(p: param.Parameter, value: str) -> bool:
    if isinstance(p, param.Selector | Listed):
        return value in p.objects
    if isinstance(p, Numbers):
        return False
    return isinstance(p, (param.List,)) or (isinstance(p, param.String) and not p.allow_None)


def _parse_boolean(value: Any, refuse: KnobError) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(value).lower() not in words:
        raise refuse
    return words[str(value).lower()]


def _parse_number(p: param.Number, value: Any, refuse: KnobError) -> float | int:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise refuse from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise refuse
    if isinstance(p, param.Integer):
        if number != int(number):
            raise refuse
        number = int(value) if isinstance(value, int) else int(number)
    low, high = p.bounds or (None, None)
    open_low = not p.inclusive_bounds[0]
    if (low is not None and (number < low or (open_low and number == low))) or (
        high is not None and number > high
    ):
        raise refuse
    return number


def _parse_list(p: param.List, value: Any, refuse: KnobError) -> list[str]:
    """Read a list of texts, or a single one; objects and, where a knob takes them, numbers give theirs."""
    numbers = p.item_type is not str
    items = split_list(value) if isinstance(value, str) else value
    items = list(items) if isinstance(items, Iterable) else [items]
    texts = [
        str(i) if isinstance(i, Group) else text_of(i) if numbers and _is_number(i) else i for i in items
    ]
    if not all(isinstance(text, str) for text in texts):
        raise refuse
    return texts


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _parse_numbers(p: Numbers, value: Any, refuse: KnobError) -> list[float]:
    """Read numbers from a sequence, or from a text such as `1;2;3`, `1, 2, 3` or `[1, 2, 3]`."""
    if isinstance(value, str):
        value = value.strip().removeprefix("[").removesuffix("]").replace(",", ";").split(";")
    if not isinstance(value, (list, tuple)) or len(value) != p.count:
        raise refuse
    each = param.Number(0.0, bounds=(-p.limit, p.limit))
    return [float(_parse_number(each, item, refuse)) for item in value]


def text_of(value: Any) -> str:
    """Return a knob's value as text that `parse` reads back."""
    if value is None:
        return "none"
    if isinstance(value, list):
        return join_list([v if isinstance(v, str) else text_of(v) for v in value])
    return repr(float(value)) if isinstance(value, float) else str(value)  # also NumPy's numbers


def join_list(items: list[str]) -> str:
    """Return a list as text that `split_list` reads back: `a;b`, or JSON where that is ambiguous."""
    plain = ";".join(items)
    return plain if split_list(plain) == items else json.dumps(items)


def split_list(text: str) -> list[str]:
    """Read a list of texts: separated by semicolons, or JSON."""
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list) and all(isinstance(i, str) for i in items):
            return items
    return [i.strip() for i in text.split(";") if i.strip()]


MOST_NESTED = 3
"""Dictionaries inside dictionaries: settings have one level of groups, and a value may hold itself."""


def flatten(
    nested: Mapping[str, Any], prefix: str = "", depth: int = MOST_NESTED
) -> Iterator[tuple[str, Any]]:
    """Yield `("data.n", 10)` for `{"data": {"n": 10}}`.

    Args:
        nested: By name; values may be dictionaries as well.
        prefix: What the names begin with.
        depth: How many levels there may be.

    Raises:
        KnobError: There are more.
    """
    if depth == 0:
        raise KnobError(f"{quoted(prefix.rstrip('.'))} is nested too deep; allowed: {{'data': {{'n': 10}}}}")
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.", depth - 1)
        else:
            yield f"{prefix}{key}", value
