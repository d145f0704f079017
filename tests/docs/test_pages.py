"""The documentation's own promises: named tests exist, every public name has its entry, code runs."""

import re
import sys
from pathlib import Path

import pytest

import gnviz
from gnviz.activations import ACTIVATIONS
from gnviz.data import DATA_SETS
from gnviz.lessons import LESSONS
from gnviz.losses import LOSSES
from gnviz.methods import METHODS
from gnviz.views import FIGURES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REGISTRIES = {"methods": METHODS, "losses": LOSSES, "data": DATA_SETS, "activations": ACTIVATIONS}
WRITTEN = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]


def text(name):
    return (DOCS / name).read_text(encoding="utf-8")


NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text("claims.md"))))


def test_tests_that_the_claims_name_exist():
    assert len(NAMED) > 30
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not (ROOT / path).is_file()
        or not re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not missing


def test_every_claim_of_the_paper_is_shown_tested_and_found():
    claims = text("claims.md").partition("## Of the paper")[2].partition("## Beyond the paper")[0]
    first, *claims = re.split(r"^### ", claims, flags=re.MULTILINE)
    assert not first.strip()
    assert len(claims) >= 8
    for claim in claims:
        for part in ("**Shown**", "**Tested**: `tests/", "**Found**"):
            assert part in claim, f"{claim.splitlines()[0]} lacks {part}"


def test_what_goes_beyond_the_paper_is_tested_and_found():
    rows = [row.split(" | ") for row in text("claims.md").splitlines() if row.startswith("| ")]
    rows = [row for row in rows if len(row) == 4 and "`tests/" in row[2]]
    assert len(rows) > 10
    assert not [row[0] for row in rows if not re.search(r"\d", row[3])]


def test_every_public_name_has_an_entry_in_the_reference():
    pages = "\n".join(text(f"reference/{path.name}") for path in sorted((DOCS / "reference").glob("*.md")))
    entries = set(
        re.findall(r"^\.\. auto(?:class|function|module|exception):: gnviz\.(\w+)$", pages, re.MULTILINE)
    )
    for name in re.findall(r"\{kinds\} (\w+)", pages):
        entries |= {kind.__name__ for kind in REGISTRIES[name].built_in}
    assert not set(dir(gnviz)) - entries - {"__version__"}
    assert "gnviz.__version__" in pages


def test_no_entry_is_of_what_is_not_there():
    pages = "\n".join(text(f"reference/{path.name}") for path in sorted((DOCS / "reference").glob("*.md")))
    named = re.findall(r"^\.\. auto(?!module)\w+:: gnviz\.(\w+)$", pages, re.MULTILINE)
    assert not [name for name in named if not hasattr(gnviz, name)]


BLOCKS = [
    pytest.param(block, id=f"{path.stem}-{i}")
    for path in WRITTEN
    for i, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_code_runs_as_it_stands(block, capsys):
    before = [(registry, set(registry)) for registry in (*REGISTRIES.values(), FIGURES)]
    try:
        exec(block, {"__name__": "docs"})
    finally:
        for registry, names in before:
            for name in set(registry) - names:
                registry.remove(name)
    assert capsys.readouterr().err == ""


def test_parts_of_the_readme_that_are_shown_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    marks = [
        m
        for path in WRITTEN
        for m in re.findall(r'^:(?:start-after|end-before): "(.*)"$', path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(marks) >= 8
    assert not [mark for mark in marks if readme.count(f"\n{mark}\n") != 1]


@pytest.fixture
def reader(monkeypatch):
    """What turns lessons into pages; it needs Sphinx only when a page is built."""
    pytest.importorskip("sphinx", reason='python -m pip install -e ".[docs]"')
    monkeypatch.syspath_prepend(str(DOCS / "extensions"))
    monkeypatch.delitem(sys.modules, "lessons", raising=False)
    import lessons

    return lessons


def test_a_lesson_becomes_a_page(reader):
    for lesson in LESSONS.values():
        page = reader.page(lesson, "http://here/app")
        words = re.sub(r"\$\$[^$]+\$\$|\$[^$]+\$", "", page)
        assert not re.search(r"[{}]|\]\(\?|\]\(#", words), "a claim or a link is left as it was written"
        for step in lesson.steps:
            assert f"## {step.title}" in page
            assert all(f"(<http://here/app{link.query}>)" in page for link in step.links)
            assert all(claim.shown in page for claim in step.claims)
            assert all(f"figures.md#figure-{figure}" in page for figure in step.looks)
