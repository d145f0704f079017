"""Single components of the page, served alone."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn


class Alone:
    """A server with a page for each component.

    Args:
        components: What makes the component of each page, by the page's name.

    Attributes:
        made: All that have been made.
    """

    def __init__(self, components: Mapping[str, Callable[[], Any]]) -> None:
        self.made: list[Any] = []
        self._documents: list[Any] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        pages = {name: (lambda make=make: self._page(make)) for name, make in components.items()}
        self._server = pn.serve(pages, port=self._port, address="127.0.0.1", show=False, threaded=True)
        self._wait(next(iter(components)))

    def url(self, name: str) -> str:
        """Return where a page is."""
        return f"http://127.0.0.1:{self._port}/{name}"

    def do(self, act: Callable[[], Any]) -> None:
        """Do something as the server does, in the last page's session, and wait until it is done."""
        done = threading.Event()
        self._documents[-1].add_next_tick_callback(lambda: (act(), done.set()))
        assert done.wait(30)

    def stop(self) -> None:
        """End the server."""
        self._server.stop()
        self._server.join(30)

    def _page(self, make: Callable[[], Any]) -> pn.viewable.Viewable:
        self.made.append(make())
        self._documents.append(pn.state.curdoc)
        return pn.panel(self.made[-1])

    def _wait(self, name: str) -> None:
        for _ in range(300):
            try:
                return urllib.request.urlopen(self.url(name), timeout=30).close()
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server does not answer")
