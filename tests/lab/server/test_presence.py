"""A run begins for a browser that is connected, and ends when it has gone."""

import weakref
from types import SimpleNamespace

import pytest
from bokeh.document import Document
from bokeh.server.contexts import BokehSessionContext

from gnviz.lab.server import presence
from gnviz.lab.server.presence import AWAY, COMING, STAYING, Presence


@pytest.fixture
def session():
    """A session without a connection: its document, and what the server knows of it."""
    document = Document()
    context = BokehSessionContext("id", None, document)
    document._session_context = weakref.ref(context)
    made = SimpleNamespace(document=document, context=context, connection_count=0)
    context._set_session(made)
    return made


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(presence, "monotonic", lambda: now.seconds)
    return now


def periods(session) -> list[int]:
    return [callback.period for callback in session.document.session_callbacks]


def test_nobody_who_is_not_connected_has_come(session, clock):
    told = []
    watch = Presence(session.document, lambda: told.append("came"), lambda: told.append("gone"))
    for _ in range(1000):
        clock.seconds += COMING / 1000
        watch.look()
    assert told == [], "a crawler"
    assert periods(session) == [COMING]
    session.connection_count = 1
    watch.look()
    watch.look()
    assert told == ["came"]
    assert periods(session) == [STAYING]


def test_a_dropped_connection_that_is_back_soon_is_nobody_gone(session, clock):
    told = []
    watch = Presence(session.document, lambda: told.append("came"), lambda: told.append("gone"))
    for _ in range(3):
        session.connection_count = 1
        watch.look()
        session.connection_count = 0
        watch.look()
        clock.seconds += AWAY - 1
        watch.look()
    assert told == ["came"]
    clock.seconds += 2
    watch.look()
    watch.look()
    assert told == ["came", "gone"]
    session.connection_count = 1
    watch.look()
    session.connection_count = 0
    watch.look()
    clock.seconds += AWAY + 1
    watch.look()
    assert told == ["came", "gone", "gone"]
    assert AWAY + STAYING / 1000 + 2 < 20, "a closed tab's job stops within 20 s, with what a cancel may take"
