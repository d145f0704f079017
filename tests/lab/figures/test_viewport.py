"""A browser is sent no more than it paints."""

import pytest

from gnviz.lab.figures.browser import viewport as module
from gnviz.lab.figures.browser.viewport import PATIENCE, QUICK, REST, TURNS, Viewport


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def paint(viewport, clock, seconds):
    viewport.beat()
    assert viewport.figures(6) == 0, "still painting"
    clock[0] += seconds
    viewport.seen = viewport.sent
    clock[0] += 0.9 * seconds * REST
    assert viewport.figures(6) == 0, "the browser is left alone for a while"
    assert viewport.figures(6, rest=False), "but not once nothing trains"
    clock[0] += 0.2 * seconds * REST


def test_a_quick_browser_gets_all_figures_and_a_slow_one_some(clock):
    viewport = Viewport()
    assert viewport.figures(6) == 6
    paint(viewport, clock, QUICK * 2)
    assert viewport.figures(6) == TURNS
    paint(viewport, clock, QUICK * TURNS / 6 * 1.1)
    assert viewport.figures(6) == TURNS, "some were quick, but all would not be"
    paint(viewport, clock, QUICK * TURNS / 6 * 0.9)
    assert viewport.figures(6) == 6
    assert viewport.figures(1) == 1


def test_a_tab_in_the_background_does_not_stop_the_page(clock):
    viewport = Viewport()
    viewport.beat()
    clock[0] += PATIENCE * 0.9
    assert viewport.figures(6) == 0
    clock[0] += PATIENCE * 0.2
    assert viewport.figures(6) == 6


def test_a_rest_is_no_longer_than_patience(clock):
    viewport = Viewport()
    viewport.beat()
    clock[0] += 0.8 * PATIENCE
    viewport.seen = viewport.sent
    clock[0] += 0.3 * PATIENCE
    assert viewport.figures(6) == TURNS
