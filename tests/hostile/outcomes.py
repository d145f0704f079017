"""How a case ends: accepted, or refused in a sentence."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gnviz import KnobError

ACCEPTED, REFUSED = "accepted", "refused"

LONGEST = 1500
"""Characters of a message: a sentence, with the names that there are."""

Case = Callable[[random.Random, Path], str]


class VagueError(Exception):
    """A refusal that is no sentence, or does not say what of."""


def outcome(case: Case, seed: str, folder: Path) -> str:
    """Return how a case ended: `ACCEPTED` or `REFUSED`; anything else is raised."""
    try:
        return case(random.Random(seed), folder)
    except KnobError as error:
        return refused(error)


def refused(error: ValueError, about: str = "") -> str:
    """Return `REFUSED`, if what was raised is a sentence that names what it is about."""
    text = str(error)
    if not text or len(text) > LONGEST or "\n" in text or about not in text or "Traceback" in text:
        raise VagueError(repr(error)[:LONGEST]) from error
    return REFUSED


def read_file(read: Callable[[Path], Any], path: Path) -> Any:
    """Return what is read of a file, None where it was refused with the one error that says so."""
    try:
        return read(path)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        refused(error, str(path))
        return None


def flipped(rng: random.Random, data: bytes, in_place: bool = False) -> bytes:
    """Return bytes with some of them changed; not in place, also left out, put in or cut off."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        where = rng.randrange(len(out) or 1)
        match rng.randrange(3 if in_place else 5):
            case 0 | 1:
                out[where : where + 1] = bytes([rng.randrange(256)])
            case 2:
                out[where : where + 8] = rng.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7))
            case 3:
                del out[where : where + rng.randrange(1, 64)]
            case 4:
                out[where:where] = bytes(out[where : where + 16])
    return bytes(out[: rng.randrange(len(out))] if not in_place and rng.random() < 0.15 and out else out)
