"""How far a sweep has come, in words."""

from __future__ import annotations

from typing import NamedTuple


class Progress(NamedTuple):
    """How far a sweep has come; `str` says it in a sentence.

    Attributes:
        done: Cells that are computed, kept from before, or refused.
        total: Cells.
        kept: Those of `done` that were found in the folder.
        seconds_left: Until the end, at the pace so far; None before there is one.
    """

    done: int
    total: int
    kept: int = 0
    seconds_left: float | None = None

    def __str__(self) -> str:
        found = f" ({self.kept} kept from before)" if self.kept else ""
        left = ""
        if self.done < self.total and self.seconds_left is not None:
            left = f", {in_words(self.seconds_left)} left"
        return f"{self.done} of {self.total} cells{found}{left}"


def in_words(seconds: float) -> str:
    """Return a duration as people say it, rounded: "40 seconds", "about 2 hours"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {10 * max(1, round(seconds / 10))} seconds"
    for unit, size, below in (("minute", 60, 55), ("hour", 3600, 36)):
        if (count := max(1, round(seconds / size))) <= below:
            return f"about {count} {unit}{'s' if count > 1 else ''}"
    return f"about {max(2, round(seconds / 86400))} days"
