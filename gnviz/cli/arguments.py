"""How arguments are read: with errors in one line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from gnviz.knobs import KnobError


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise the message as a `KnobError`."""
        raise KnobError(f"{message} (see {self.prog} --help)")
