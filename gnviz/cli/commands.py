"""The commands, and the arguments that they take."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from gnviz.cli import code_of, ended, serve, site, sweep
from gnviz.cli.arguments import Parser
from gnviz.cli.files import check_writable, free_name, read_experiment, read_run, save
from gnviz.cli.terminal import OK, WRONG, say
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, quoted
from gnviz.lessons import lesson
from gnviz.report import catalogue, lesson_text, summary

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.dynamics.checkpoint import Checkpoint
    from gnviz.dynamics.simulate import Simulation
    from gnviz.results import Recording, Snapshot

EXPORTS = {"script": ".py", "notebook": ".ipynb", "csv": ".zip", "page": ".html"}
"""What a run can be taken away as, the functions of `gnviz.export`, and how the files' names end."""

CHECKPOINT_SECONDS = 30
"""Time between two checkpoints: what a crash may cost."""


def command(argv: Sequence[str] | None) -> int:
    """Do what the arguments ask for, those of the process if there are none, and return the exit code.

    Raises:
        KnobError: There is a mistake in them.
        OSError: A file cannot be read or written, or nothing can be printed any more.
        KeyboardInterrupt: The user, or a signal, ended it before there was anything to keep.
    """
    arguments = parse(argv)
    return arguments.command(arguments)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments; those that only Panel's server knows are in `rest`.

    Raises:
        KnobError: They are not allowed.
    """
    top = parser()
    arguments, rest = top.parse_known_args(argv)
    if arguments.command is serve.serve_command:
        arguments.rest = rest
    elif rest:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    return arguments


def parser() -> Parser:
    """Return the argument parser."""
    top = Parser(prog="gnviz", description="Gauss-Newton training beside gradient descent.")
    top.add_argument("--version", action="version", version=f"gnviz {version('gnviz')}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run an experiment and print when each method was done")
    run.set_defaults(command=run_command)
    what = "a preset's name, a .json experiment, or a link to the page"
    run.add_argument("experiment", metavar="NAME_OR_FILE", nargs="?", help=what)
    add_changes(run)
    run.add_argument("-o", "--output", type=Path, metavar="FILE", help="save the result (NetCDF)")
    run.add_argument(
        "--save-experiment", type=Path, metavar="FILE", help="write the experiment as JSON, do not run it"
    )
    run.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help=f"keep a checkpoint (NPZ) there: every {CHECKPOINT_SECONDS} s, at the end, on Ctrl-C or SIGTERM",
    )
    run.add_argument("--resume", type=Path, metavar="FILE", help="go on from a checkpoint")
    sweeping = commands.add_parser("sweep", help="run an experiment over a grid of its knobs")
    sweep.add_arguments(sweeping)
    add_changes(sweeping)
    taking = commands.add_parser("export", help="take a run away: as a script, notebook, tables or page")
    taking.set_defaults(command=export_command)
    kinds = (*EXPORTS, site.KIND)
    taking.add_argument("kind", choices=kinds, metavar="KIND", help=", ".join(kinds))
    taking.add_argument(
        "run", metavar="NAME_OR_FILE", help=f"{what}, or a result (.nc); of {site.KIND}: the folder to write"
    )
    taking.add_argument(
        "--lesson",
        action="append",
        default=[],
        metavar="NAME",
        help=f"of {site.KIND}: this one; may be repeated",
    )
    add_changes(taking)
    taking.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to; else named after the run, in this folder"
    )
    serving = commands.add_parser("serve", help="serve the page", allow_abbrev=False)
    serve.add_arguments(serving)
    check = commands.add_parser("verify", help="compute known numbers on this machine and compare")
    check.set_defaults(command=verify_command)
    listing = commands.add_parser("list", help="list lessons, presets, methods and knobs")
    listing.set_defaults(command=list_command)
    reading = commands.add_parser("lesson", help="print a lesson")
    reading.set_defaults(command=lesson_command)
    reading.add_argument("lesson", metavar="NAME", help="a name that gnviz list gives")
    return top


def add_changes(command: argparse.ArgumentParser) -> None:
    """Let a command change knobs, and run without a progress bar."""
    command.add_argument(
        "--set",
        dest="changes",
        metavar="KNOB=VALUE",
        action="append",
        default=[],
        type=assignment,
        help="change a knob, e.g. --set data.condition=1e9; may be repeated",
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def assignment(text: str) -> tuple[str, str]:
    """Split `knob=value`."""
    knob, equals, value = text.partition("=")
    if not equals or not knob.strip():
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not KNOB=VALUE, such as data.condition=1e9")
    return knob.strip(), value


def list_command(arguments: argparse.Namespace) -> int:
    """Print lessons, presets, methods and knobs."""
    del arguments
    print(catalogue(), flush=True)
    return OK


def lesson_command(arguments: argparse.Namespace) -> int:
    """Print a lesson."""
    print(lesson_text(lesson(arguments.lesson)), flush=True)
    return OK


def verify_command(arguments: argparse.Namespace) -> int:
    """Compare known numbers with what this machine computes; exit code 1 if one is wrong."""
    from gnviz import verify

    del arguments
    print(verify.header(), flush=True)
    findings = []
    for finding in verify.verify():
        findings.append(finding)
        print(verify.row(finding), flush=True)
    print(verify.closing(findings), flush=True)
    return OK if all(f.ok for f in findings) else WRONG


def run_command(arguments: argparse.Namespace) -> int:
    """Run one experiment, print its summary and save it where asked."""
    resume = read_checkpoint(arguments)
    if resume:
        experiment = Experiment.from_json(resume.experiment)
    else:
        experiment = read_experiment(arguments.experiment).replace(dict(arguments.changes))
    if arguments.save_experiment:
        arguments.save_experiment.write_text(experiment.to_json() + "\n", encoding="utf-8")
        say(f"wrote {arguments.save_experiment}")
        return OK
    for option, path in (("-o", arguments.output), ("--checkpoint", arguments.checkpoint)):
        if path:
            check_writable(path, option)

    recording, code = record(experiment, not arguments.quiet, arguments.checkpoint, resume)
    if arguments.output:  # before anything is printed: a closed pipe must not cost the result
        from gnviz import results

        code = max(code, save(results.to_bytes(recording.dataset()), arguments.output))
    print(summary(recording), flush=True)
    return code


def export_command(arguments: argparse.Namespace) -> int:
    """Write a run, made before or now, as what is asked for; scripts and notebooks need none to be made."""
    if arguments.kind == site.KIND:
        return lessons_command(arguments)
    if arguments.lesson:
        raise KnobError(f"--lesson goes with gnviz export {site.KIND} FOLDER")
    run = read_run(arguments.run, dict(arguments.changes))
    path = arguments.output or free_name(arguments.run, EXPORTS[arguments.kind])
    check_writable(path)
    code = OK
    if isinstance(run, Experiment) and arguments.kind in ("csv", "page"):
        recording, code = record(run, not arguments.quiet)
        run = recording.dataset()
    from gnviz import export

    made = getattr(export, arguments.kind)(run)
    return max(code, save(memoryview(made.encode() if isinstance(made, str) else made), path))


def lessons_command(arguments: argparse.Namespace) -> int:
    """Write the lessons as a site."""
    if arguments.changes or arguments.output:
        raise KnobError(f"--set and -o do not go with {site.KIND}: gnviz export {site.KIND} FOLDER")

    def run(experiment: Experiment) -> xr.Dataset:
        recording, code = record(experiment, not arguments.quiet)
        if code:
            raise KeyboardInterrupt
        return recording.dataset()

    return site.write_site(Path(arguments.run), arguments.lesson, run)


def record(
    experiment: Experiment, progress: bool, keep: Path | None = None, resume: Checkpoint | None = None
) -> tuple[Recording, int]:
    """Run an experiment to its end, or until Ctrl-C or a signal.

    Args:
        experiment: What to run.
        progress: Whether to show a bar.
        keep: Where to write checkpoints.
        resume: Where to go on from.

    Returns:
        What was recorded, and the exit code.

    Raises:
        KeyboardInterrupt: Ctrl-C, or a signal, before the first moment.
        KnobError: The experiment cannot be built.
    """
    from tqdm import tqdm

    from gnviz.dynamics.simulate import simulate  # imports torch, so not before it is needed
    from gnviz.results import Recording, Status

    recording: Recording | None = None
    stream = simulate(experiment, resume=resume) if resume else simulate(experiment)
    keeper = Keeper(stream, keep) if keep else None
    bar = tqdm(disable=not progress, unit=" moments", file=sys.stderr, leave=False)
    try:
        for snapshot in stream:
            if snapshot.header is not None:
                recording = Recording(snapshot.header)
                bar.reset(len(snapshot.header.time))
            assert recording is not None  # the first snapshot carries the header
            recording.append(snapshot)
            if keeper:
                keeper.add(snapshot)
            bar.update()
    except KeyboardInterrupt as interruption:
        if recording is None:
            raise
        recording.close(
            Status.CANCELLED, f"{ended(interruption).capitalize()} after {recording.count} moments."
        )
        return recording, code_of(interruption)
    finally:
        bar.close()
        if keeper:
            keeper.write()
    assert recording is not None  # time grids are never empty
    return recording, OK


class Keeper:
    """Writes checkpoints of a run, the last of which survives an interruption inside a step.

    Args:
        stream: The run.
        path: Where to.
    """

    def __init__(self, stream: Simulation, path: Path) -> None:
        self._stream, self._path = stream, path
        self._seen: list[Snapshot] = []
        self._last: Checkpoint | None = None
        self._written = time.monotonic()

    def add(self, snapshot: Snapshot) -> None:
        """Take a checkpoint at the snapshot that has just come; write it now and then."""
        self._seen.append(snapshot)
        self._last = self._stream.checkpoint(self._seen)
        if time.monotonic() - self._written > CHECKPOINT_SECONDS:
            self.write()

    def write(self) -> None:
        """Write the last checkpoint, if there is one; a failure is said and does not end the run."""
        try:
            if self._last:
                self._last.save(self._path)
        except OSError as error:
            say(str(error))
        self._written = time.monotonic()


def read_checkpoint(arguments: argparse.Namespace) -> Checkpoint | None:
    """Return the checkpoint to go on from, None if there is to be none.

    Raises:
        KnobError: It cannot be read, an experiment is given beside it, or neither is.
    """
    if arguments.resume is None:
        if arguments.experiment is None:
            raise KnobError("the following arguments are required: NAME_OR_FILE (see gnviz run --help)")
        return None
    if arguments.experiment is not None or arguments.changes:
        raise KnobError("--resume takes the experiment from the checkpoint: give no NAME_OR_FILE or --set")
    from gnviz.dynamics.checkpoint import Checkpoint

    try:
        return Checkpoint.load(arguments.resume)
    except ValueError as error:
        raise KnobError(str(error)) from None
