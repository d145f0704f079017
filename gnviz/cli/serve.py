"""`gnviz serve`: the page, by Panel's own server, all of whose options it takes."""

from __future__ import annotations

import argparse

from gnviz.cli.arguments import Parser
from gnviz.cli.terminal import OK
from gnviz.knobs import KnobError

HOST, PORT = "127.0.0.1", 5006
"""Where the page is unless it is said: for this machine alone."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declare the arguments; those that are not declared are Panel's."""
    command.set_defaults(command=serve_command)
    command.add_argument(
        "--port", type=int, default=PORT, help=f"usually {PORT}; 0: one that is free, which the log names"
    )
    command.add_argument("--address", default=HOST, help=f"usually {HOST}; 0.0.0.0: of all networks")
    command.add_argument("--open", action="store_true", help="open the page in a browser")
    command.epilog = (
        "Python files among the arguments are run first: what they gnviz.register is on the page. "
        "All options of `panel serve` are taken as well, such as --allow-websocket-origin HOST:PORT, "
        "--basic-auth FILE --cookie-secret TEXT, --prefix PATH, --num-threads N or --ssl-certfile FILE."
    )


def serve_command(arguments: argparse.Namespace) -> int:
    """Serve the page until the process is told to end."""
    from gnviz.lab.server.command import serve

    options = ["--port", str(arguments.port), "--address", arguments.address]
    options += ["--show"] if arguments.open else []
    # A shortened option could be missed by `gnviz.lab.library.folder`, which looks for one of them.
    panel = Parser(prog="gnviz serve", allow_abbrev=False)
    try:
        serve(panel, [*options, *arguments.rest])
    except ValueError as error:
        raise KnobError(str(error)) from None
    return OK
