"""What the page says when something cannot be done."""

from gnviz.lab.controls.message import Message


def test_what_would_help_is_offered_and_set_once_asked_for():
    changed = []
    message = Message(changed.append)
    message.say("too low", {"data.condition": 71700.0, "data.missing": "drop"}, severity="warning")
    assert (message.message, message.severity) == ("too low", "warning")
    assert message.offer == "Set Conditioning κ(K₀) to 71700, Set Rows with empty cells to drop"
    message._handle_msg("something else")
    assert changed == []
    message._handle_msg("take")
    assert changed == [{"data.condition": 71700.0, "data.missing": "drop"}]


def test_nothing_to_say_takes_the_offer_away():
    changed = []
    message = Message(changed.append)
    message.say("too low", {"data.n": 4})
    message.say("")
    assert (message.message, message.offer) == ("", "")
    message.take()
    assert changed == []
