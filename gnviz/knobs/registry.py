"""Registries: how kinds of a thing are added, here or from outside.

An entry is a class; of lessons, which are texts rather than classes, it is an object. Kinds come from three
places: this package, `gnviz.register` in a script or a notebook, and installed packages that name them in the
entry point group `gnviz.plugins`. Those of installed packages are found when a registry is first asked; a
worker process is told the other classes (`added`).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Generic, TypeVar

GROUP = "gnviz.plugins"
"""The entry point group in which a package names its classes."""

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Classes by their public name, their `label`.

    Args:
        base: What every class is a subclass of; of objects, their class.
        built_in: Those of this package.
        what: What they are, for messages: "method".

    Attributes:
        base, what: As given.
    """

    def __init__(self, base: type, built_in: Iterable[T], what: str = "kind") -> None:
        self.base, self.what = base, what
        self._built_in = {label_of(cls): cls for cls in built_in}
        self._added: dict[str, T] = {}
        self._installed: dict[str, T] = {}

    def takes(self, thing: object) -> bool:
        """Return whether a thing has its place here."""
        return isinstance(thing, type) and issubclass(thing, self.base)

    def add(self, cls: T, *, installed: bool = False) -> None:
        """Add a class, or put it in the place of one that was added before under its label.

        Args:
            cls: The class.
            installed: Whether every process finds it by itself.

        Raises:
            ValueError: It has no label, or that of a class of this package.
        """
        label = label_of(cls)
        if label in self._built_in:
            raise ValueError(f"{_name(cls)}.label = {label!r} is the name of {self._built_in[label]}")
        (self._installed if installed else self._added)[label] = cls

    def remove(self, label: str) -> None:
        """Take back what `add` added."""
        del self._added[label]

    @property
    def added(self) -> tuple[T, ...]:
        """The classes that only this process has."""
        return tuple(self._added.values())

    @property
    def built_in(self) -> tuple[T, ...]:
        """The classes of this package."""
        return tuple(self._built_in.values())

    @property
    def classes(self) -> tuple[T, ...]:
        """All classes there are now."""
        return tuple(self._all.values())

    @property
    def _all(self) -> dict[str, T]:
        _load_plugins()
        return self._built_in | self._installed | self._added

    def __getitem__(self, label: str) -> T:
        return self._all[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def label_of(cls: object) -> str:
    """Return the public name of a class, or of an object.

    Raises:
        ValueError: It has none that a text can hold: letters, digits, - and _.
    """
    label = getattr(cls, "label", None)
    if (
        not isinstance(label, str)
        or not label.replace("-", "").replace("_", "").isalnum()
        or not label[0].isalpha()
    ):
        raise ValueError(f"{_name(cls)}.label is {label!r}; allowed: letters, digits, - and _")
    return label


def _name(cls: object) -> str:
    return cls.__name__ if isinstance(cls, type) else type(cls).__name__


def kinds_in(base: type[T], *packages: str) -> list[type[T]]:
    """Return the kinds that the files of some packages hold, by their `rank`, then by their label.

    A kind is a subclass of `base` with a label of its own; so a new one is a new file, named nowhere else.
    """
    found = []
    for package in packages:
        for entry in iter_modules(importlib.import_module(package).__path__):
            module = importlib.import_module(f"{package}.{entry.name}")
            found += [
                thing
                for thing in vars(module).values()
                if isinstance(thing, type) and issubclass(thing, base) and thing.__module__ == module.__name__
                and "label" in vars(thing)
            ]  # fmt: skip
    return sorted(found, key=lambda cls: (getattr(cls, "rank", LAST), label_of(cls)))


LAST = 100
"""The rank of kinds that do not say theirs."""

REGISTRIES: list[Registry] = []
"""The registries that `register` looks for a place in."""


def register(thing: T) -> T:
    """Add a kind of one's own, so that texts, files, the page, its links and workers know it by name.

    Args:
        thing: A subclass of `gnviz.Schedule`, `gnviz.Method`, `gnviz.Loss`, `gnviz.DataSet` or
            `gnviz.Activation` with a `label`, or a lesson. It may be defined in a script or a notebook;
            defining and registering it again takes the new one.

    Returns:
        The thing: `register` can decorate a class.

    Raises:
        TypeError: It is of no kind that can be added.
        ValueError: Its label is missing or taken by this package.

    Example:
        >>> @gnviz.register
        ... class Warmup(gnviz.Schedule):
        ...     label, formula, meaning = "warm-up", "ρ = 1/(1 + t)", "first order first, then Gauss-Newton"
        ...
        ...     def rho_at(self, seen):
        ...         return 1 / (1 + seen.time)
        >>> gnviz.Experiment(methods=["warm-up", "gradient-flow"]).methods
        ['warm-up', 'gradient-flow']
    """
    _place(thing).add(thing)
    return thing


def _place(thing: T) -> Registry[T]:
    for registry in REGISTRIES:
        if registry.takes(thing):
            return registry
    kinds = ", ".join(r.base.__name__ for r in REGISTRIES)
    raise TypeError(f"{thing!r} cannot be registered; allowed: a subclass of {kinds}")


_asked = False


def _load_plugins() -> None:
    """Register what installed packages name, once; one that fails is told and left out.

    A lesson asks registries while it is read: it then sees the kinds of the plugins before it.
    """
    global _asked
    if _asked:
        return
    _asked = True
    for point in entry_points(group=GROUP):
        try:
            thing = point.load()
            _place(thing).add(thing, installed=True)
        except Exception as error:  # whatever another package raises
            warnings.warn(f"the plugin {point.name} ({point.value}) is left out: {error}", stacklevel=2)
