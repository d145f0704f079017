"""What a server does around its visitors."""

import panel as pn
from bokeh.server.views.ws import WSHandler

from gnviz.lab.page import page
from gnviz.lab.server.serving import send_at_once


def test_a_connection_does_not_wait_for_acknowledgements(monkeypatch):
    calls = []
    monkeypatch.setattr(WSHandler, "open", lambda self: calls.append("opened"))

    class Connection:
        def set_nodelay(self, value):
            calls.append(value)

    send_at_once()
    WSHandler.open(Connection())
    assert calls == [True, "opened"]


def test_a_page_does_not_follow_the_servers_state():
    def followers():
        return len(pn.state.param.watchers.get("busy", {}).get("value", []))

    before = followers()
    frame = page()
    assert followers() == before
    assert not frame.busy
