"""Examples in docstrings do what they say, and the names that are reached for first have one."""

import doctest
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import gnviz
from gnviz import views
from gnviz.knobs.registry import REGISTRIES

HOME = Path(gnviz.__file__).parent
MODULES = [
    ".".join(path.relative_to(HOME.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(HOME.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
FIRST = (
    gnviz.Experiment,
    gnviz.run,
    gnviz.simulate,
    gnviz.sweep,
    gnviz.preview,
    gnviz.Arrays,
    gnviz.make_problem,
)
FIRST += (gnviz.register, gnviz.time_to_loss, gnviz.Library, views.draw, views.overview)


@pytest.mark.parametrize("name", MODULES)
def test_examples_do_what_they_say(name, tmp_path, monkeypatch):
    """As after `import gnviz, numpy as np` and `from gnviz import *` in their module."""
    monkeypatch.chdir(tmp_path)
    module = import_module(name)
    names = {public: getattr(gnviz, public) for public in gnviz.__all__} | {"gnviz": gnviz, "np": np}
    found = doctest.DocTestFinder(exclude_empty=True).find(module, globs=names | vars(module))
    before = [(registry, set(registry)) for registry in REGISTRIES]
    runner, said = doctest.DocTestRunner(verbose=False), []
    try:
        for example in found:
            runner.run(example, out=said.append)
    finally:
        for registry, labels in before:
            for label in set(registry) - labels:
                registry.remove(label)
    assert runner.tries
    assert not runner.failures, "".join(said)


@pytest.mark.parametrize("thing", FIRST, ids=lambda thing: thing.__name__)
def test_what_is_reached_for_first_has_an_example(thing):
    assert ">>> " in thing.__doc__
    assert thing.__module__ in MODULES
