"""A real server and a real browser; an error in page or log, or a request elsewhere, fails the test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from ui.driver import Lab
from ui.serving import FLAGS, Server, errors, find_chromium

OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


def pytest_itemcollected(item):
    """Mark a test of this folder."""
    item.add_marker(pytest.mark.ui)
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.timeout(600))  # a browser without a graphics card is slow


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


@pytest.fixture(scope="module")
def regular(browser) -> Iterator[BrowserContext]:
    """A browser context that keeps the page's scripts, compiled, from one test of a file to the next.

    The first test of each file comes with an empty cache.
    """
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
        page.set_viewport_size({"width": width, "height": height})
        listen(page, complaints)
        lab = Lab(page)  # which is patient, also with the first answer
        page.goto(f"{server.url}?{query}" if query else server.url)
        return lab

    yield visit
    for page in pages:
        leave(page, regular)
    assert complaints == []
    assert errors(server.log(start)) == []


def leave(page: Page, regular: BrowserContext) -> None:
    """Close a page; of the regular visitor, nothing but the cache stays."""
    if page.context != regular:
        page.context.close()
        return
    page.evaluate("localStorage.clear()")
    page.close()
    regular.clear_cookies()


def listen(page: Page, complaints: list[str]) -> None:
    """Note errors in the page and requests to anywhere else."""
    page.on("pageerror", lambda e: complaints.append(f"error: {e}"))
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on(
        "request", lambda r: complaints.append(f"request: {r.url}") if not r.url.startswith(OWN) else None
    )
