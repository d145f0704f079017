"""Models as what a browser can draw by itself, with no session behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bokeh.document import Document
from bokeh.models import Model


def standalone(models: Iterable[Model]) -> Any:
    """Return the content of a document of some models, which are in no other, for `Bokeh.embed.embed_items`.

    `bokeh.embed.components` would add the definitions of all models that are imported, Panel's among them.
    """
    document = Document()
    for model in models:
        document.add_root(model)
    content: Any = document.to_json(deferred=False)
    content.pop("defs", None)
    return content
