"""Panel's own server of the page, from wherever the package lies."""

from __future__ import annotations

import argparse
import runpy
from collections.abc import Sequence
from pathlib import Path

from panel.command.serve import Serve

APP = Path(__file__).parent / "app"
"""The folder that is served, and so the page's address: /app."""


def serve(parser: argparse.ArgumentParser, options: Sequence[str]) -> None:
    """Serve the page until the process is told to end.

    Args:
        parser: Without arguments; it takes those of `panel serve`, and says what is wrong with them.
        options: Of `panel serve`, and Python files to run before it, for what they register.

    Raises:
        SystemExit: Something else listens at the address; the log says so.
        ValueError: Options do not go together.
    """
    panel = Serve(parser)
    arguments = parser.parse_args(options)
    for file in arguments.files:
        _learn(parser, file)
    arguments.files = [str(APP)]
    panel.invoke(arguments)


def _learn(parser: argparse.ArgumentParser, file: str) -> None:
    """Run a file of the user's own, whose classes `gnviz.register` makes known."""
    if not file.endswith(".py") or not Path(file).is_file():
        parser.error(f"{file} is no Python file: what is served is the page, with what such files register")
    try:
        runpy.run_path(file, run_name=Path(file).stem)
    except Exception as error:
        parser.error(f"{file} cannot be run: {type(error).__name__}: {error}")
