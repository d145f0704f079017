"""What the command line says beside its results, and the codes that it exits with."""

from __future__ import annotations

import sys

OK, NOT_SAVED, MISTAKE, INTERRUPTED = 0, 1, 2, 130
WRONG = NOT_SAVED


def say(text: str) -> None:
    """Print one line to stderr."""
    print(f"gnviz: {' '.join(text.split())}", file=sys.stderr)
