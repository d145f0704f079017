"""Notebooks are valid, repeat what a script does, and say in words what is set."""

import ast
import json

import nbformat
import pytest
from export.runs import EXPERIMENTS

from gnviz import Experiment, preset
from gnviz.experiment.presets import PRESETS
from gnviz.export import notebook, script
from gnviz.export.figures import figures_of
from gnviz.lab.run.plans import HOMES, home, plan_of
from gnviz.views import VIEWS


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_notebook_is_valid_and_trains_what_its_script_trains(made, name):
    text = notebook(made[name])
    nbformat.validate(nbformat.reads(text, as_version=4))
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    assert made_by(code) == made_by(script(made[name]))


def made_by(code: str) -> str:
    """Return the assignment of the experiment, and the run."""
    wanted = ("experiment", "TABLE", "ds")
    nodes = [n for n in ast.parse(code).body if isinstance(n, ast.Assign) and n.targets[0].id in wanted]
    return "\n".join(map(ast.unparse, nodes))


def test_settings_are_told_in_words():
    words = markdown(preset("figure3"))
    assert "# Fewer parameters than samples" in words
    assert "| `methods` | `gauss-newton` | ρ → 0; no damping" in words
    assert "| `data.kind` | `ring` | evenly spaced points on the full circle |" in words
    assert "| `ensemble.alphas` | `1;10;100;1000` |" in words
    assert "data.condition" not in words.partition("The page shows")[0], "a knob that does not act"
    assert f"`?{preset('figure3').to_query()}`" in words


def test_what_users_name_is_no_markup():
    words = markdown(Experiment().replace({"data.kind": "csv", "data.path": "<b>|a_b_c|.csv"}))
    assert "It reads \\<b\\>\\|a\\_b\\_c\\|.csv from" in words
    assert "| `<b>\\|a_b_c\\|.csv` |" in words


def markdown(experiment: Experiment) -> str:
    cells = json.loads(notebook(experiment))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("name", PRESETS)
def test_figures_are_those_of_the_page_that_an_experiment_opens_on(name):
    page = home(preset(name))
    assert page in HOMES
    plan = plan_of(page)
    assert list(figures_of(preset(name))) == [label for label in plan.figures if label not in plan.instead]
    assert all(label in VIEWS for label in figures_of(preset(name)))
