"""A plot that is another one but for the names of its runs: one drawing can go on as the other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gnviz.views.plot import Plot


def renaming(old: Plot, new: Plot) -> Mapping[str, str] | None:
    """Return what each name of one plot is in another that is equal but for names; None: it is not.

    Names are those of tables and of the legend's entries: a run's changes with its method's knobs.

    Args:
        old: What is drawn.
        new: What is to be drawn.
    """
    names: dict[str, str] = {}
    pairs = [*zip(old.entries, new.entries, strict=False)]
    for before, after in zip(old.marks, new.marks, strict=False):
        pairs += [(before.table, after.table), (before.entry, after.entry), (before.follows, after.follows)]
    for name, other in pairs:
        if names.setdefault(name, other) != other:
            return None
    if len(set(names.values())) != len(names):
        return None
    marks = [replace(m, table=names.get(m.table, m.table)) for m in old.marks]
    marks = [replace(m, entry=names.get(m.entry, m.entry)) for m in marks]
    marks = tuple(replace(m, follows=names.get(m.follows, m.follows)) for m in marks)
    entries = tuple(names.get(entry, entry) for entry in old.entries)
    return names if replace(old, marks=marks, entries=entries) == new else None
