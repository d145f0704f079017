"""The site as Sphinx builds it: without a warning, without a dead link, and without a file from elsewhere."""

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("docs", "notebooks", "app")
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src"}
"""Elements that make a browser load something; a stylesheet's own addresses are looked at as text."""

LOCAL = "http://localhost:5006/app"
"""Where links of lessons lead."""


class Page(HTMLParser):
    """The links of a page, what it loads, and the places in it that links can name.

    Args:
        path: Of its file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.formulas = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found[name] for name in ("id", "name") if found.get(name)}
        self.formulas += tag == "math"
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag in LOADED and found.get(LOADED[tag]):
            self.loads.append(found[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site of a copy, so that the checkout stays as it is."""
    pytest.importorskip("sphinx", reason='python -m pip install -e ".[docs]"')
    home = tmp_path_factory.mktemp("site")
    for part in PARTS:
        shutil.copytree(ROOT / part, home / part, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    shutil.copy(ROOT / "README.md", home)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", "docs/_build/html"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    built = home / "docs" / "_build" / "html"
    return built, {path.relative_to(built): Page(path) for path in built.rglob("*.html")}


@pytest.mark.slow
def test_every_link_leads_somewhere(site):
    built, pages = site
    assert len(pages) > 30
    dead, followed = [], 0
    for here, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or link == "#":
                continue
            place = (built / here.parent / unquote(address.path)).resolve() if address.path else built / here
            name = place.relative_to(built)
            there = pages.get(name)
            followed += 1
            if not place.is_file() or (
                address.fragment and there and unquote(address.fragment) not in there.places
            ):
                dead.append(f"{here}: {link}")
    assert followed > 500
    assert not dead


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site):
    built, pages = site
    loaded = {str(here): [x for x in page.loads if urlsplit(x).netloc] for here, page in pages.items()}
    assert not {here: found for here, found in loaded.items() if found}
    styles = {path.name for path in built.rglob("*.css") if "url(http" in path.read_text(encoding="utf-8")}
    assert not styles


@pytest.mark.slow
def test_formulas_and_lessons_are_there(site):
    _, pages = site
    assert pages[Path("flow.html")].formulas > 25
    served = [
        x
        for here, page in pages.items()
        if here.parent.name == "lessons"
        for x in page.links
        if x.startswith(LOCAL)
    ]
    assert len(served) > 30
