"""Progress in words."""

import pytest

from gnviz.sweeps import Progress, in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds"),
        (22, "about 20 seconds"),
        (57, "about 1 minute"),
        (100, "about 2 minutes"),
        (3500, "about 1 hour"),
        (7300, "about 2 hours"),
        (200_000, "about 2 days"),
    ],
)
def test_durations_are_said_as_people_do(seconds, words):
    assert in_words(seconds) == words


def test_what_was_kept_is_said():
    assert str(Progress(7, 12, 5, 130.0)) == "7 of 12 cells (5 kept from before), about 2 minutes left"
    assert str(Progress(12, 12, 5, 0.0)) == "12 of 12 cells (5 kept from before)"
