"""A browser that comes back to a server that has forgotten it: restarted, or away for too long."""

from __future__ import annotations

import panel as pn
from bokeh.document import Document
from bokeh.server.contexts import BokehSessionContext


def forgotten(document: Document) -> bool:
    """Return whether a browser asks for this session whose own has ended, while it still shows the page.

    It comes by its websocket, with no request for the page before.
    """
    context = document.session_context
    request = context.request if isinstance(context, BokehSessionContext) else None
    return str(getattr(request, "path", "")).endswith("/ws")


class Again(pn.custom.JSComponent):
    """Loads the page again, whose address has all settings.

    Filling a page in place of the one that is shown would need the browser to say that it has loaded, which
    it does once.
    """

    _esm = """
export function render() { window.location.reload() }
"""
