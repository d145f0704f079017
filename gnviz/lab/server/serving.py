"""What a server of the page does around its visitors."""

from __future__ import annotations

import asyncio
from typing import Any

from bokeh.server.views.ws import WSHandler
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from gnviz.experiment import Experiment
from gnviz.lab.page import FIRST
from gnviz.lab.run.live import LiveRun
from gnviz.lab.server.prewarmed import shared_prewarmed
from gnviz.lab.server.runner import shared_runner

PATIENCE = 4.0
"""Most seconds that the server waits for its first worker before it opens the doors."""


def prepare() -> None:
    """Do ahead what the first visitor would wait for, and let visitors leave without an error in the log."""
    _rehearse()
    send_at_once()
    loop: asyncio.AbstractEventLoop = IOLoop.current().asyncio_loop  # type: ignore[attr-defined]
    loop.set_exception_handler(_report)


def finish() -> None:
    """End the workers."""
    shared_runner().close()


def _rehearse() -> None:
    """Make a laboratory while a worker computes the default run's first moments, and draw these in it."""
    live = LiveRun(shared_runner())
    live.start(Experiment(), paused=True)
    live.step(FIRST)
    shared_prewarmed().build()
    live.wait(FIRST, PATIENCE)
    live.cancel()
    shared_prewarmed().recording = live.recording
    shared_prewarmed().make()


def send_at_once() -> None:
    """Let no message wait for the browser to acknowledge the one before.

    Bokeh sends a message as several small packets and leaves the system's default (Nagle's algorithm) on: the
    second waits until the first is acknowledged, for which browsers take up to 40 ms.
    """
    opened = WSHandler.open

    def open_at_once(self: WSHandler) -> Any:
        self.set_nodelay(True)
        return opened(self)

    WSHandler.open = open_at_once


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what went wrong, unless it is that a message found its visitor gone."""
    if not isinstance(context.get("exception"), (WebSocketClosedError, StreamClosedError)):
        loop.default_exception_handler(context)
