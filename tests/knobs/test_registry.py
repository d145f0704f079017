"""Kinds are found in the files of a room, and named nowhere else."""

import ast
import importlib
from pathlib import Path

import pytest

import gnviz
from gnviz.activations import ACTIVATIONS
from gnviz.data import DATA_SETS
from gnviz.knobs.registry import kinds_in
from gnviz.losses import LOSSES
from gnviz.methods import METHODS, Method

DROPPED = """
from gnviz.methods.base import Schedule
from gnviz.methods.schedules.constant import Constant


class {name}(Schedule):
    label, rank = "{label}", {rank}


class Unnamed({name}):
    pass
"""


def test_a_file_that_is_dropped_into_a_room_is_a_kind_of_it(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    inner = tmp_path / "dropped_kinds" / "inner"
    inner.mkdir(parents=True)
    for place, name, label, rank in (
        (inner, "A", "later", 2),
        (inner, "B", "between", 1.5),
        (inner.parent, "C", "first", 1),
    ):
        (place / f"{label}.py").write_text(DROPPED.format(name=name, label=label, rank=rank))
        (place / "__init__.py").touch()
    importlib.invalidate_caches()
    found = kinds_in(Method, "dropped_kinds", "dropped_kinds.inner")
    assert [kind.label for kind in found] == ["first", "between", "later"]


@pytest.mark.parametrize("registry", [METHODS, LOSSES, DATA_SETS, ACTIVATIONS], ids=lambda r: r.what)
def test_every_labelled_class_of_a_room_is_found_and_public(registry):
    room = Path(gnviz.__file__).parent / registry.base.__module__.split(".")[1]
    labelled = {
        node.name
        for path in room.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and "label" in {t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets}
    }
    assert {kind.__name__ for kind in registry.built_in} == labelled
    ranks = [getattr(kind, "rank", None) for kind in registry.built_in]
    assert ranks == list(range(len(ranks))), "menus have an order that somebody chose"
    if registry is not ACTIVATIONS:
        assert labelled <= set(dir(gnviz))
