"""A slider in a browser, served alone: dragged, stepped, typed, moved from elsewhere."""

import math

import pytest
from playwright.sync_api import Page, expect
from ui.alone import Alone
from ui.conftest import listen

from gnviz.lab.controls.slider import Slider

SLIDERS = {
    "condition": {
        "label": "κ",
        "start": 1e2,
        "end": 1e12,
        "value": 1e7,
        "log": True,
        "help": "Of the kernel.",
    },
    "damping": {"label": "ρ", "start": 1.0, "end": 1e-8, "value": 0.01, "log": True, "ends": ["flow", "GN"]},
    "width": {"label": "Width", "start": 2, "end": 1000, "step": 2, "value": 400, "whole": True},
    "place": {"label": "y1", "start": -3, "end": 3, "step": 0.03, "value": 0.5},
}


@pytest.fixture(scope="module")
def served(chromium):
    served = Alone({name: lambda settings=settings: Slider(**settings) for name, settings in SLIDERS.items()})
    yield served
    served.stop()


@pytest.fixture
def page(browser) -> Page:
    context, complaints = browser.new_context(viewport={"width": 500, "height": 400}), []
    page = context.new_page()
    page.set_default_timeout(60_000)
    listen(page, complaints)
    yield page
    context.close()
    assert complaints == []


def opened(page, served, name):
    """Open a slider's page; return the slider in the browser and the one on the server."""
    page.goto(served.url(name))
    found = page.get_by_role("slider")
    found.wait_for()
    return found, served.made[-1]


def until(page, condition):
    for _ in range(300):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail("not within 15 s")


def test_an_arrow_key_moves_a_twentieth_of_a_decade(page, served):
    found, slider = opened(page, served, "condition")
    expect(found).to_have_accessible_name("κ: 1e+07")
    found.press("ArrowRight")
    until(page, lambda: slider.value == 1.12e7)
    found.press("End")
    until(page, lambda: slider.value == 1e12)
    expect(found).to_have_accessible_name("κ: 1e+12")


def test_a_falling_slider_has_its_largest_number_at_the_left(page, served):
    found, slider = opened(page, served, "damping")
    found.press("Home")
    until(page, lambda: slider.value == 1)
    found.press("ArrowRight")
    until(page, lambda: slider.value == 0.891)
    found.press("End")
    until(page, lambda: slider.value == 1e-8)
    assert page.get_by_text("GN").bounding_box()["x"] > page.get_by_text("flow").bounding_box()["x"] + 200


def test_a_typed_number_is_kept_exactly_also_beyond_the_ends(page, served):
    found, slider = opened(page, served, "condition")
    typed = page.get_by_role("textbox", name="κ, exactly")
    typed.fill("12345678.9")
    typed.press("Enter")
    until(page, lambda: slider.value == 12345678.9)
    expect(found).to_have_accessible_name("κ: 1.23e+07")
    typed.fill("1e13")
    typed.press("Enter")
    until(page, lambda: slider.value == 1e13)
    assert found.input_value() == "12"
    for nonsense in ("", "ten", "-4"):
        typed.fill(nonsense)
        typed.press("Enter")
        page.wait_for_timeout(100)
        assert slider.value == 1e13


def test_whole_numbers_stay_whole(page, served):
    found, slider = opened(page, served, "width")
    found.press("ArrowLeft")
    until(page, lambda: slider.value == 398)
    assert isinstance(slider.value, int)
    assert found.input_value() == "398"


def test_it_is_dragged_as_far_as_the_pointer_and_followed(page, served):
    found, slider = opened(page, served, "place")
    seen = []
    slider.param.watch(lambda event: seen.append(event.new), "value")
    box = found.bounding_box()
    across, y = box["width"] - 16, box["y"] + box["height"] / 2
    x = box["x"] + 8 + across * (0.5 + 3) / 6
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(x + 6 * step, y)
        page.wait_for_timeout(50)
    until(page, lambda: len(seen) > 3)
    page.mouse.up()
    until(page, lambda: math.isclose(slider.value, 0.5 + 60 * 6 / across, abs_tol=0.05))


def test_it_follows_the_server_and_says_what_it_means(page, served):
    found, slider = opened(page, served, "condition")
    page.wait_for_timeout(2000)  # until the browser listens to the server, too
    served.do(lambda: slider.param.update(value=1e9))
    expect(found).to_have_accessible_name("κ: 1e+09")
    served.do(lambda: slider.reach(1e6, 1e10))
    expect(found).to_have_attribute("min", "6")
    expect(found).to_have_attribute("max", "10")
    page.get_by_role("button", name="What κ means").focus()
    expect(page.get_by_role("tooltip")).to_have_text("Of the kernel.")


def test_a_drag_goes_on_where_the_browser_has_let_go_of_it(page, served):
    found, slider = opened(page, served, "place")
    box = found.bounding_box()
    across, y = box["width"] - 16, box["y"] + box["height"] / 2
    x = box["x"] + 8 + across * (0.5 + 3) / 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=3)
    found.evaluate("(e) => { e.style.display = 'none'; e.getBoundingClientRect(); e.style.display = '' }")
    page.wait_for_timeout(200)  # as long as the browser takes to notice
    page.mouse.move(x + 60, y, steps=5)
    until(page, lambda: math.isclose(slider.value, 0.5 + 60 * 6 / across, abs_tol=0.05))
    page.mouse.up()
    page.mouse.move(x - 60, y, steps=5)
    page.wait_for_timeout(300)
    assert math.isclose(slider.value, 0.5 + 60 * 6 / across, abs_tol=0.05), "it was let go"


def test_a_number_longer_than_its_field_is_whole_where_it_is_edited(page, served):
    _, slider = opened(page, served, "condition")
    typed = page.get_by_role("textbox", name="κ, exactly")
    typed.fill("316227766.0168")
    typed.press("Enter")
    until(page, lambda: slider.value == 316227766.0168)
    typed.blur()
    assert typed.input_value() == "3.1623·10⁸"
    assert typed.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "all of it is seen"
    typed.focus()
    assert typed.input_value() == "316227766"
    typed.blur()
    page.wait_for_timeout(200)
    assert slider.value == 316227766.0168, "looking at it changes nothing"


def test_a_finger_that_scrolls_over_it_leaves_it_alone(browser, served):
    context = browser.new_context(viewport={"width": 390, "height": 400}, has_touch=True, is_mobile=True)
    page = context.new_page()
    found, slider = opened(page, served, "damping")
    page.evaluate("document.body.style.minHeight = '3000px'")
    box = found.bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def drag(across, up):
        place = lambda k: [{"x": x + k * across / 8, "y": y + k * up / 8}]  # noqa: E731
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": place(0)})
        for k in range(1, 9):
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": place(k)})
            page.wait_for_timeout(30)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(500)

    drag(0, -80)
    assert slider.value == 0.01
    assert found.evaluate("(e) => e.valueAsNumber") == 2
    page.evaluate("window.scrollTo(0, 0)")
    drag(60, 0)
    assert slider.value < 1e-6, "a finger that drags it moves it"
    context.close()
