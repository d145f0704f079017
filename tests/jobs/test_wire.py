"""Messages between a runner and its workers: whole, one after another, or none."""

import io

import pytest

from gnviz.jobs.base import JobStatus
from gnviz.jobs.wire import Control, Ended, Ready, Start, pack, receive

MESSAGES = [
    Start("a", "{}", paused=True, steps=3),
    Control("a", "polled", 2),
    Ready(),
    Ended("a", JobStatus.FAILED, "in words", "a traceback", {"network.width": 8}),
]


def test_messages_come_one_after_another_and_then_none():
    stream = io.BytesIO(b"".join(map(pack, MESSAGES)))
    assert [receive(stream) for _ in MESSAGES] == MESSAGES
    assert receive(stream) is None


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_cut_off_anywhere_is_the_end(message):
    """A process that is killed leaves part of a message behind."""
    whole = pack(message)
    for length in range(len(whole)):
        assert receive(io.BytesIO(whole[:length])) is None, length
