"""A run begins for a browser that is connected, and ends when it has gone."""

import weakref
from types import SimpleNamespace

import panel as pn
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


def test_in_a_notebook_there_is_nobody_to_wait_for(session):
    from panel.io.document import MockSessionContext
    from panel.io.state import set_curdoc

    document = Document()
    document._session_context = lambda: context
    context = MockSessionContext(document=document)
    with set_curdoc(document):
        assert not pn.state.loaded
        assert presence.taken()


def test_what_changes_while_a_browser_takes_the_page_is_still_lost(session):
    """Once Panel hands it on, `taken` may go, and a page change at any instant again."""
    from panel.io import hold, state
    from panel.io.state import set_curdoc

    sent, words = [], pn.pane.HTML("before")
    model = words.get_root(session.document)
    session.document.add_root(model)
    session.document.on_change(sent.append)
    session.connection_count = 1
    with set_curdoc(session.document):
        assert not presence.taken()
        with hold():
            model.text = "after"
        assert [event.attr for event in sent if hasattr(event, "attr")] == [], "Panel sends it now"
        state._loaded[session.document] = True
        assert presence.taken()
