"""Driving the page as a user does: find, read, press, and wait."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

PATIENCE = 240.0
"""Seconds that anything may take: far above the usual, since machines are shared."""

LOOK = 200
"""Milliseconds between two looks at the page: each look takes the browser 10 to 50."""

SOURCES = """() => {
  const shown = (id) => window.Bokeh.index.find_one_by_id(id)?.el.getClientRects().length > 0
  const other = (name) => name?.startsWith("key: ") || name?.endsWith(" · frozen kernel")
  const drawn = (r) => r.data_source != null && !other(r.name)  // legends' examples are not
  const figures = []
  for (const doc of window.Bokeh?.documents ?? [])
    for (const model of doc._all_models.values())
      if (model.type == "Figure" && shown(model.id))  // replaced ones linger in the document for a while
        figures.push(model.renderers.filter(drawn).map(r =>
          Object.fromEntries(Object.entries(r.data_source.data).map(([k, v]) => [k, v.length]))))
  return figures
}"""
"""For each Bokeh figure on the page, for each of its glyphs, the lengths of the columns."""


SURFACE = """(plots) => Math.max(0, ...plots.filter((plot) => plot.querySelector("canvas"))
  .flatMap((plot) => plot.data ?? []).filter((trace) => trace.type == "mesh3d" && trace.name == "M")
  .map((trace) => trace.z.length))"""
"""How many points of a surface WebGL has drawn."""


RECORDINGS = """() => Math.max(0, ...Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.data?.attributes?.fresh != null).map((model) => model.data.fresh))"""
"""How many recordings the scrubber has been given."""

LONG = "engine=torch&network.width=50&clock.snapshots=2000"
"""Settings of a run that takes a while on any machine."""

NEURON = (
    "surface.model=neuron&network.alpha=1&methods=gradient-flow;gauss-newton"
    "&clock.horizon=5&clock.snapshots=61&clock.tol=1e-4"
)
"""A small surface: the settings of most tests of the manifold page."""

IN_SIGHT = """() => {
  function* below(view) { yield view; for (const part of view.children()) yield* below(part) }
  const other = (name) => name?.startsWith("key: ") || name?.endsWith(" · frozen kernel")
  const some = (r) => r.data_source != null && !other(r.name) &&
    Object.values(r.data_source.data).some((column) => column.length > 0)
  const drawn = ({model, el}) => model.type == "Figure" ? model.renderers.some(some)
    : el.shadowRoot?.querySelector(".js-plotly-plot canvas") != null
  const share = ({el}) => {
    const {top, bottom} = el.getBoundingClientRect()
    return bottom > top ? (Math.min(bottom, window.innerHeight) - Math.max(top, 0)) / (bottom - top) : 0
  }
  const room = (view) => view.model.tags.some((tag) => `${tag}`.startsWith("figure: "))
  const seen = [...Bokeh.index.query(room)].filter((view) => share(view) >= 0.25)
  return seen.map((view) => [...below(view)].some(drawn))
}"""
"""For each figure in the window, whether it is drawn; those out of it wait."""

USUAL = "data.condition=1e5&network.width=50&clock.snapshots=60"
"""The settings of most tests: the page that has run them stays open, for the next test."""


RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def read_number(words: str) -> float:
    """Return a number as the page writes it, such as 93,900, 9.39·10⁴ or 10⁷."""
    found = re.fullmatch(rf"(?:([\d.]+)·)?10(⁻?)([{RAISED}]+)", words.strip())
    if found is None:
        return float(words.replace(",", ""))
    power = int("".join(str(RAISED.index(c)) for c in found[3]))
    return float(found[1] or 1.0) * 10.0 ** (-power if found[2] else power)


class Lab:
    """The page of one visitor.

    Args:
        page: Where the browser is.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE * 1000)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Wait until a condition holds and return its value; fail with what the page says then."""
        end = time.monotonic() + seconds
        while True:
            if value := condition():
                return value
            if time.monotonic() > end:
                pytest.fail(
                    f"not within {seconds:g} s: {what}. The page says {self.gauge()!r}, {self.alerts()}, at "
                    f"{self.progress()} %; {self.drawn()} figures drawn, the path has {self.path()} points"
                )
            self.page.wait_for_timeout(LOOK)

    def press(self, button: str) -> None:
        """Press a button of the transport bar, when it can be."""
        self.button(button).click()

    def button(self, label: str) -> Locator:
        """Find a button of the transport bar."""
        return self.page.locator("main button", has_text=re.compile(f"{label}$"))

    def slider(self, label: str) -> Locator:
        """Find a slider by the beginning of its label, in sight or in the sidebar."""
        return self.knob("slider", re.compile(f"^{re.escape(label)}"))

    def knob(self, role: str, label: str | re.Pattern[str]) -> Locator:
        """Find a control; the sidebar is opened if it is not in sight."""
        found = self.page.get_by_role(role, name=label)
        if not found.count():
            self.settings()
        return found

    def settings(self) -> None:
        """Open the sidebar, unless it is open."""
        first = self.page.get_by_role("switch", name="Run on every change")
        if not first.count():
            named = self.page.get_by_role("button", name="All settings")
            (named if named.is_visible() else self.page.get_by_role("button", name="Open drawer")).click()
            first.wait_for()

    def type(self, label: str, value: float) -> None:
        """Type a number into the field beside a slider."""
        field = self.slider(label).evaluate_handle("e => e.getRootNode().querySelector('input[type=text]')")
        field.as_element().fill(str(value))
        field.as_element().press("Enter")

    def choose(self, menu: str, option: str) -> None:
        """Choose from a drop-down menu; both are given by how they begin."""
        found = self.knob("combobox", re.compile(f"^{re.escape(menu)}"))
        if found.evaluate("e => e.tagName") == "SELECT":
            words = found.locator("option").all_inner_texts()
            found.select_option(label=next(text for text in words if text.startswith(option)))
            return
        found.click()
        self.page.get_by_role("menuitem", name=re.compile(f"^{re.escape(option)}")).click()

    def switch(self, label: str) -> None:
        """Turn a switch."""
        self.knob("switch", label).click()

    def gauge(self) -> str:
        """Return the transport bar's text: the state and the time reached."""
        text = self.page.locator("main .gauge")
        return text.inner_text() if text.count() else ""

    def state(self) -> str:
        """Return how the run stands, in the page's words."""
        return self.gauge().partition(" · ")[0]

    def wait_state(self, *states: str, seconds: float = PATIENCE) -> None:
        """Wait until the run stands in one of some ways."""
        self.until(lambda: self.state() in states, f"state {' or '.join(states)}", seconds)

    def progress(self) -> int:
        """Return the progress bar's percentage; 0 where nothing has been run."""
        bar = self.page.locator("main [role=progressbar]")
        return int(bar.first.get_attribute("aria-valuenow") or 0) if bar.count() else 0

    def recorded(self) -> int:
        """Return how many moments the server said it has."""
        said = self.page.locator("main [role=progressbar]").first.get_attribute("aria-valuetext")
        return int((said or "0").split()[0])

    def faint(self) -> bool:
        """Return whether the pictures are drawn faint, as those of other settings."""
        return self.page.locator("main .headline").evaluate(
            "(words) => getComputedStyle(words.getRootNode().host).opacity < 1"
        )

    def alerts(self) -> list[str]:
        """Return the messages that are shown."""
        return [a.inner_text() for a in self.page.locator("[role=alert]").all() if a.is_visible()]

    def wait_alert(self, text: str) -> str:
        """Wait for a message that contains a text, and return it."""
        return self.until(lambda: next((a for a in self.alerts() if text in a), ""), f"message with {text!r}")

    def headline(self) -> str:
        """Return the sentence that compares the methods."""
        line = self.page.locator("main .headline")
        return line.inner_text() if line.count() else ""

    def runs(self) -> list[str]:
        """Return the methods that have a status line."""
        return self.page.locator("main .runs b").all_inner_texts()

    def reached(self) -> float:
        """Return the condition number that the page says was reached; NaN if it says none."""
        text = self.page.get_by_text(re.compile("^reached"))
        return read_number(text.first.inner_text().partition("=")[2]) if text.count() else float("nan")

    def sources(self) -> list[list[dict[str, int]]]:
        """Return, for each Bokeh figure and glyph, the lengths of the columns."""
        return self.page.evaluate(SOURCES)

    def figure(self, column: str) -> list[dict[str, int]]:
        """Return the glyphs of the figure that has a column, such as `loss`."""
        return next((f for f in self.sources() if any(column in glyph for glyph in f)), [])

    def moments(self, column: str = "loss") -> int:
        """Return how many moments the longest curve of a quantity has, in whichever figure."""
        return max((glyph.get(column, 0) for figure in self.sources() for glyph in figure), default=0)

    def path(self) -> int:
        """Return how many points the longest path in function space has."""
        glyphs = (glyph for glyph in self.figure("z") if "axis" not in glyph)  # which the box around has
        return max((glyph["z"] for glyph in glyphs if "z" in glyph), default=0)

    def surface(self) -> int:
        """Return how many points of a surface WebGL has drawn."""
        return self.page.locator(".js-plotly-plot").evaluate_all(SURFACE)

    def begin(self, moments: int) -> None:
        """Begin the run that has ended again, and hold it after some moments beyond the first."""
        self.press("Step")
        self.wait_state("paused")
        self.until(lambda: self.moments() <= 1, "only the first moment")
        for _ in range(moments):
            self.press("Step")
        self.until(lambda: self.moments() >= moments, f"{moments} moments more")

    def run_again(self) -> None:
        """Press Run, and wait until the new run has taken the old one's place."""
        with self.another_run():
            self.press("Run")

    @contextmanager
    def another_run(self) -> Iterator[None]:
        """Do something, and wait until the run that it begins has taken the old one's place."""
        before = self.page.evaluate(RECORDINGS)
        yield
        self.until(lambda: self.page.evaluate(RECORDINGS) > before, "another recording")

    def wait_finished(self, seconds: float = PATIENCE) -> None:
        """Wait until a run has ended by itself, with curves in all figures."""
        self.wait_state("finished", seconds=seconds)
        self.until(lambda: self.all_drawn() and self.progress() == 100, "all figures at 100 %")

    def all_drawn(self) -> bool:
        """Return whether every figure in the window shows something."""
        found = self.page.evaluate(IN_SIGHT)
        return bool(found) and all(found)

    def look_at(self, title: str) -> None:
        """Scroll to a figure, and wait until it is drawn."""
        self.page.locator("main").get_by_text(title, exact=True).evaluate("(e) => e.scrollIntoView()")
        self.page.wait_for_timeout(500)  # until it counts as in sight
        self.until(self.all_drawn, f"the figure {title!r}")

    def wait_growing(self, beyond: int = 1) -> int:
        """Wait until the curves have more than so many moments, and return how many."""
        return self.until(lambda: max(0, self.moments() - beyond), "growing curves") + beyond

    def drawn(self) -> int:
        """Return the number of figures that show something."""
        flat = [f for f in self.sources() if any(n for g in f if "z" not in g for n in g.values())]
        return len(flat) - bool(self.figure("z")) + (self.path() > 1) + (self.surface() > 1)

    def still(self, seconds: float = 3.0) -> int:
        """Wait until the curves have all that is recorded and rest for so long; return their length.

        What was on its way when a run was held still arrives, and a slow browser takes its time over it; a
        run that goes on ends in another state, as the caller should check. A logarithmic axis of time has no
        place for the first moment, at 0.
        """
        since, before = time.monotonic(), self.moments()

        def rested() -> bool:
            nonlocal since, before
            if (now := self.moments()) != before or self.recorded() - now not in (0, 1):
                since, before = time.monotonic(), now
            return time.monotonic() - since > seconds

        self.until(rested, "curves at rest")
        return before
