"""Several visitors, dying workers, small screens and the dark."""

import os
import signal
import sys
from pathlib import Path

import pytest

SMALL = "data.condition=1e5&network.width=50&clock.snapshots=100"
SURFACE = "surface.model=neuron&network.alpha=1&methods=gradient-flow;gauss-newton&clock.horizon=5"


def test_two_at_once_both_see_their_run_end(visit):
    labs = [visit(SMALL), visit(f"{SMALL}&data.target=wave")]
    for lab in labs:
        lab.wait_finished()
    assert labs[0].headline() != labs[1].headline()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the workers in /proc")
def test_a_worker_that_dies_is_reported_and_replaced(visit, server):
    lab = visit("network.width=50&clock.snapshots=400")
    lab.wait_growing(beyond=5)
    for worker in children(server.process.pid):
        os.kill(worker, signal.SIGKILL)
    lab.wait_alert("worker process died")
    lab.wait_state("lost its worker")
    lab.until(lambda: lab.drawn() == 6, "what had been recorded, in six figures")
    lab.choose("Pace", "full speed")
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
    lab = visit(SMALL, width=390, height=844)
    lab.wait_finished()
    run = lab.button("Run")
    box = run.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
    lab.until(lambda: not shown(lab), "a closed sidebar")
    run.click(trial=True)  # fails if anything covers it
    lab.page.get_by_role("button", name="Open drawer").click()
    lab.until(lambda: shown(lab), "the open sidebar")
    lab.switch("Run on every change")


def shown(lab) -> bool:
    """Return whether the sidebar's first switch is inside the window."""
    switch = lab.page.get_by_role("switch", name="Run on every change")
    box = switch.bounding_box() if switch.count() else None  # a closed drawer may be left out altogether
    return bool(box) and -10 <= box["x"] < 390  # its touch area reaches a little beyond it


def test_the_dark_theme(visit):
    lab = visit(SURFACE)
    lab.wait_growing()
    light = background(lab)
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.until(lambda: background(lab) < light, "a darker page")
    lab.wait_finished()
    lab.until(lambda: surface_margin(lab) == 0, "the surface filling its card, with no margin of the theme")
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.until(lambda: background(lab) == light, "the light page again")
    lab.page.wait_for_timeout(1000)  # the theme restyles the surface a little later
    lab.until(lambda: surface_margin(lab) == 0, "the surface filling its card again")


def surface_margin(lab) -> int:
    """Return the left margin, in pixels, that the surface was drawn with."""
    return lab.page.locator(".js-plotly-plot").evaluate("e => e._fullLayout.margin.l")


def background(lab) -> int:
    """Return the brightness of the page's ground, 0 to 255."""
    colour = lab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(colour.partition("(")[2].split(",")[0])
