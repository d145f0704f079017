"""The page on a phone: what steers the pictures stays in sight below them, a lesson too; fingers scroll."""

from collections.abc import Iterator

import pytest
from ui.conftest import come
from ui.driver import Lab
from ui.serving import errors

WIDTH, HEIGHT = 390, 844

FOUND = """(name) => [...Bokeh.index.query((v) => v.model.tags.includes(`figure: ${name}`))]
  .map(({el}) => (el.getRootNode().host ?? el).getBoundingClientRect().toJSON())[0]"""
"""Where a figure's card is in the window."""

EYE = """() => [...Bokeh.index.query((v) => v.model.type.includes("Plotly"))]
  .map((v) => v.container?._fullLayout?.scene?._scene?.getCamera().eye).map(({x, y, z}) => [x, y, z])[0]"""
"""Where the surface's camera stands."""


class Phone:
    """A page that is touched.

    Args:
        lab: The page.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._touch = lab.page.context.new_cdp_session(lab.page)

    def figure(self, name: str) -> dict[str, float]:
        """Return where a figure's card is in the window, in pixels."""
        return self.lab.until(lambda: self.lab.page.evaluate(FOUND, name), f"the figure {name}")

    def swipe(self, x: float, y: float, across: float = 0, along: float = 0) -> None:
        """Move a finger over the page.

        Args:
            x: Where it begins, in pixels from the left.
            y: And from the top.
            across: How far it goes to the right.
            along: How far it goes down.
        """
        for k in range(13):
            points = [{"x": x + across * k / 12, "y": y + along * k / 12}]
            kind = "touchMove" if k else "touchStart"
            self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            self.lab.page.wait_for_timeout(20)
        self._touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    @property
    def eye(self) -> list[float]:
        """Where the surface's camera stands."""
        return self.lab.page.evaluate(EYE)


@pytest.fixture
def phone(browser, server) -> Iterator[object]:
    """Open a page on a phone; none may have an error."""
    contexts, complaints, start = [], [], len(server.log().encode())

    def phone(query: str = "", width: int = WIDTH, height: int = HEIGHT) -> Phone:
        contexts.append(browser.new_context(has_touch=True, is_mobile=True))
        return Phone(come(contexts[-1].new_page(), server, query, complaints, width, height))

    yield phone
    for context in contexts:
        context.close()
    assert complaints == []
    assert errors(server.log(start)) == []


def test_the_dial_lies_below_the_first_picture_and_follows_a_finger(phone):
    held = phone("data.condition=1e6")
    lab = held.lab
    lab.wait_state("finished")
    dial = lab.page.get_by_role("slider", name="Conditioning")
    lab.until(lambda: dial.bounding_box()["y"] + dial.bounding_box()["height"] < HEIGHT, "the dial in sight")
    where, picture = dial.bounding_box(), held.figure("loss")
    assert picture["top"] > 0
    assert picture["bottom"] < where["y"], "the whole first picture over it"
    with lab.another_run():
        y = where["y"] + where["height"] / 2
        held.swipe(where["x"] + where["width"] * 0.3, y, across=where["width"] * 0.4)
    lab.wait_state("finished")
    lab.until(lambda: "data.condition=1e%2B06" not in lab.page.url and lab.reached() > 1e7, "a larger κ")
    assert held.figure("loss") == picture, "nothing has moved"


def test_a_lesson_lies_below_the_picture_that_it_speaks_of(phone):
    held = phone("lesson=why-slow&step=2")
    lab = held.lab
    lab.wait_state("finished")
    card = lab.page.get_by_role("region", name="Why gradient descent is slow")

    def seen(figure: str) -> bool:
        above, below = held.figure(figure), card.bounding_box()
        return above["top"] >= 0 and above["bottom"] <= below["y"] < HEIGHT * 0.6

    lab.until(lambda: seen("modes") or seen("spectrum"), "a picture that is lit, above the words")
    card.get_by_role("link", name="The eigenvalues").tap()
    lab.until(lambda: seen("spectrum"), "the picture that the link names")
    onward = card.get_by_role("button", name="Next", exact=True)
    box = onward.bounding_box()
    assert box["x"] > 0
    assert box["x"] + box["width"] <= WIDTH
    assert box["y"] + box["height"] <= HEIGHT, "the way on is in sight"
    onward.tap()
    lab.until(lambda: "Step 3 of" in card.inner_text(), "the third step")
    lab.until(lambda: seen("loss") or seen("modes"), "its picture")
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_a_finger_scrolls_over_a_surface_and_turns_it_only_sideways(phone):
    held = phone("page=manifold")
    lab = held.lab
    lab.until(lambda: lab.surface() > 100, "a surface")
    lab.wait_state("finished")
    before, eye = held.figure("manifold"), held.eye
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    held.swipe(x, y, along=-120)
    lab.until(lambda: held.figure("manifold")["top"] < before["top"] - 60, "the page scrolled")
    assert held.eye == pytest.approx(eye)
    lab.page.wait_for_timeout(500)  # until what has come in sight counts
    lab.until(lab.all_drawn, "the figures that are in sight now")
    scrolled = held.figure("manifold")
    held.swipe(x, y - 100, across=-120)
    lab.until(lambda: held.eye != pytest.approx(eye, abs=0.1), "the surface turned")
    assert held.figure("manifold") == scrolled


def test_a_phone_that_is_turned_has_the_lesson_beside_the_picture(phone):
    held = phone("lesson=why-slow&step=2", width=844, height=390)
    lab = held.lab
    lab.wait_state("finished")
    card = lab.page.get_by_role("region", name="Why gradient descent is slow")

    def beside() -> bool:
        words, pictures = card.bounding_box(), [held.figure(name) for name in ("modes", "spectrum")]
        seen = [it for it in pictures if it["top"] > 0 and it["bottom"] - it["top"] > it["bottom"] - 390]
        return 0 <= words["y"] < 100 and any(it["x"] >= words["x"] + words["width"] for it in seen)

    lab.until(beside, "words and picture side by side")


def test_a_phone_has_a_menu_of_the_pages(phone):
    lab = phone().lab
    lab.wait_state("finished")
    lab.choose("Page", "Theory")
    lab.until(lambda: "page=theory" in lab.page.url, "another page")
