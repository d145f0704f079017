"""Panel's own server of the page, from wherever the package lies."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from panel.command.serve import Serve

APP = Path(__file__).parent / "app"
"""The folder that is served, and so the page's address: /app."""


def serve(parser: argparse.ArgumentParser, options: Sequence[str]) -> None:
    """Serve the page until the process is told to end.

    Args:
        parser: Without arguments; it takes those of `panel serve`, and says what is wrong with them.
        options: Of `panel serve`.

    Raises:
        SystemExit: Something else listens at the address; the log says so.
        ValueError: Options do not go together.
    """
    panel = Serve(parser)
    arguments = parser.parse_args([*options, str(APP)])
    if arguments.files != [str(APP)]:
        parser.error("options alone are taken: what is served is the page")
    panel.invoke(arguments)
