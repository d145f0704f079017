"""The laboratory in JupyterLab: a cell shows it, Run trains, the pictures follow."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from ui.driver import PATIENCE
from ui.jupyter import FIGURES, JupyterLab

WAIT = 3 * PATIENCE
"""Seconds that anything may take: a kernel, Panel's scripts and the whole page come in one cell."""

SHOW = """
import gnviz
import panel as pn
pn.extension(inline=True)
small = {"data.condition": 1e5, "network.width": 50, "clock.snapshots": 2000, "engine": "torch"}
lab = gnviz.explore(gnviz.Experiment().replace(small))
lab
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory) -> Iterator[JupyterLab]:
    server = JupyterLab(tmp_path_factory.mktemp("jupyter"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1500, "height": 1100})
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())  # of a notebook that is not saved
    page.set_default_timeout(WAIT * 1000)
    yield page
    context.close()


def until(page, condition, what):
    """Wait until a condition holds and return its value."""
    end = time.monotonic() + WAIT
    while not (value := condition()):
        if time.monotonic() > end:
            said = page.locator(".jp-OutputArea").all_inner_texts()
            pytest.fail(f"not within {WAIT:g} s: {what}; the notebook says {said}")
        page.wait_for_timeout(100)
    return value


def losses(page, run="gradient-flow"):
    """Return the losses of a run that are drawn."""
    return next(iter(page.evaluate(FIGURES, run)), [])


def gauge(page):
    """Return how the run stands, in words; empty if it is not shown."""
    said = page.locator(".jp-OutputArea .gauge")
    return said.inner_text() if said.count() else ""


def execute(page, cell):
    """Run a cell."""
    page.locator(".jp-CodeCell .cm-content").nth(cell).click()
    page.keyboard.press("Shift+Enter")


def drag(page, label, across):
    """Drag a slider's thumb by some pixels, with the mouse."""
    slider = page.get_by_role("slider", name=re.compile(f"^{re.escape(label)}"))
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y, steps=5)
    page.mouse.up()


@pytest.mark.timeout(1500)
def test_run_draws_and_a_drag_of_a_slider_runs_again(jupyter, page):
    jupyter.open(page, SHOW)
    execute(page, 0)
    run = page.locator(".jp-OutputArea button", has_text=re.compile("Run$"))
    run.click()
    first = until(page, lambda: losses(page), "the loss drawn")
    until(page, lambda: len(losses(page)) > len(first), "a curve that grows")
    before = losses(page)
    drag(page, "Conditioning", 40)
    until(page, lambda: losses(page)[:5] and losses(page)[:5] != before[:5], "the curve of another condition")
    until(page, lambda: gauge(page).startswith("running"), "the run under way")
