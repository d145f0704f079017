"""Drawings kept: a figure is drawn by HoloViews once per process, and copied for every later session.

Drawing a figure takes some tenths of a second, copying its Bokeh models about a tenth of that.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.plotting import figure
from bokeh.util.serialization import make_id

KEPT = 64
"""Drawings remembered: a few sets of methods, in both time scales."""

_kept: OrderedDict[Hashable, str] = OrderedDict()
_ID = re.compile(r'"id":\s*"([^"]+)"')


def drawn(key: Hashable, draw: Callable[[], figure]) -> figure:
    """Return `draw()`, or a figure that equals it, of fresh models; its numbers may be older.

    Args:
        key: All that the drawing depends on, apart from the numbers in its sources.
        draw: Draws it.
    """
    if key not in _kept:
        fig = draw()
        _kept[key] = _to_text(fig)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return fig
    _kept.move_to_end(key)
    return _from_text(_kept[key])


def _to_text(fig: figure) -> str:
    document = Document()
    document.add_root(fig)
    content = document.to_json(deferred=False)
    content["defs"] = []  # definitions of other components' models, which figures do not use
    text = serialize_json(content)
    document.clear()
    return text


def _from_text(text: str) -> figure:
    """Return the figure, each of its models under a new name: two copies may meet in one document."""
    names: dict[str, str] = {}
    renamed = _ID.sub(lambda m: f'"id": "{names.setdefault(m.group(1), make_id())}"', text)
    document = Document.from_json(json.loads(renamed))
    fig = document.roots[0]
    document.remove_root(fig)
    return fig
