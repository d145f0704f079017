"""How soon the pictures follow a slider: prediction, finished run, the server's loop, the first picture.

    python tests/benchmarks/slider.py [--presses 40]

Server, workers and a headless Chromium without a graphics card share the cores. Each press of an arrow key on
the slider of kappa (of y1, on the manifold page) is timed by the page: from the key's event until a frame in
which the picture is another one, and until the last such frame of the run that it began. *Loop* is how long
plain requests waited, of those sent all the while: what blocks the server's loop, or keeps the processor from
it. Targets (p95): prediction 120 ms, finished 350 ms, loop 50 ms, first picture 5 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from ui.driver import NEURON, Lab
from ui.serving import FLAGS, Server, find_chromium

PROBE = """(names) => {
  window.seen = []
  const last = {}
  const look = () => {
    for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
      if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
        for (const r of model.renderers) {
          const curve = r.data_source?.data.loss ?? r.data_source?.data.v1  // or a path in the plane
          const key = names.includes(r.name) && curve ? Array.from(curve).join() : ""
          if (key != (last[r.id] ?? "")) { last[r.id] = key; window.seen.push([r.name, performance.now()]) }
        }
    requestAnimationFrame(look)
  }
  look()
  addEventListener("keydown", (event) => window.seen.push(["key", event.timeStamp]), true)
}"""
"""Notes, at every frame, which curves of the loss, or paths in the parameter plane, are other than before."""

FROZEN, REAL = "gradient-flow · frozen kernel", "gradient-flow"

REST = 1500
"""Milliseconds after a press until all is still."""

PAGES = {"training": ("", "Conditioning", FROZEN), "manifold": (NEURON, "y1", REAL)}
"""Each page's settings, slider, and what shows first: where no kernel is frozen, the run's first moments."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", nargs="*", default=list(PAGES), help="whose sliders are pressed")
    parser.add_argument("--presses", type=int, default=40, help="of each slider")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, shared by server, workers and browser; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        try:
            server.wait()
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            for name in options.pages:
                query, slider, shown = PAGES[name]
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                measure(name, page, f"{server.url}?{query}", slider, shown, options.presses, server)
                page.close()
            browser.close()
        finally:
            server.stop()


def measure(name: str, page: Page, url: str, slider: str, shown: str, presses: int, server: Server) -> None:
    """Open a page, press its slider, and print what was measured.

    Args:
        name: Of the page.
        page: Of the browser.
        url: Where it is.
        slider: How the slider's name begins.
        shown: The curve that shows first.
        presses: How often it is pressed.
        server: Which serves it.
    """
    lab, begun = Lab(page), time.monotonic()
    page.goto(url)
    lab.until(lab.all_drawn, "pictures")
    first = time.monotonic() - begun
    lab.wait_state("finished")
    page.wait_for_timeout(3000)
    page.evaluate(PROBE, [FROZEN, REAL])
    lab.slider(slider).focus()
    predicted, finished = [], []
    with Pinger(server) as pinger:
        for k in range(presses):
            page.evaluate("window.seen.length = 0")
            page.keyboard.press("ArrowLeft" if k % 2 else "ArrowRight")
            page.wait_for_timeout(REST)
            seen = page.evaluate("window.seen")
            pressed = next(when for what, when in seen if what == "key")
            predicted += [when - pressed for what, when in seen if what == shown][:1]
            finished += [when - pressed for what, when in seen if what == REAL][-1:]
    print(f"{name}: first picture {first:.1f} s (target 5)")
    for what, times, target in (("prediction", predicted, 120), ("finished", finished, 350)):
        say(what, times, target)
    say("loop", pinger.waited, 50)


def say(what: str, times: list[float], target: float) -> None:
    """Print the median, the 95th percentile and the longest of some times in milliseconds."""
    ranked = sorted(times)
    p95 = ranked[int(0.95 * (len(ranked) - 1))]
    verdict = "met" if p95 <= target else "missed"
    print(
        f"  {what:11} median {statistics.median(ranked):6.0f} ms, p95 {p95:6.0f}, longest {ranked[-1]:6.0f}, "
        f"of {len(ranked)} (target {target}: {verdict})"
    )


class Pinger:
    """Sends plain requests to a server, one by one, and notes how long each waited, in milliseconds."""

    def __init__(self, server: Server) -> None:
        self.waited: list[float] = []
        self._url, self._over = f"http://127.0.0.1:{server.port}/favicon.ico", threading.Event()
        self._thread = threading.Thread(target=self._ping, daemon=True)

    def __enter__(self) -> Pinger:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _ping(self) -> None:
        while not self._over.wait(0.02):
            sent = time.monotonic()
            urllib.request.urlopen(self._url, timeout=60).close()
            self.waited.append(1e3 * (time.monotonic() - sent))


if __name__ == "__main__":
    main()
