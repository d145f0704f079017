"""A plot that is another one but for the names of its runs: one drawing can go on as the other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gnviz.views.plot import Mark, Plot


def renaming(old: Plot, new: Plot) -> Mapping[str, str] | None:
    """Return the names that differ in another plot that is equal but for names; None: it is not.

    Names are those of tables and of the legend's entries: a run's changes with its method's knobs.

    Args:
        old: What is drawn.
        new: What is to be drawn.
    """
    if old == new:  # as at nearly every update
        return {}
    names: dict[str, str] = {}
    pairs = [*zip(old.entries, new.entries, strict=False)]
    for before, after in zip(old.marks, new.marks, strict=False):
        pairs += [(before.table, after.table), (before.entry, after.entry), (before.follows, after.follows)]
    for name, other in pairs:
        if names.setdefault(name, other) != other:
            return None
    if len(set(names.values())) != len(names):
        return None
    marks = tuple(_renamed(mark, names) for mark in old.marks)
    entries = tuple(names.get(entry, entry) for entry in old.entries)
    if replace(old, marks=marks, entries=entries) != new:
        return None
    return {name: other for name, other in names.items() if name != other}


def _renamed(mark: Mark, names: Mapping[str, str]) -> Mark:
    table, entry, follows = (names.get(name, name) for name in (mark.table, mark.entry, mark.follows))
    return replace(mark, table=table, entry=entry, follows=follows)
