"""How long a visitor waits: from the server's start to its answer, and from opening the page to its pictures.

    python tests/benchmarks/first_picture.py

The clock is the browser's own, from the navigation's start: a timer in the page looks every 50 ms for
figures that hold numbers, and notes the time of the frame painted after that. Server, worker and browser
share the cores; the browser's cache is empty at each visit. Targets: an answer within 10 s, all six
figures within 5 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from ui.driver import SOURCES
from ui.serving import FLAGS, Server, find_chromium

FIGURES = 2
"""Of the default page, in a window of 1440 x 900: those out of sight are drawn once they are in it."""

PATIENCE = 60_000
"""Milliseconds that a page may take."""

APART = 14.0
"""Seconds between two visits, after which the server has ended the run of the visitor before."""

WATCH = """
window.__seen = {}
const filled = () => {
  if (window.Bokeh?.index?.find_one_by_id == null) return 0
  const data = (glyph) => !("axis" in glyph) && Object.values(glyph).some(n => n > 1)
  return sources().filter(glyphs => glyphs.some(data)).length
}
const look = () => {
  const count = filled()
  if (count && !(count in window.__seen)) {
    window.__seen[count] = NaN
    requestAnimationFrame(() => setTimeout(() => { window.__seen[count] = performance.now() / 1000 }))
  }
  if (count < FIGURES) setTimeout(look, 50)
}
look()
""".replace("FIGURES", str(FIGURES))
"""Notes the seconds after which so many figures have been painted with numbers in them."""


def main() -> None:
    """Measure and print."""
    options = parse()
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        start = time.perf_counter()
        server = Server(Path(folder))
        try:
            server.wait()
            print(f"server answers after {time.perf_counter() - start:.1f} s")
            totals = [visit(browser, server.url) for _ in range(options.visits)]
        finally:
            server.stop()
        browser.close()
    print(f"{FIGURES} figures: median {statistics.median(totals):.1f} s, worst {max(totals):.1f} s")


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=5, help="times that the page is opened")
    return parser.parse_args()


def visit(browser: Browser, url: str) -> float:
    """Open the page once; print and return when its figures were painted, in seconds."""
    time.sleep(APART)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(f"const sources = {SOURCES}\n{WATCH}")
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"() => window.__seen?.[{FIGURES}] > 0", polling=500, timeout=PATIENCE)
    answered = page.evaluate("() => performance.getEntriesByType('navigation')[0].responseStart / 1000")
    seen = {int(count): seconds for count, seconds in page.evaluate("() => window.__seen").items()}
    context.close()
    words = ", ".join(f"{count} at {seconds:.1f}" for count, seconds in sorted(seen.items()))
    print(f"page arrives after {answered:.1f} s; figures: {words} s", flush=True)
    return seen[FIGURES]


if __name__ == "__main__":
    main()
