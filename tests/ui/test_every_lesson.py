"""Every lesson, walked from its first step to its last: each link pressed, each figure looked at.

A link to a figure is pressed once in a lesson. A finger presses one link of each kind: where they lead has
been seen at the desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Error, Locator, Page
from ui.conftest import listen
from ui.driver import Lab
from ui.serving import Server, errors

from gnviz.experiment import Experiment
from gnviz.lab.server.address import Visited, read
from gnviz.lessons import LESSONS, Lesson, Link, Step
from gnviz.lessons.prose import Target, looked_at
from gnviz.methods import display_name

PICTURES = """() => {
  function* below(view) { yield view; for (const part of view.children()) yield* below(part) }
  function* above(at) { for (; at; at = at.parentNode ?? at.host) if (at.nodeType == 1) yield at }
  const named = ({model}) => model.tags.find((tag) => `${tag}`.startsWith("figure: "))
  const some = (r) => r.data_source != null && !r.name?.startsWith("key: ") &&
    Object.values(r.data_source.data).some((column) => column.length > 0)
  const drawn = ({model, el}) => model.type == "Figure" ? model.renderers.some(some)
    : el.shadowRoot?.querySelector(".js-plotly-plot canvas") != null
  const found = {}
  for (const room of Bokeh.index.query(named)) {
    if (!room.el.getClientRects().length) continue
    const around = [...above(room.el)].map((at) => [at, getComputedStyle(at)])
    const frame = around.find(([, look]) => look.outlineStyle == "solid" && look.outlineWidth == "3px")
    const {top, bottom} = (frame?.[0] ?? room.el).getBoundingClientRect()
    found[named(room).slice("figure: ".length)] = {
      lit: frame != null,
      share: (Math.min(bottom, window.innerHeight) - Math.max(top, 0)) / (bottom - top),
      drawn: [...below(room)].some(drawn),
      faint: around.some(([, look]) => look.opacity < 1),
    }
  }
  return found
}"""
"""For each figure of the page, in order: has it a frame, how much of it is in the window, is it drawn, is it
faint, as those of the settings before are."""

SIDEWAYS = """(card, width) => {
  const most = {page: document.documentElement.scrollWidth - width, card: card.scrollWidth - card.clientWidth,
    end: card.getBoundingClientRect().right - width}
  for (let at = card; at; at = at.parentNode ?? at.host)
    if (at.nodeType == 1 && /auto|scroll/.test(getComputedStyle(at).overflowX))
      most.page = Math.max(most.page, at.scrollWidth - at.clientWidth)
  return most
}"""
"""By how many pixels the page can be scrolled to the side, a card is too narrow for its words, and it reaches
beyond the window."""

SEEN = 0.5
"""Share of a figure that is in the window where it is in sight: words over it may grow once it was sought."""


class Walker:
    """A page that stays open while its reader walks through lessons.

    Args:
        page: In a window of some size.
        server: Where the page is from.
        touch: Whether it is pressed by a finger.
    """

    def __init__(self, page: Page, server: Server, touch: bool) -> None:
        self._lab, self._server, self._touch = Lab(page), server, touch
        self._complaints: list[str] = []
        listen(page, self._complaints)

    def walk(self, lesson: Lesson) -> None:
        """Open a lesson by its address, press all that is in it, and close it."""
        self._lesson, self._steps = lesson, [*lesson.steps, lesson.check.question]
        self._complaints.clear()
        self._pressed: set[str] = set()
        self._start, last = len(self._server.log().encode()), len(self._steps)
        with self._place(1):
            self._lab.page.goto(f"{self._server.url}?lesson={lesson.label}")
            self._card = self._lab.page.get_by_role("region", name=lesson.title)
            self._card.wait_for()
            self._look(1)
        for number, step in enumerate(self._steps, 1):
            if number > 1:
                self._turn(number)
            self._press_links(number, step, ".body a")
        with self._place(last):
            self._open_answer()
        self._press_links(last, lesson.check.answer, "details a")
        with self._place(last):
            self._close(left=self._steps[-1].begins)

    @contextmanager
    def _place(self, number: int, link: Target | Link | None = None) -> Iterator[None]:
        """Name lesson, step and link in what fails; make sure that nothing has gone wrong there."""
        where = f"lesson {self._lesson.label}, step {number} ({self._steps[number - 1].title})"
        if link is not None:
            where += f", link [{link.words}]({link.href if isinstance(link, Target) else link.query})"
        try:
            yield
            assert self._complaints == []
            assert errors(self._server.log(self._start)) == []
            assert self._lab.alerts() == []
            assert self._lab.state() not in ("could not run", "lost its worker")
            if self._card.count():
                most = self._card.evaluate(SIDEWAYS, self._lab.page.viewport_size["width"])
                assert max(most.values()) <= 0, f"pixels too wide: {most}"
        except (AssertionError, Error, pytest.fail.Exception) as error:
            pytest.fail(f"{where}: {error}")

    def _press(self, part: Locator) -> None:
        part.tap() if self._touch else part.click()

    @property
    def _here(self) -> Visited:
        """What the address says; it may stay as it was opened until something is changed."""
        query = self._lab.page.url.partition("?")[2]
        return read(self._steps[0].begins.query if query == f"lesson={self._lesson.label}" else query)

    @property
    def _pictures(self) -> dict[str, Any]:
        found = self._lab.page.evaluate(PICTURES)
        for picture in found.values():
            picture["shown"] = picture["drawn"] and not picture["faint"]
        return found

    @property
    def _lit(self) -> list[str]:
        return [name for name, picture in self._pictures.items() if picture["lit"]]

    def _turn(self, number: int) -> None:
        """Go on to a step."""
        with self._place(number):
            with self._run(self._steps[number - 1].begins):
                self._press(self._card.get_by_role("button", name="Next", exact=True))
                self._read_heading(number)
            self._look(number)
            at = self._lesson.label, number
            self._lab.until(lambda: self._here[3:5] == at, "the step in the address")

    def _look(self, number: int) -> None:
        """Make sure that the page is as a step that has been opened wants it."""
        step = self._steps[number - 1]
        self._read_heading(number)
        self._expect(step.begins)
        self._lab.until(lambda: set(self._lit) == set(step.looks), f"frames around {step.looks}")

    def _read_heading(self, number: int) -> None:
        words = [f"Step {number} of {len(self._steps)}", self._steps[number - 1].title]
        heading = self._card.get_by_role("heading", level=3)
        self._lab.until(lambda: heading.inner_text().split("\n") == words, f"the heading {words}")

    def _press_links(self, number: int, step: Step, which: str) -> None:
        """Press all links of some sentences in order."""
        targets = [item for item in step.prose.items if isinstance(item, Target)]
        found, changes = self._card.locator(which), iter(step.links)
        with self._place(number):
            assert found.count() == len(targets), "links"
        for k, target in enumerate(targets):
            link = next(changes) if target.changes else None
            kind = "experiment" if link else target.href[:1]
            known = kind if self._touch else target.href
            if known in self._pressed and (self._touch or not link):
                continue
            self._pressed.add(known)
            with self._place(number, target):
                if link:
                    self._follow(found.nth(k), link)
                elif kind == "#":
                    self._look_at(found.nth(k), *looked_at(target.href))

    def _follow(self, found: Locator, link: Link) -> None:
        """Press a link that changes the experiment."""
        assert found.get_attribute("href") == link.query
        lit, at = self._lit, self._here[3:5]
        with self._run(link):
            self._press(found)
        assert found.get_attribute("aria-current") == "true"
        assert (self._here[3:5], self._lit) == (at, lit), "lesson, step and frames are as before"
        self._lab.until(lambda: self._see_lit() or not lit, f"one of {lit} in the window, drawn")

    def _look_at(self, found: Locator, figure: str, time: float | None) -> None:
        """Press a link to a figure, once what it has to show is recorded."""
        if time is not None:
            self._lab.wait_state("finished")
        self._press(found)
        self._lab.until(lambda: self._lit == [figure], f"a frame around {figure!r}")
        self._lab.until(self._see_lit, f"the figure {figure!r} in the window, drawn")
        if time is not None:
            slider = self._lab.page.get_by_role("slider", name="Time shown in all pictures")
            near = pytest.approx(time, rel=0.25)  # the moments are so far apart, or less
            said = lambda: (slider.get_attribute("aria-valuetext") or "0").split()[-1]  # noqa: E731
            self._lab.until(lambda: float(said()) == near, f"the moment {time:g}")

    def _see_lit(self) -> bool:
        """Return whether a figure with a frame is in sight, and drawn."""
        return any(it["lit"] and it["shown"] and it["share"] > SEEN for it in self._pictures.values())

    @contextmanager
    def _run(self, link: Link) -> Iterator[None]:
        """Do what brings a link's settings; wait until their run has begun, unless they are set."""
        if link.experiment == self._here.experiment:
            yield
        else:
            with self._lab.another_run():
                yield
        self._expect(link)

    def _expect(self, link: Link) -> None:
        """Wait until a link's settings are in the address, and its runs on the page, with a picture."""
        wanted = read(link.query)
        self._lab.until(lambda: self._here[:2] == wanted[:2], "the settings in the address")
        runs = _named(wanted.experiment)
        self._lab.until(lambda: self._lab.runs() == runs, f"status lines of {runs}")
        self._lab.until(lambda: next(iter(self._pictures.values()))["shown"], "the first figure of the page")

    def _open_answer(self) -> None:
        answer = self._card.locator("details div")
        assert not answer.is_visible(), "nobody has asked for the answer"
        self._press(self._card.get_by_text("Show the answer"))
        self._lab.until(lambda: answer.is_visible() and answer.inner_text().strip(), "the answer")
        after = LESSONS.get(self._lesson.next)
        words = [f"Next lesson: {after.title}"] if after else []
        assert self._card.get_by_role("button", name="Next").all_inner_texts() == words

    def _close(self, left: Link) -> None:
        """Close the lesson, and wait for the settings that are left."""
        self._press(self._card.get_by_role("button", name="Close the lesson"))
        self._lab.until(lambda: not self._card.count() and not self._here.lesson, "no lesson")
        self._expect(left)
        assert self._lit == []


def _named(experiment: Experiment) -> list[str]:
    """Return the runs as the status lines name them."""
    return [display_name(run.label, experiment.clock.kind) for run in experiment.runs]


@pytest.fixture(scope="class")
def walker(request, browser, server) -> Iterator[Walker]:
    """The page in which the lessons are walked, in a class's `window`."""
    window = request.cls.window
    context = browser.new_context(**window, reduced_motion="reduce")
    yield Walker(context.new_page(), server, touch=window.get("has_touch", False))
    context.close()


@pytest.mark.parametrize("label", LESSONS)
class TestAtADesk:
    window: ClassVar[dict[str, Any]] = {"viewport": {"width": 1440, "height": 900}}

    def test_a_lesson_does_what_it_says(self, walker, label):
        walker.walk(LESSONS[label])


@pytest.mark.parametrize("label", LESSONS)
class TestOnAPhone:
    window: ClassVar[dict[str, Any]] = {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    }

    def test_a_lesson_does_what_it_says(self, walker, label):
        walker.walk(LESSONS[label])
