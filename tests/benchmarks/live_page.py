"""How much the live page costs: the worker's speed beside a page, and how soon a click is answered.

    python tests/benchmarks/live_page.py

Both figures come from one run on one machine, taken in turn (without a page, with a page, without, ...),
so that what else the machine does hits both. The server is `panel serve app`, the page is open in a
headless Chromium; server, worker and browser share the cores. Targets: speed ratio at least 0.9, clicks
answered within 150 ms (p95) while a run trains.

*Speed* is steps per second by the worker's own clock (`wall_seconds` of the recording; the page's recording
is fetched through its Save button). *Latency* is the time from the mouse click's event, as the browser
stamps it, to the change that the server's answer makes in the page: in a training run Pause turning into
"Go on", seen by a MutationObserver; idle and in a training run, the page's address naming the methods after
one was switched on or off. *Frames* of the time scrubber are timed by the page itself, from asking for a
moment until the flat figures have been painted, in single steps and while it plays.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from ui.driver import Lab
from ui.serving import FLAGS, Server, find_chromium

from gnviz.experiment import Experiment
from gnviz.jobs import LocalRunner
from gnviz.lab.laboratory import CALM
from gnviz.results import load

LOOK = 1000
"""Milliseconds between two looks at the page, each of which takes the browser's time."""

SETTINGS = (
    "engine=torch&clock.kind=steps&clock.spacing=linear&clock.step_size=0.001"
    "&network.width=1000&data.condition=1e7"
)
"""Steps of about a millisecond; small enough a step size for no method to converge early."""

WATCH_TEXT = """(button) => {
  window.__clicked = window.__answered = null
  addEventListener("click", (event) => { window.__clicked ??= event.timeStamp }, {capture: true, once: true})
  const root = button.getRootNode()
  const before = root.textContent
  new MutationObserver((_, observer) => {
    if (window.__clicked == null || root.textContent == before) return
    window.__answered ??= performance.now()
    observer.disconnect()
  }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true})
}"""
"""Notes when the next click came and when the text in the button's component changed after it."""

WATCH_ADDRESS = """() => {
  window.__clicked = window.__answered = null
  addEventListener("click", (event) => { window.__clicked ??= event.timeStamp }, {capture: true, once: true})
  window.__replace ??= [history.pushState, history.replaceState]
  for (const [i, name] of ["pushState", "replaceState"].entries())
    history[name] = function (...args) {
      if (window.__clicked != null) window.__answered ??= performance.now()
      return window.__replace[i].apply(this, args)
    }
}"""
"""Notes when the next click came and when the server's new address of the page arrived after it."""


WATCH_FRAMES = """(bar) => {
  bar.took = []
  const seen = new MutationObserver(() => bar.took.push(Number(bar.dataset.frame)))
  seen.observe(bar, {attributeFilter: ["data-frames"]})
}"""
"""Notes how long each frame of the scrubber took."""


def main() -> None:
    """Measure and print a table."""
    options = parse()
    print(f"{os.cpu_count()} cores, shared by server, worker and browser; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        if options.rounds:
            speed(server, options)
        latency(server, options)


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="times that speed is measured on either side")
    parser.add_argument("--steps", type=int, default=10_000, help="steps of a run whose speed is measured")
    parser.add_argument("--clicks", type=int, default=60, help="clicks of each kind")
    return parser.parse_args()


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve the page, and end the server."""
    server = Server(folder)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@contextmanager
def visited(server: Server, query: str) -> Iterator[Lab]:
    """Open the page in a browser of its own, without runs on every change."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{server.url}?{query}")
        lab = Lab(page)
        lab.until(lab.all_drawn, "all figures")
        assert not lab.alerts(), lab.alerts()  # refused settings would be measured as the default's
        lab.switch("Run on every change")
        yield lab
        browser.close()


def speed(server: Server, options: argparse.Namespace) -> None:
    """Compare the worker's speed without and with a page."""
    query = f"{SETTINGS}&clock.steps={options.steps}&clock.snapshots=200"
    alone, beside = [], []
    with LocalRunner(workers=1) as runner:
        bare(runner, query)  # warms the worker
        for _ in range(options.rounds):
            alone.append(options.steps / bare(runner, query))
            with visited(server, query) as lab:
                beside.append(options.steps / shown(lab))
    print("\nspeed of the worker, steps per second (each round, median)")
    for name, values in (("no page, no browser", alone), ("page in Chromium", beside)):
        print(f"  {name:22}", *(f"{v:7.0f}" for v in values), f" median {statistics.median(values):7.0f}")
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"  ratio {ratio:.3f} (target at least 0.9: {'met' if ratio >= 0.9 else 'missed'})")


