"""Several visitors, dying workers and small screens."""

import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from ui.driver import USUAL

from gnviz.lab.page import HEAD_START

ENDLESS = "network.width=300&clock.kind=steps&clock.steps=10000000"
"""Settings of a run that does not end by itself."""


def test_two_at_once_both_see_their_run_end(at, visit):
    labs = [at(USUAL), visit(f"{USUAL}&data.target=wave")]
    labs[0].run_again()
    for lab in labs:
        lab.wait_finished()
    assert labs[0].headline() != labs[1].headline()


def test_requests_without_a_browser_run_nothing_and_a_closed_tab_stops_its_run(visit, server, kept_page):
    def running() -> int:
        with urllib.request.urlopen(server.url.replace("/app", "/health"), timeout=30) as answer:
            return json.load(answer)["running"]

    def settled(most: int, seconds: float) -> int:
        """Return how many runs there are once there are no more than so many, or after some seconds."""
        end = time.monotonic() + seconds
        while (found := running()) > most and time.monotonic() < end:
            time.sleep(0.2)
        return found

    kept_page.close()
    before = settled(0, 30)  # an earlier test may have left one that its session still holds
    for _ in range(6):
        with urllib.request.urlopen(f"{server.url}?{ENDLESS}", timeout=60) as answer:
            assert answer.status == 200
    end = time.monotonic() + 4 * HEAD_START / 1000
    while time.monotonic() < end:
        assert running() <= before, "nobody looks"
    lab = visit(ENDLESS)
    lab.wait_state("running")
    assert running() >= 1
    lab.page.goto(server.url.replace("/app", "/health"))
    assert settled(before, 20) <= before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the workers in /proc")
def test_a_worker_that_dies_is_reported_and_replaced(at, server):
    lab = at(USUAL)
    lab.begin(moments=6)
    for worker in children(server.process.pid):
        os.kill(worker, signal.SIGKILL)
    lab.wait_alert("worker process died")
    lab.wait_state("lost its worker")
    lab.until(lab.all_drawn, "what had been recorded, in all figures")
    lab.press("Run")
    lab.wait_finished()
    assert lab.alerts() == []


def children(pid: int) -> list[int]:
    """Return the processes that another one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_phone_shows_run_and_figures_without_scrolling_sideways(visit):
    lab = visit(USUAL.replace("snapshots=60", "snapshots=20"), width=390, height=844)
    lab.wait_finished()
    run = lab.button("Run")
    box = run.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
    words = lab.page.locator("main .headline").bounding_box()
    assert words["x"] + words["width"] <= 390, "nothing is cut off at the window's edge"
    lab.until(lambda: not shown(lab), "a closed sidebar")
    run.click(trial=True)  # fails if anything covers it
    lab.settings()
    lab.until(lambda: shown(lab), "the open sidebar")
    lab.switch("Run on every change")


def shown(lab) -> bool:
    """Return whether the sidebar's first switch is inside the window."""
    switch = lab.page.get_by_role("switch", name="Run on every change")
    box = switch.bounding_box() if switch.count() else None  # a closed drawer may be left out altogether
    return bool(box) and -10 <= box["x"] < 390  # its touch area reaches a little beyond it
