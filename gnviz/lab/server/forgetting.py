"""What is let go of when a visitor has left."""

from __future__ import annotations

import panel as pn
from bokeh.application.application import SessionContext
from bokeh.document import Document
from panel_material_ui.notifications import NotificationArea


def forget_when_left(document: Document) -> None:
    """Have Panel forget a document once its session ends: 7 MB for each visitor.

    The area of notifications of panel-material-ui (0.16.6) does not know which documents it is in, unlike
    Panel's own, and so stays in Panel's table of views, which holds the document. A component has no public
    way to leave that table; a test says when this is not needed any more.
    """

    def forget(context: SessionContext) -> None:
        for name, (view, root, home, _) in list(pn.state._views.items()):
            if home is document and isinstance(view, NotificationArea):
                view._cleanup(root)
                del pn.state._views[name]

    document.on_session_destroyed(forget)