def bare(runner: LocalRunner, query: str) -> float:
    """Run without a page, polled as the page does; return the seconds it took in the worker."""
    job, last = runner.submit(Experiment.from_query(query)), None
    while True:
        done = job.done
        last = ([last, *job.poll()])[-1]
        if done:
            return last.wall_seconds
        time.sleep(CALM / 1000)  # as the page does


def shown(lab: Lab) -> float:
    """Run on the page; return the seconds it took in the worker."""
    lab.press("Run")
    while lab.state() != "finished":  # looking costs the browser some work, so seldom
        lab.page.wait_for_timeout(LOOK)
    lab.press("Save")
    with lab.page.expect_download() as waiting:
        lab.page.get_by_role("button", name="Data (NetCDF)").click()
    lab.page.keyboard.press("Escape")
    return load(waiting.value.path()).attrs["wall_seconds"]


def latency(server: Server, options: argparse.Namespace) -> None:
    """Measure clicks on the page, idle and while a run trains."""
    dice = random.Random(0)
    query = f"{SETTINGS}&clock.steps=200000&clock.snapshots=2000"
    with visited(server, query) as lab:
        old = lab.wait_growing(beyond=200)
        lab.press("Cancel")
        lab.wait_state("cancelled")
        idle = [switched(lab, dice) for _ in range(options.clicks)]
        lab.press("Run")
        lab.wait_state("running")
        lab.until(lambda: lab.moments() < old, "the new run")
        lab.wait_growing(beyond=20)  # drawing a new run is another matter
        training = [switched(lab, dice) for _ in range(options.clicks)]
        pauses = [paused(lab, dice) for _ in range(options.clicks)]
        lab.wait_state("running", "finished")
        assert lab.state() == "running", f"the run ended before the clicks did: {lab.gauge()}"
        lab.press("Cancel")
        lab.wait_state("cancelled")
        steps = [scrubbed(lab) for _ in range(options.clicks)]
        frames = played(lab, options.clicks)
    print(f"\nfrom click to change in the page, ms, {options.clicks} clicks each")
    report("method switch, idle", idle)
    report("method switch, training", training)
    report("Pause, training", pauses)
    report("step of the scrubber", steps, target=100)
    report("frame while it plays", frames, target=100)


def report(name: str, taken: list[float], target: float = 150) -> None:
    """Print one row, of milliseconds."""
    p95 = statistics.quantiles(taken, n=20)[-1]
    verdict = "met" if p95 <= target else "missed"
    print(f"  {name:24} p50 {statistics.median(taken):6.0f}   p95 {p95:6.0f}   ({target:.0f} ms: {verdict})")


def scrubbed(lab: Lab) -> float:
    """Go one moment back; return the milliseconds until the figures show it, by the page's own clock."""
    bar = lab.page.locator(".bar[data-frames], .bar").first
    before = bar.get_attribute("data-frames")
    box = lab.page.get_by_role("button", name="One moment back").bounding_box()
    lab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lab.page.wait_for_timeout(LOOK / 2)  # without looking: that takes the browser 30 ms a time
    lab.until(lambda: bar.get_attribute("data-frames") != before, "a frame")
    return float(bar.get_attribute("data-frame"))


def played(lab: Lab, count: int) -> list[float]:
    """Play the recording from its start; return the milliseconds that each of so many frames took."""
    lab.page.keyboard.press("Home")
    lab.page.wait_for_timeout(LOOK)
    bar = lab.page.locator(".bar[data-frames]").first
    bar.evaluate(WATCH_FRAMES)
    lab.page.get_by_role("button", name="Play the recording").click()
    frames: list[float] = []
    while len(frames) < count:
        lab.page.wait_for_timeout(LOOK)
        frames = bar.evaluate("bar => bar.took")
    return frames[:count]


def switched(lab: Lab, dice: random.Random) -> float:
    """Turn a method's switch; return the milliseconds until the page follows."""
    lab.page.evaluate(WATCH_ADDRESS)
    switch = lab.knob("switch", "Constant damping")
    return click(lab, switch, dice)


def paused(lab: Lab, dice: random.Random) -> float:
    """Pause the training run and let it go on; return the milliseconds until Pause showed "Go on"."""
    lab.button("Pause").evaluate(WATCH_TEXT)
    taken = click(lab, lab.button("Pause"), dice)
    lab.press("Go on")
    return taken


def click(lab: Lab, target: Locator, dice: random.Random) -> float:
    """Click at a random moment, without looking at the page meanwhile; return how long the answer took."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    lab.page.wait_for_timeout(400 + 400 * dice.random())
    lab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    taken = None
    while taken is None:
        lab.page.wait_for_timeout(LOOK / 2)
        taken = lab.page.evaluate("window.__answered && window.__answered - window.__clicked")
    return taken


if __name__ == "__main__":
    main()
