"""Every notebook runs from top to bottom, those of the repository and those that the page saves."""

from pathlib import Path

import nbformat
import pytest
from export.runs import EXPERIMENTS

from gnviz import load, run
from gnviz.export import notebook
from gnviz.export.figures import figures_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # the kernel's own start-up warnings are not ours
]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_of_the_repository_runs(execute, path):
    book = nbformat.read(path, as_version=4)
    execute(book, path.parent)
    drawn = [o for c in book.cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})]
    assert len(drawn) >= 3, "the pictures and the Dataset are shown"


def test_there_is_a_quickstart():
    assert [p.name for p in NOTEBOOKS][:1] == ["01_quickstart.ipynb"]


@pytest.mark.parametrize("name", ["figure1", "figure3"])
def test_a_saved_notebook_runs_and_shows_its_figures(execute, tmp_path, name):
    made = run(EXPERIMENTS[name])
    book = nbformat.reads(notebook(made), as_version=4)
    execute(book, tmp_path)
    drawn = [cell for cell in book.cells if cell.cell_type == "code" and "draw(ds" in cell.source]
    assert len(drawn) == len(figures_of(EXPERIMENTS[name]))
    for cell in drawn:
        shown = [o for o in cell.outputs if "text/html" in o.get("data", {})]
        assert any("application/vnd.holoviews_exec.v0+json" in o.data for o in shown), cell.source
    found = load(tmp_path / "run.nc")
    assert found.drop_attrs()["loss"].identical(made.drop_attrs()["loss"])
