"""A real server and a real browser; an error in page or log, or a request elsewhere, fails the test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from ui.driver import Lab
from ui.serving import FLAGS, Server, errors, find_chromium

OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


def pytest_collection_modifyitems(items):
    """Mark what is in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
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
    """One browser for all tests; each opens a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


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
def visit(browser, server):
    """Open pages, each in a browser context of its own; all must stay free of errors."""
    contexts, complaints, start = [], [], len(server.log().encode())

    def visit(query: str = "", width: int = 1400, height: int = 900) -> Lab:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{server.url}?{query}" if query else server.url)
        return Lab(page)

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []
    assert errors(server.log(start)) == []


def listen(page: Page, complaints: list[str]) -> None:
    """Note errors in the page and requests to anywhere else."""
    page.on("pageerror", lambda e: complaints.append(f"error: {e}"))
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on(
        "request", lambda r: complaints.append(f"request: {r.url}") if not r.url.startswith(OWN) else None
    )
