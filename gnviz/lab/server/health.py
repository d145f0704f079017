"""What a proxy or a container asks a server for: whether it answers, and how busy it is.

    panel serve app --plugins gnviz.lab.server.health

`GET /health` returns JSON, such as `{"ok": true, "workers": 4, "running": 1, "waiting": 0}`; no page is made
for it, and no run begins.
"""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler

from gnviz.lab.server.runner import shared_runner


class Health(RequestHandler):
    """Answers at once: that it does is what it says."""

    def get(self) -> None:
        """Write how many runs there are, and how many there may be at a time."""
        runner = shared_runner()
        load: dict[str, Any] = {"ok": True, "workers": runner.places}
        if (busy := getattr(runner, "load", None)) is not None:  # a cluster is asked elsewhere
            load |= dict(zip(("running", "waiting"), busy, strict=True))
        self.set_header("Cache-Control", "no-store")
        self.write(load)


ROUTES = [(r"/health", Health, {})]
"""What `panel serve --plugins` adds."""
