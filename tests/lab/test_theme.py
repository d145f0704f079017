"""Light or dark: what the browser has and what the page shows."""

import panel_material_ui as pmui
import pytest

from gnviz.lab.look.theme import DARK, LIGHT, Theme


@pytest.fixture
def page():
    return pmui.Page(dark_theme=False)


def test_a_page_shows_what_the_browser_would_have_once_it_is_drawn(page):
    theme = Theme()
    theme.wanted = DARK
    assert not page.dark_theme, "not before"
    theme.dress(page)
    assert page.dark_theme
    assert theme.shown == DARK
    theme.wanted = LIGHT
    assert not page.dark_theme
    assert theme.shown == LIGHT


def test_a_choice_in_the_page_is_told_to_the_browser(page):
    theme = Theme()
    theme.dress(page)
    assert not page.dark_theme, "a browser that has not said yet changes nothing"
    page.dark_theme = True
    assert theme.shown == DARK
