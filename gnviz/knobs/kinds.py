"""Kinds: classes that texts know by a label, and the groups that choose among them.

A method, a loss, a data set and an activation are each an object with knobs of its own. Its text, such as
`pseudo-huber(delta=0.5)`, parses to an equal object, and `repr` of it is the Python that makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import param

from gnviz.knobs.groups import Group, KnobError, Listed, parse, quoted, unknown
from gnviz.knobs.registry import Registry
from gnviz.knobs.texts import arguments, format_value, split_call


class Kind(Group):
    """An object that a text names by the `label` of its class.

    Attributes:
        label: The public name: letters, digits and hyphens.
        meaning: One line for people, shown beside it.
        rank: Place in listings and menus, the smallest first.
    """

    label: ClassVar[str]
    meaning: ClassVar[str] = ""

    @classmethod
    def spelling(cls, name: str) -> str:
        """Return a knob's name as messages have it, such as `constant(rho)`."""
        return f"{cls.label}({name})"

    def __str__(self) -> str:
        knobs = self.knobs()
        values = ", ".join(f"{k}={format_value(p, getattr(self, k))}" for k, p in knobs.items())
        return f"{self.label}({values})" if values else self.label


def read_kind(registry: Registry, text: str) -> Any:
    """Read an object such as `constant(rho=0.01)` or `gradient-flow`.

    Args:
        registry: The kinds there are.
        text: A label, with knobs in brackets where there are any.

    Raises:
        KnobError: The label or a knob is unknown, or a value is not allowed.
    """
    call = split_call(text)
    if call is None or call[0] not in registry:
        raise KnobError(unknown(registry.what, call[0] if call else text, registry))
    name, rest = call
    values: dict[str, object] = {}
    knobs = registry[name].knobs()
    for key, value in arguments(rest):
        if key is None and len(knobs) == 1:  # constant(0.01)
            (key,) = knobs
        if key is None or key not in knobs:
            raise KnobError(_unknown(name, key or value, list(knobs)))
        if key in values:
            raise KnobError(f"{name}({key}) is given twice")
        values[key] = parse(f"{name}({key})", knobs[key], value)
    return registry[name](**values)


def _unknown(name: str, key: str, knobs: list[str]) -> str:
    return (
        unknown(f"parameter of {name}", key, knobs)
        if knobs
        else f"{name} takes no parameters, got {quoted(key)}"
    )


class Named(Listed):
    """A knob that holds the text of a kind, such as `tanh`; given an object, it takes that object's text.

    Args:
        default: A label.
        registry: The kinds there are.
        bare: Whether only a label is allowed, because the kind's knobs stand beside this one.
    """

    __slots__ = ["bare", "registry"]
    _slot_defaults: ClassVar[dict[str, Any]] = {  # pyright: ignore[reportIncompatibleVariableOverride]
        **param.Parameter._slot_defaults, "registry": None, "bare": False
    }  # fmt: skip

    def __init__(self, default: str, registry: Registry, bare: bool = False, **kwargs: Any) -> None:
        super().__init__(default, **kwargs)
        self.registry, self.bare = registry, bare

    @property
    def objects(self) -> list[str]:
        """The labels there are now."""
        return list(self.registry)

    def read(self, value: Any) -> str | None:
        """Return the text of a kind, None if it names none.

        Raises:
            KnobError: It names one, with knobs that are not allowed.
        """
        text = str(value)
        call = split_call(text)
        if isinstance(value, type) or call is None or call[0] not in self.registry:
            return None
        if self.bare:
            return text if text in self.registry else None
        return str(read_kind(self.registry, text))


class Choice(Group):
    """A group whose `kind` names one of a registry; its other knobs are those of the kinds.

    A knob that several kinds have is one knob here, so that it stays as it is when another kind is chosen;
    what it may be is for the chosen kind to say. Two groups are equal if what is chosen is: knobs of other
    kinds do not act.
    """

    registry: ClassVar[Registry]
    kind: Any

    _known: ClassVar[tuple[tuple[type, ...], dict[str, param.Parameter]]] = ((), {})

    @classmethod
    def knobs(cls) -> dict[str, param.Parameter]:
        """Return `kind` and the knobs of all kinds, a shared one as the first that has it says."""
        if cls._known[0] != cls.registry.classes:
            cls._known = (cls.registry.classes, cls._learn())
        return cls._known[1]

    @classmethod
    def _learn(cls) -> dict[str, param.Parameter]:
        """Return the knobs there are now, with room for the value of each."""
        known: dict[str, param.Parameter] = {"kind": cls.param.objects("existing")["kind"]}
        for kind in cls.registry.classes:
            known = kind.knobs() | known
        known = {"kind": known["kind"]} | known
        for name, declared in known.items():
            if name not in cls.param:
                cls.param.add_parameter(name, param.Parameter(declared.default, instantiate=True))
        return known

    def declared(self, name: str) -> param.Parameter | None:
        """Return a knob's declaration, that of the chosen kind if it has one."""
        if name != "kind" and self.kind in self.registry and self.has(name):
            return self.registry[self.kind].knobs()[name]
        return self.knobs().get(name)

    _made: bool = False

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return a knob of some kind: they are added as kinds are."""

    def __init__(self, **values: Any) -> None:
        kind = {"kind": values.pop("kind")} if "kind" in values else {}
        super().__init__(**kind | values)  # the kind first: it says what the others may be
        self._check(self.kind)
        self._made = True

    def _check(self, kind: str) -> None:
        """Refuse values that another kind allowed and this one does not."""
        for name, declared in self.registry[kind].knobs().items():
            parse(self.spelling(name), declared, getattr(self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a knob, or choose another kind.

        Raises:
            KnobError: The value is not allowed, or what is set does not go with the kind.
        """
        if name == "kind" and self._made:
            value = parse(self.spelling("kind"), self.knobs()["kind"], value)
            self._check(value)
        super().__setattr__(name, value)

    @classmethod
    def of(cls, kind: Any) -> Self:
        """Return the group that chooses an object, given as itself or as its text.

        Raises:
            KnobError: There is no such kind.
        """
        name = cls.__name__.lower()
        if isinstance(kind, str):
            kind = read_kind(cls.registry, kind)
        if not isinstance(kind, cls.registry.base):
            names = ", ".join(cls.registry)
            raise KnobError(
                f"{name} = {quoted(kind)} is not allowed: a {cls.registry.what}, or one of {names}"
            )
        if cls.registry.get(kind.label) is not type(kind):
            raise KnobError(
                unknown(cls.registry.what, kind.label, cls.registry)
                + f" (a class of your own is made known by gnviz.register({type(kind).__name__}))"
            )
        return cls(kind=kind.label, **kind.to_dict())

    @property
    def choice(self) -> Any:
        """What is chosen, as an object of its own."""
        chosen = self.registry[self.kind]
        return chosen(**{name: getattr(self, name) for name in chosen.knobs()})

    def has(self, name: str) -> bool:
        """Return whether the chosen kind has a knob of this name."""
        return name in self.registry[self.kind].knobs()

    def to_dict(self) -> dict[str, Any]:
        """Return `{knob: value}`; knobs that only kinds from outside have are there if one is chosen."""
        usual = {name for kind in self.registry.built_in for name in kind.knobs()}
        return {k: getattr(self, k) for k in self.knobs() if k == "kind" or k in usual or self.has(k)}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, self.registry.base):
            return self.choice == other
        return type(self) is type(other) and self.choice == other.choice  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]  # mutable values

    def __repr__(self) -> str:
        return repr(self.choice)
