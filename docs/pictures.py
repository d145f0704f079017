"""Make README's pictures of the page anew: `python docs/pictures.py` (needs Chromium and gnviz[test]).

A still one, `app/screenshot.png`, and one that moves, `app/drag.gif`: the conditioning's slider is dragged by
the mouse as a visitor would, over a page that a server of its own shows.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HOME = Path(__file__).parents[1] / "app"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

STILL = (1440, 900)
"""Pixels of the window in the still picture."""

MOVING, WIDTH = (1100, 760), 880
"""Pixels of the window in the moving one, and of the picture's width."""

START, STEPS = "data.condition=1e5&network.width=400", 22
"""What the moving one begins with, and its frames while the slider is dragged."""

REST = 400
"""Milliseconds that the mouse rests before a frame: the page is to be seen, not its machine's load."""

PACE, HOLD = 130, 1600
"""Milliseconds of a frame, and of the first and the last, which are read."""

COLOURS = 128
"""Of the moving picture: lines on white need no more."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the page while it is looked at, and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gnviz.cli", "serve", "--address", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/favicon.ico")
        yield f"http://127.0.0.1:{port}/app"
    finally:
        server.terminate()
        server.wait(30)


def _wait(address: str, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def finished(page: Page) -> None:
    """Wait until a run has ended and is drawn."""
    page.locator("main .gauge", has_text="finished").wait_for()
    page.wait_for_timeout(1500)


def still(page: Page, address: str) -> Image.Image:
    """Return the page as it opens.

    Args:
        page: A browser's.
        address: Where it is.
    """
    page.set_viewport_size(dict(zip(("width", "height"), STILL, strict=True)))
    page.goto(address)
    finished(page)
    return _seen(page)


def drag(page: Page, address: str, steps: int = STEPS) -> list[Image.Image]:
    """Drag the conditioning from its start to the right, and return what is seen on the way.

    Args:
        page: A browser's.
        address: Where the page is.
        steps: Places where the mouse rests for a frame.
    """
    page.set_viewport_size(dict(zip(("width", "height"), MOVING, strict=True)))
    page.goto(f"{address}?{START}")
    finished(page)
    slider = page.get_by_role("slider", name="Conditioning")
    box = slider.bounding_box()
    assert box
    low, high, value = slider.evaluate("(e) => [+e.min, +e.max, e.valueAsNumber]")
    x, y = box["x"] + box["width"] * (value - low) / (high - low), box["y"] + box["height"] / 2
    end = box["x"] + 0.85 * box["width"]
    frames = [_seen(page)]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + (end - x) * step / steps, y)
        page.wait_for_timeout(REST)
        frames.append(_seen(page))
    page.mouse.up()
    finished(page)
    return [*frames, _seen(page)]


def _seen(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def write_moving(frames: list[Image.Image], path: Path) -> None:
    """Write frames as a GIF that goes on for ever.

    Args:
        frames: All of one size.
        path: Where.
    """
    size = (WIDTH, round(WIDTH * frames[0].height / frames[0].width))
    small = [frame.resize(size, Image.Resampling.LANCZOS) for frame in frames]
    seen = Image.new("RGB", (size[0], 3 * size[1]))
    for place, frame in enumerate((small[0], small[len(small) // 2], small[-1])):
        seen.paste(frame, (0, place * size[1]))
    palette = seen.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    drawn = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in small]
    pace = [HOLD, *[PACE] * (len(drawn) - 2), 2 * HOLD]
    drawn[0].save(path, save_all=True, append_images=drawn[1:], duration=pace, loop=0, optimize=True)


def main() -> None:
    """Make both pictures."""
    browser = os.environ.get("GNVIZ_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    with served() as address, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page()
        still(page, address).quantize(256, dither=Image.Dither.NONE).save(
            HOME / "screenshot.png", optimize=True
        )
        write_moving(drag(page, address), HOME / "drag.gif")
    for name in ("screenshot.png", "drag.gif"):
        print(f"{HOME / name}: {(HOME / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
