"""How the experiments of a sweep's cell stand: a colour for each word, and what is said of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from gnviz.views.plot import GREY, Key, Mark

STATUS = "status"
"""The measure that is a word."""

MISSING = "missing"
"""The word for what has not been computed."""

COLORS = {
    "finished": "#2f8f83", "converged": "#74b3aa", "step-limit": "#1f83d6", "diverged": "#d0453a",
    "singular": "#b8860b", "undefined": "#9b6dd6", "refused": GREY, "failed": "#5d6470", "lost": "#5d6470",
    "cancelled": "#5d6470",
}  # fmt: skip
"""A colour for each word that a run ends with: those of one meaning alike."""

LONGEST = 90
"""Letters of a sentence in a tip."""


def commonest(words: np.ndarray) -> str:
    """Return the word that most of some experiments end with, shape (k,); `MISSING` if none has ended."""
    count = Counter(str(word) for word in words if word != MISSING)
    return count.most_common(1)[0][0] if count else MISSING


def said(words: np.ndarray, sentences: np.ndarray) -> str:
    """Return how a cell's experiments stand, in a few words.

    Args:
        words: Of each experiment, shape (k,).
        sentences: The same in a sentence, shape (k,).
    """
    count = Counter(map(str, words))
    if len(words) == 1 or len(count) == 1:
        word, sentence = str(words[0]), str(sentences[0])
        if word == MISSING:
            return "not computed yet"
        more = f": {sentence}" if word in ("refused", "failed", "lost") else ""
        return (word + more)[:LONGEST]
    names = {MISSING: "to come"}
    return ", ".join(f"{n} {names.get(word, word)}" for word, n in count.items())


def keys(there: Iterable[str]) -> tuple[Key, ...]:
    """Return what the colours mean, of which those that are there are explained."""
    there = set(there)
    return tuple(
        Key(word, Mark("", "points", color, marker="square", size=11), word in there)
        for word, color in COLORS.items()
    )
