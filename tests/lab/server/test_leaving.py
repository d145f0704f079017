"""What visitors leave behind in a server: nothing."""

import asyncio
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from ui.serving import Server, errors
from ui.visitor import Visitor

from gnviz.lab.server.forgetting import forget_when_left

VISITORS, SPARE = 5, 2
"""How many come and go, and how many laboratories may be there then: one made ahead, and the last's, which
a timer of the server's loop may hold for a while."""


class Context:
    """Of a session that ends."""

    def __init__(self, document):
        self._document = document


def area_in(document):
    """Put an area of notifications into a document; return it and its name in Panel's table."""
    area = pmui.NotificationArea()
    return area, area.get_root(document).ref["id"]


def test_an_area_of_notifications_is_forgotten_with_its_document():
    left, stays = Document(), Document()
    (_, gone), (_, there) = area_in(left), area_in(stays)
    forget_when_left(left)
    for callback in left.session_destroyed_callbacks:
        callback(Context(left))
    assert gone not in pn.state._views
    assert there in pn.state._views
    pn.state._views.pop(there)


def test_that_has_to_be_asked_for():
    """Should this fail, panel-material-ui does it itself: delete `gnviz.lab.server.forgetting`."""
    document = Document()
    area, name = area_in(document)
    area._server_destroy(Context(document))
    assert pn.state._views.pop(name)


def test_pages_are_let_go_of_as_visitors_leave(tmp_path):
    server = Server(tmp_path, plugins=["ui.counting"])
    try:
        server.wait()
        for _ in range(VISITORS):
            with ThreadPoolExecutor(1) as aside:  # this thread may have a loop that runs, a browser's
                aside.submit(lambda: asyncio.run(Visitor(server, "").stay(time.monotonic(), 0.0))).result()
        end, left = time.monotonic() + 120, VISITORS
        while left > SPARE and time.monotonic() < end:
            time.sleep(1.0)
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/laboratories") as answer:
                left = int(answer.read())
        assert left <= SPARE
    finally:
        server.stop()
    assert errors(server.log()) == []
