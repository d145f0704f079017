"""The command line: `gnviz run` an experiment, `gnviz sweep` it, `gnviz list` what there is, and more.

`gnviz serve` shows the page, `gnviz lesson` prints a lesson as text, `gnviz verify` computes known numbers
again.

Exit codes: 0 done; 1 the result was saved elsewhere or not at all, or a known number came out wrong; 2 a
mistake in what was asked for; 128 and more ended by a signal, 130 by Ctrl-C.

Nothing is imported before `main` is called, so that it answers for what goes wrong on the way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from gnviz.cli.terminal import INTERRUPTED, MISTAKE, OK, EndedError, attended, drop_output, say


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments without the program's name; none: those of the process.

    Returns:
        The exit code.
    """
    with attended():
        try:
            os.getcwd()
        except FileNotFoundError:  # libraries ask for it while they are imported
            say("the folder that you are in is not there any more: change to another")
            return MISTAKE
        try:
            from gnviz.cli.commands import command

            return command(argv)
        except BrokenPipeError:  # the reader of stdout went away, as in `gnviz list | head`
            drop_output()
            return OK
        except ValueError as error:
            from gnviz.knobs import KnobError

            if not isinstance(error, KnobError):
                raise
            say(str(error))
            return MISTAKE
        except OSError as error:
            say(str(error))
            drop_output()  # a full disk, or a terminal that hung up, may be what failed
            return MISTAKE
        except KeyboardInterrupt as interruption:
            say(f"{ended(interruption)}: nothing was recorded")
            return code_of(interruption)


def ended(interruption: KeyboardInterrupt) -> str:
    """Return what ended a command, in words."""
    return str(interruption) if isinstance(interruption, EndedError) else "interrupted"


def code_of(interruption: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was ended."""
    return interruption.code if isinstance(interruption, EndedError) else INTERRUPTED
