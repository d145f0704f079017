"""Thirty visitors at once: first picture, answer to a press, the server's loop, its memory, lost connections.

    python tests/benchmarks/load.py [--visitors 30] [--minutes 10] [--every 10] [--live 4]
    python tests/benchmarks/load.py --cycles 100          # memory, as visitors come and go one by one

The visitors are no browsers, whose painting would take the cores: each opens the page's websocket and speaks
Bokeh's protocol as a browser that paints at once, so that what is measured is the server with its workers.
They come one a second. Some (`--live`) watch a long run; every one presses the conditioning's slider every so
many seconds, and waits for other curves of the loss. Targets: press to curves p95 300 ms, a plain request at
most 100 ms, the last visitor's first picture 10 s, no connection lost, memory grown by 2 % at most after the
first quarter.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

sys.path.insert(0, str(Path(__file__).parents[1]))

from slider import say
from ui.driver import LONG
from ui.serving import Server, errors
from ui.visitor import PATIENCE, Visitor

SETTLING = 15.0
"""Seconds after the last one has come from which presses are counted apart: pages are made no more then."""

GONE = 20.0
"""Seconds after which the session of a visitor who has left is over."""


class Watch:
    """Looks after a server: how long a plain request waits, and what memory its processes have."""

    def __init__(self, server: Server) -> None:
        self.waited, self.memory = list[float](), list[tuple[float, float]]()
        self._server = server

    async def look(self, until: float) -> None:
        """Look until a time."""
        client, url = AsyncHTTPClient(), f"http://127.0.0.1:{self._server.port}/health"
        while time.monotonic() < until:
            sent = time.monotonic()
            await client.fetch(HTTPRequest(url, request_timeout=PATIENCE))
            self.waited.append(1e3 * (time.monotonic() - sent))
            self.memory.append((time.monotonic(), _mebibytes(self._server.process.pid)))
            await asyncio.sleep(0.1)

    @property
    def growth(self) -> float:
        """By what share memory grew from the end of the first quarter to the end, medians of a tenth each."""
        sizes = [size for _, size in self.memory]
        tenth = max(1, len(sizes) // 10)
        early = sorted(sizes[len(sizes) // 4 :][:tenth])
        return sorted(sizes[-tenth:])[tenth // 2] / early[len(early) // 2] - 1


def _mebibytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


async def searches(server: Server, options: argparse.Namespace) -> None:
    """Let them come, and print a table."""
    begun = time.monotonic()
    until = begun + 60 * options.minutes + options.visitors
    watch, visitors, stays = Watch(server), [], []
    stays.append(asyncio.create_task(watch.look(until)))
    for k in range(options.visitors):
        visitors.append(Visitor(server, LONG if k < options.live else ""))
        stays.append(asyncio.create_task(visitors[-1].stay(until, options.every)))
        await asyncio.sleep(1.0)
    failed = [error for error in await asyncio.gather(*stays, return_exceptions=True) if error is not None]
    answers = [answer for visitor in visitors for answer in visitor.answers]
    print(f"{os.cpu_count()} cores, {options.visitors} visitors, {options.live} with long runs")
    firsts = [1e3 * visitor.first for visitor in visitors if visitor.first == visitor.first]
    say("first", firsts, 10_000)
    say("press", [took for took, _ in answers], 300)
    quiet = begun + options.visitors + SETTLING
    for name, some in (("later", visitors[options.live :]), ("long runs", visitors[: options.live])):
        say(f"  {name}", [took for one in some for took, sent in one.answers if sent > quiet], 300)
    by_minute: dict[int, list[float]] = {}
    for took, sent in answers:
        by_minute.setdefault(int((sent - begun) // 60), []).append(took)
    print("  medians by minute", *(f"{statistics.median(t):.0f}" for _, t in sorted(by_minute.items())))
    say("request", watch.waited, 100)
    lost = sum(visitor.lost for visitor in visitors)
    print(f"  lost {lost} connections; {len(failed)} visitors failed: {[repr(e)[:80] for e in failed[:3]]}")
    print(f"  memory {watch.memory[-1][1]:.0f} MiB, grown by {watch.growth:.1%} since the first quarter")


async def cycles(server: Server, count: int) -> None:
    """Let visitors come and go one by one, and print how the server's memory grew.

    Args:
        server: Where they come.
        count: How many.
    """
    sizes, firsts = [], []
    for _ in range(count):
        visitor = Visitor(server, "")
        await visitor.stay(time.monotonic(), 0.0)
        firsts.append(1e3 * visitor.first)
        sizes.append(_mebibytes(server.process.pid))
    await asyncio.sleep(GONE)
    sizes.append(_mebibytes(server.process.pid))
    say("first", firsts, 10_000)
    quarters = " ".join(f"{sizes[k * count // 4]:.0f}" for k in range(5))
    growth = sizes[-1] / statistics.median(sizes[count // 4 : count // 4 + 5]) - 1
    print(f"  memory {quarters} MiB by quarters, grown by {growth:.1%} since the first")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=30, help="how many come, one a second")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long they stay once all are there")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between a visitor's presses")
    parser.add_argument("--live", type=int, default=4, help="visitors that watch a long run")
    parser.add_argument("--cycles", type=int, default=0, help="so many come and go one by one instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            server.wait()
            asyncio.run(cycles(server, options.cycles) if options.cycles else searches(server, options))
        finally:
            server.stop()
            print("  errors in the log:", errors(server.log())[:3] or "none")


if __name__ == "__main__":
    main()
