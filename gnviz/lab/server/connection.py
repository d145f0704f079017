"""Whether somebody looks."""

from __future__ import annotations

import panel as pn
from bokeh.document import Document
from bokeh.server.contexts import BokehSessionContext


def connected(document: Document) -> bool:
    """Return whether a browser has the document of a session."""
    context = document.session_context
    assert isinstance(context, BokehSessionContext)
    return context.session is not None and context.session.connection_count > 0


def watched() -> bool:
    """Return whether a browser is connected to the session that calls; where there is none, yes."""
    document = pn.state.curdoc
    return document is None or document.session_context is None or connected(document)
