"""Kept machine code belongs to the sources that it was made of."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from gnviz.dynamics.compiled import code
from gnviz.dynamics.compiled.machine import cache


def frozen(module: ModuleType) -> dict[str, str]:
    """Return the numbers that a module takes from elsewhere in gnviz, each with where it is from."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imports = [part for part in tree.body if isinstance(part, ast.ImportFrom)]
    names = {name.asname or name.name: str(part.module) for part in imports for name in part.names}
    numbers = {name for name in names if isinstance(getattr(module, name), int | float)}
    return {name: names[name] for name in numbers if names[name].startswith("gnviz.")}


def test_every_number_that_compiled_code_has_frozen_is_in_the_cache_s_name():
    kept = {path.relative_to(cache.HOUSE.parent).as_posix() for path in cache.sources()}
    numbers = {}
    for info in pkgutil.walk_packages(code.__path__, f"{code.__name__}."):
        numbers |= frozen(importlib.import_module(info.name))
    assert {"SAFETY", "PAST", "TERMS"} <= numbers.keys()
    for name, source in numbers.items():
        assert source.replace(".", "/") + ".py" in kept, name


def test_another_source_is_another_folder(monkeypatch, tmp_path):
    before, other = cache._version(), tmp_path / "state.py"
    known = cache.sources()
    other.write_text("SAFETY = 0.5\n")
    monkeypatch.setattr(cache, "sources", lambda: [*known, other])
    assert cache._version() != before
