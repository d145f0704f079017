"""A lesson's card in a browser, served alone: formulas, links in place, keyboard."""

from collections.abc import Iterator

import panel as pn
import pytest
from playwright.sync_api import Page, expect
from ui.alone import Alone
from ui.conftest import listen

from gnviz.lab.lessons.view import LessonView
from gnviz.lessons import LESSONS

LABEL = "damping"


class Served(Alone):
    """The card alone; `asked` is what it has asked the page for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__({"lesson": self._card})

    def _card(self) -> LessonView:
        lesson = pn.state.session_args.get("lesson", [LABEL.encode()])[0].decode()
        return LessonView(self.asked.append, lesson=lesson)

    @property
    def views(self) -> list[LessonView]:
        """The cards that have been made."""
        return self.made


@pytest.fixture(scope="module")
def served(chromium) -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


@pytest.fixture
def page(browser, served) -> Iterator[Page]:
    context, complaints = browser.new_context(viewport={"width": 800, "height": 900}), []
    page = context.new_page()
    page.set_default_timeout(60_000)
    listen(page, complaints)
    page.goto(served.url("lesson"))
    page.get_by_role("heading", name="Step 1 of").wait_for()
    served.asked.clear()
    yield page
    context.close()
    assert complaints == []


def until(page, condition):
    for _ in range(300):
        if condition():
            return
        page.wait_for_timeout(100)
    pytest.fail("not within 30 s")


def test_a_link_changes_the_experiment_in_place(page, served):
    address = page.url
    page.get_by_role("button", name="Next").click()
    link = LESSONS[LABEL].steps[1].links[0]
    found = page.get_by_role("link", name=link.words)
    found.click()
    until(page, lambda: link.query in served.asked)
    assert page.url == address
    assert found.get_attribute("aria-current") == "true"
    assert found.get_attribute("href") == link.query
    page.get_by_role("link", name=LESSONS[LABEL].steps[1].links[1].words).click()
    expect(found).not_to_have_attribute("aria-current", "true")


def test_a_look_lights_a_figure(page, served):
    page.locator("a.look").first.click()
    until(page, lambda: served.views[-1].looks == list(LESSONS[LABEL].steps[0].looks[:1]))
    assert served.asked == []


def test_formulas_are_set_by_the_browser(page):
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    fraction = page.locator("mfrac").first
    fraction.wait_for()
    above, below = (fraction.locator(":scope > *").nth(i).bounding_box() for i in (0, 1))
    assert above["y"] + above["height"] <= below["y"] + 1, "a fraction has its parts above each other"


def test_the_keyboard_leads_through_a_lesson(page, served):
    focus = "() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e.textContent }"  # noqa: E501
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focus).strip())
        if seen[-1] == "Next":
            break
    words = ["Close", *(t.words for t in LESSONS[LABEL].steps[0].prose.items if hasattr(t, "href")), "Next"]
    assert seen == words
    page.keyboard.press("Enter")
    until(page, lambda: served.views[-1].step == 2)
    until(page, lambda: page.evaluate(focus).startswith("Step 2 of"))


def test_a_lesson_is_read_to_its_end_and_closed(page, served):
    view = served.views[-1]
    for step in range(2, view.steps + 1):
        page.get_by_role("button", name="Next").click()
        page.get_by_role("heading", name=f"Step {step} of").wait_for()
    answer = page.locator("details div")
    expect(answer).to_be_hidden()
    page.get_by_text("Show the answer").click()
    expect(answer).to_be_visible()
    page.get_by_role("button", name="Next lesson").click()
    page.get_by_role("heading", name=LESSONS[LESSONS[LABEL].next].title).wait_for()
    expect(page.locator("details")).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("section")).to_be_hidden()
    until(page, lambda: view.closed)
