"""Lessons beside the pictures: opened, walked, followed, left."""

import re

from ui.conftest import settings
from ui.driver import USUAL, Lab

LIT = """() => (function find(root, found) {
  for (const e of root.querySelectorAll("*")) {
    const look = getComputedStyle(e)
    if (look.outlineStyle == "solid" && look.outlineWidth == "3px") found.push(e)
    if (e.shadowRoot) find(e.shadowRoot, found)
  }
  return found
})(document, []).length"""
"""How many figures have a frame around them."""


def heading(lab: Lab) -> str:
    """Return the heading of the step that is shown."""
    return lab.page.get_by_role("heading", name=re.compile("^Step ")).inner_text()


def own(lab: Lab) -> dict[str, object]:
    """Return the settings that the address names, however it spells them."""
    return settings(lab.page.url.partition("?")[2], ())


def test_a_lesson_moves_the_pictures_and_gives_ones_own_settings_back(at):
    lab = at(USUAL)
    before = own(lab)
    lab.choose("Learn", "What damping does")
    lab.until(lambda: "lesson=damping&step=1" in lab.page.url, "the lesson in the address")
    lab.until(lambda: "methods=constant" in lab.page.url, "what the lesson begins with")
    lab.wait_finished()
    assert lab.page.evaluate(LIT) == 1, "the figure to look at"
    first = heading(lab)
    lab.page.get_by_role("button", name="Next", exact=True).click()
    lab.until(lambda: heading(lab) != first, "the second step")
    lab.until(lambda: "step=2" in lab.page.url, "the step in the address")
    lab.page.get_by_role("link", name="to 0.01").click()
    lab.until(lambda: lab.runs() == ["constant ρ=0.01"], "its run, in place")
    lab.wait_finished()
    lab.page.go_back(wait_until="commit")
    lab.until(lambda: lab.runs() == ["constant ρ=1"], "Back within the lesson")
    lab.page.get_by_role("button", name="Close the lesson").click()
    lab.until(lambda: "lesson" not in lab.page.url and own(lab) == before, "one's own settings")
    lab.wait_finished()
    assert lab.page.evaluate(LIT) == 0


IN_WINDOW = """(title) => (function find(root) {
  for (const e of root.querySelectorAll("*")) {
    if (getComputedStyle(e).outlineWidth == "3px" && getComputedStyle(e).outlineStyle == "solid") {
      const {top, bottom} = e.getBoundingClientRect()
      return top >= 0 && bottom <= window.innerHeight
    }
    const found = e.shadowRoot && find(e.shadowRoot)
    if (found != null) return found
  }
  return null
})(document)"""
"""Whether the figure that is lit is in the window as a whole."""


def test_a_press_on_a_lessons_link_brings_the_picture_in_sight_beside_it(visit):
    lab = visit("lesson=damping&step=2", width=1440, height=900)
    lab.wait_state("finished")
    card = lab.page.get_by_role("region", name="What damping does")
    lab.page.get_by_role("link", name="to 0.01").click()
    lab.until(lambda: lab.page.evaluate(IN_WINDOW), "the lit picture in the window")
    lab.until(lambda: lab.runs() == ["constant ρ=0.01"], "the link's run")
    assert 0 < card.bounding_box()["y"] < 120, "the words stay where they are"


def test_a_lesson_opened_by_its_address_says_its_settings_and_shows_its_picture(visit):
    lab = visit("lesson=damping")
    lab.until(lambda: "methods=constant" in lab.page.url, "the step's settings in the address")
    assert lab.page.evaluate("history.length") <= 2, "opening is no entry of its own"
    title = lab.page.locator("main").get_by_text("Residual mode by mode", exact=True)
    lab.until(
        lambda: title.count() and 0 < title.bounding_box()["y"] < 700, "the picture to look at, in sight"
    )
