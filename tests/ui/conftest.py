"""A real server and a real browser; an error in page or log, or a request elsewhere, fails the test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from ui.driver import Lab
from ui.serving import FLAGS, Server, errors, find_chromium

from gnviz.lab.server.address import read

OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")

ALL_ROWS = 1500
"""Pixels of height in which a page has all its figures in sight."""


def pytest_itemcollected(item):
    """Mark a test of this folder."""
    item.add_marker(pytest.mark.ui)
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.timeout(1200))  # a browser without a graphics card is slow


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser."""
    found = find_chromium()
    if found is None:
        how = "no Chromium found: `apt-get install chromium`, or set GNVIZ_CHROMIUM to the path of one"
        pytest.fail(how, pytrace=False) if os.environ.get("CI") else pytest.skip(how)
    return found


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def regular(browser) -> Iterator[BrowserContext]:
    """A browser context that keeps the page's scripts, compiled, from one test to the next."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory) -> Iterator[Server]:
    """The server, for all tests."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()
    assert not errors(server.log())


@pytest.fixture
def visit(browser, regular, server):
    """Open pages, the first of a test as the regular visitor, others as strangers; none may have an error.

    Two pages never share a context: the one behind would not be drawn.
    """
    pages, complaints, start = [], [], len(server.log().encode())

    def visit(query: str = "", width: int = 1400, height: int = 900) -> Lab:
        page = (browser.new_context() if pages else regular).new_page()
        pages.append(page)
        return come(page, server, query, complaints, width, height)

    yield visit
    for page in pages:
        leave(page, regular)
    assert complaints == []
    assert errors(server.log(start)) == []


class Kept:
    """A page that stays open from one test to the next, as opening one takes longer than most runs.

    Attributes:
        lab: The page; None: not yet open.
        complaints: Errors in it since the test began.
    """

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.lab: Lab | None = None
        self.complaints: list[str] = []
        self._context, self._server = context, server

    def at(self, query: str, free: tuple[str, ...] = ()) -> Lab:
        """Return the page with the run of some settings ended.

        Args:
            query: The settings: the page is opened anew with them unless it has them, and has nothing to say.
            free: Settings, or groups of them, that may be others, since an earlier test has changed them.
        """
        if self.lab is None or not self._stands(query, free):
            self.close()
            page = self._context.new_page()
            self.lab = come(page, self._server, query, self.complaints, height=ALL_ROWS)
            self.lab.wait_state("finished")
        self.lab.until(self.lab.all_drawn, "pictures")
        return self.lab

    def close(self) -> None:
        """Close the page."""
        if self.lab is not None:
            leave(self.lab.page, self._context)
            self.lab = None

    def _stands(self, query: str, free: tuple[str, ...]) -> bool:
        ended = self.lab.state() == "finished" and not self.lab.alerts()
        there = self.lab.page.url.partition("?")[2]
        return ended and settings(there, free) == settings(query, free)


def settings(query: str, free: tuple[str, ...]) -> dict[str, object]:
    """Return the page and the settings of a query, but for those that are free."""
    experiment, page, *_ = read(query)
    found: dict[str, object] = {"page": page}
    for group, value in experiment.to_dict().items():
        found |= {f"{group}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {group: value}
    return {name: value for name, value in found.items() if not name.startswith(free)}


@pytest.fixture(scope="session")
def kept_page(browser, server) -> Iterator[Kept]:
    """The page that stays open."""
    context = browser.new_context()
    yield Kept(context, server)
    context.close()


@pytest.fixture
def at(kept_page, server):
    """Find the page that stays open, with some settings; see `Kept.at`. A test that fails closes it."""
    start, kept_page.complaints[:] = len(server.log().encode()), []
    yield kept_page.at
    if kept_page.complaints or errors(server.log(start)):
        kept_page.close()
    assert kept_page.complaints == []
    assert errors(server.log(start)) == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Leave no page behind in the state in which a test failed."""
    report = yield
    if report.failed and "kept_page" in getattr(item, "funcargs", {}):
        item.funcargs["kept_page"].close()
    return report


def come(page: Page, server: Server, query: str, complaints: list[str], width=1400, height=900) -> Lab:
    """Open the page of the laboratory."""
    page.set_viewport_size({"width": width, "height": height})
    listen(page, complaints)
    lab = Lab(page)
    page.goto(f"{server.url}?{query}" if query else server.url)
    return lab


def leave(page: Page, kept: BrowserContext) -> None:
    """Close a page; of a context that is kept, nothing but the cache stays."""
    if page.context != kept:
        page.context.close()
        return
    page.evaluate("localStorage.clear()")
    page.close()
    kept.clear_cookies()


def listen(page: Page, complaints: list[str]) -> None:
    """Note errors in the page and requests to anywhere else."""
    page.on("pageerror", lambda e: complaints.append(f"error: {e}"))
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on(
        "request", lambda r: complaints.append(f"request: {r.url}") if not r.url.startswith(OWN) else None
    )
