"""The server is restarted while visitors look: what was kept is there, and every page goes on by itself."""

import pytest
from ui.driver import LONG, Lab
from ui.serving import Server, errors

GOES_ON = 60.0
"""Seconds after a restart in which a page is back: it tries again every few seconds."""


@pytest.fixture
def page(browser):
    """A stranger's page, whose complaints do not count: while there is no server, the browser has some."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def keep(lab: Lab, name: str) -> None:
    """Keep what is shown in the library."""
    lab.page.get_by_role("button", name="Library", exact=True).click()
    dialog = lab.page.get_by_role("dialog")
    lab.until(dialog.get_by_role("textbox", name="Name of this run").is_enabled, "a run to keep")
    dialog.get_by_role("textbox", name="Name of this run").fill(name)
    dialog.get_by_role("button", name="Keep this run").click()
    lab.until(lambda: "Kept as" in dialog.inner_text(), "that it is kept")
    lab.page.keyboard.press("Escape")


def test_a_run_in_flight_begins_again_once_the_server_is_back(page, tmp_path):
    server = Server(tmp_path)
    try:
        server.wait()
        page.goto(f"{server.url}?data.condition=1e5&network.width=50&clock.snapshots=30")
        lab = Lab(page)
        lab.wait_finished()
        keep(lab, "before")
        page.goto(f"{server.url}?{LONG}&data.condition=1e6")
        lab.until(lambda: lab.state() == "running" and lab.progress() > 1, "a run in flight")
        address = page.url
        assert server.stop() == 0
        lost = page.get_by_text("Server connection lost")
        lab.until(lost.is_visible, "that the page says so", seconds=GOES_ON)
        loaded: list[bool] = []
        page.on("load", lambda _: loaded.append(True))
        server = Server(tmp_path, server.port)
        server.wait()
        lab.until(lambda: loaded, "a fresh page", seconds=GOES_ON)
        lab.until(lambda: lab.state() == "running" and lab.progress() > 1, "the run again")
        assert page.url == address
        page.get_by_role("button", name="Library", exact=True).click()
        rows = page.get_by_role("list", name="Kept runs").get_by_role("listitem")
        lab.until(lambda: rows.count() == 1, "what was kept")
        assert "before" in rows.inner_text()
    finally:
        server.stop()
    assert errors(server.log()) == []
