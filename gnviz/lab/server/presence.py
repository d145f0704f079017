"""Whether anybody is there: a browser that is connected, and not just a request that a crawler made."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import panel as pn
from bokeh.document import Document
from bokeh.server.contexts import BokehSessionContext

COMING, STAYING = 50, 1000
"""Milliseconds between two looks: until the browser has come, and after that."""

AWAY = 12.0
"""Seconds that a connection may be gone before its visitor is: a dropped one is back within a few."""


class Presence:
    """Watches a session's connection, from now until the session ends.

    Args:
        document: The session's.
        came: Called once, when the browser is connected.
        gone: Called when it has not been for `AWAY` seconds; again if it comes back and goes again.
    """

    def __init__(self, document: Document, came: Callable[[], None], gone: Callable[[], None]) -> None:
        self._document, self._came, self._gone = document, came, gone
        self._there, self._left = False, 0.0
        self._watch = document.add_periodic_callback(self.look, COMING)

    def look(self) -> None:
        """See whether the browser is there, and tell what has changed."""
        if connected(self._document):
            if not self._there:
                self._document.remove_periodic_callback(self._watch)
                self._watch = self._document.add_periodic_callback(self.look, STAYING)
                self._there = True
                self._came()
            self._left = 0.0
        elif self._there:
            self._left = self._left or monotonic()
            if 0.0 < self._left < monotonic() - AWAY:
                self._left = float("inf")
                self._gone()


def connected(document: Document) -> bool:
    """Return whether a browser has the document of a session."""
    context = document.session_context
    assert isinstance(context, BokehSessionContext)
    return context.session is not None and context.session.connection_count > 0


def taken() -> bool:
    """Return whether what changes now reaches the browser of the session that calls; yes in a notebook.

    Panel (1.9.4) drops what `hold` has collected until the browser says that it has drawn the document, also
    once it has its copy: `panel.io.document._drain_unconnected_events`.
    """
    document = pn.state.curdoc
    served = document is not None and isinstance(document.session_context, BokehSessionContext)
    return not served or pn.state.loaded


def watched() -> bool:
    """Return whether a browser is connected to the session that calls; where there is none, yes."""
    document = pn.state.curdoc
    return document is None or document.session_context is None or connected(document)
