"""What the server does before the first visitor comes, and after the last one has gone."""

from typing import Any


def on_server_loaded(server_context: Any) -> None:
    """Start a worker and, while it loads its libraries, load the page's; then rehearse the first page."""
    from gnviz.lab.server.runner import shared_runner

    shared_runner()
    from gnviz.lab.server import serving

    serving.prepare()


def on_server_unloaded(server_context: Any) -> None:
    """End the workers."""
    from gnviz.lab.server import serving

    serving.finish()
