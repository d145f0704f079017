"""The thread that works beside the page."""

from gnviz.lab.server import aside


def settle_aside() -> None:
    """Wait until it has done all that it was given, and told of it."""
    aside._threads().submit(lambda: None).result(60)
