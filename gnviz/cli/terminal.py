"""How the command line reads arguments, what it says beside its results, and the codes that it exits with."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from gnviz.knobs import KnobError

OK, NOT_SAVED, MISTAKE, INTERRUPTED = 0, 1, 2, 130
WRONG = NOT_SAVED


def say(text: str) -> None:
    """Print one line to stderr."""
    print(f"gnviz: {' '.join(text.split())}", file=sys.stderr)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise the message as a `KnobError`."""
        raise KnobError(f"{message} (see {self.prog} --help)")
