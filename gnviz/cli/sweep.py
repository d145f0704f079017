"""`gnviz sweep`: an experiment over a grid of its knobs, from the command line."""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from gnviz.cli import code_of, ended
from gnviz.cli.files import check_writable, read_experiment, save
from gnviz.cli.terminal import OK, say
from gnviz.knobs import KnobError, quoted
from gnviz.knobs.groups import split_list
from gnviz.knobs.texts import split_outside

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.sweeps import Progress

HELP = """\
KNOB=VALUES is a list (network.alpha=1,10,100), whole numbers from a first to a last one (network.seed=0:9),
or LOW:HIGH:COUNT, evenly spaced: by factors if the knob is always positive and HIGH is 10 times LOW or more
(data.condition=1e4:1e10:13), else by differences (data.noise=0:1:5). Methods are separated by semicolons
(methods="adaptive(c=1);gradient-flow"); the knob of one of them is named like "constant(rho)". A sweep that
was stopped goes on where it was when the same command is given again. With GNVIZ_SCHEDULER=tcp://HOST:8786 it
runs on that Dask cluster."""

MOST_ROWS = 40
"""Lines of the table that is printed."""

EVERY = 10.0
"""Seconds between two lines of progress where they cannot be overwritten, as in a log."""

_RANGE = re.compile(r"^\s*([^:]+):([^:]+?)(?::([^:]+))?\s*$")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    command.set_defaults(command=sweep_command)
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = HELP
    what = "a preset's name, a .json experiment, or a link to the page"
    command.add_argument("experiment", metavar="NAME_OR_FILE", help=what)
    command.add_argument(
        "--over", metavar="KNOB=VALUES", action="append", required=True, help="what to vary; may be repeated"
    )
    command.add_argument(
        "--level", metavar="LOSS", default="1e-10", help="the loss whose time is told (%(default)s)"
    )
    command.add_argument("--workers", metavar="N", help="processes of this machine; else one a core")
    command.add_argument(
        "--folder", type=Path, metavar="DIR", help="keep cells there; else beside the output, in NAME.cells"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="save the map (NetCDF)")


def sweep_command(arguments: argparse.Namespace) -> int:
    """Run a sweep, save it and print a table."""
    experiment = read_experiment(arguments.experiment).replace(dict(arguments.changes))
    over = read_over(arguments.over)
    level, workers = _number(arguments.level, "--level"), _count(arguments.workers, "--workers")
    output: Path | None = arguments.output
    if output:
        check_writable(output)
    folder = arguments.folder or (output.with_suffix(".cells") if output else None)
    from gnviz import results
    from gnviz.jobs.choice import usual_runner
    from gnviz.sweeps import Sweep

    sweep = Sweep(experiment, over, level=level, folder=folder)
    line = _Line(quiet=arguments.quiet)
    try:
        with usual_runner(workers, threads=1) as runner:
            ds = sweep.run(runner, line.show)
    except KeyboardInterrupt as interruption:
        line.end()
        print(summary(sweep.dataset()), flush=True)
        kept = f"are kept in {folder}: the same command goes on from there"
        lost = "are lost: with --folder DIR they would be kept"
        say(f"{ended(interruption)}: {sweep.done} of {len(sweep.grid)} cells {kept if folder else lost}")
        return code_of(interruption)
    finally:
        line.end()
    code = save(results.to_bytes(ds), output) if output else OK
    print(summary(ds), flush=True)
    return code


def read_over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of each knob.

    Raises:
        KnobError: A text is not KNOB=VALUES, a knob is unknown or given twice, or a range is bad.
    """
    from gnviz.sweeps.grid import declared

    over: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name or not values:
            raise KnobError(f"--over {quoted(text)} is not KNOB=VALUES, such as network.alpha=1,10,100")
        knob = declared(name)
        if name in over:
            raise KnobError(f"--over {name} is given twice: put all its values in one")
        over[name] = read_values(name, values, knob)
    return over


def read_values(name: str, text: str, knob: param.Parameter) -> list[Any]:
    """Return the values that a text names, as `HELP` says.

    Args:
        name: Of the knob.
        text: A list whose parts may be ranges.
        knob: Its declaration.

    Raises:
        KnobError: A range is bad.
    """
    if name == "methods":
        return split_list(text)
    parts = [part.strip() for part in split_outside(text) if part.strip()]
    if not isinstance(knob, param.Number):
        return parts
    values: list[Any] = []
    for part in parts:
        match = _RANGE.match(part)
        values += _range(name, part, match, knob) if match else [part]
    return values


def _range(name: str, text: str, match: re.Match[str], knob: param.Number) -> list[float]:
    """Return the values of LOW:HIGH or LOW:HIGH:COUNT."""
    whole = isinstance(knob, param.Integer)
    low, high = (_number(end, f"{name} = {quoted(text)}") for end in match.groups()[:2])
    if match.group(3) is None:
        if not whole or low != int(low) or high != int(high) or high < low:
            raise KnobError(f"{name} = {quoted(text)} is no range: allowed LOW:HIGH:COUNT, such as 1:100:5")
        _check_count(name, text, high - low + 1)
        return list(range(int(low), int(high) + 1))
    count = _count(match.group(3), f"{name} = {quoted(text)}: COUNT") or 1
    _check_count(name, text, count)
    from gnviz.sweeps.values import spaced

    return spaced(knob, low, high, count)


def _check_count(name: str, text: str, count: float) -> None:
    from gnviz.sweeps.grid import MOST_CELLS

    if count > MOST_CELLS:
        raise KnobError(f"{name} = {quoted(text)} has {count:.0f} values; allowed are {MOST_CELLS}")


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise KnobError(f"{what}: {quoted(text)} is no number")
    return number


def _count(text: str | None, what: str) -> int | None:
    if text is None:
        return None
    if not text.strip().isdecimal() or int(text) < 1:
        raise KnobError(f"{what} = {quoted(text)} is not allowed: an integer of at least 1")
    return int(text)


class _Line:
    """Progress on stderr: one line that is written again, or one now and then in a log.

    Args:
        quiet: Whether nothing is shown.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._live, self._width = quiet, sys.stderr.isatty(), 0
        self._told = -math.inf

    def show(self, progress: Progress) -> None:
        """Show how far the sweep has come."""
        if self._quiet:
            return
        if self._live:
            text = str(progress)
            print(f"\r{text:{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        elif time.monotonic() - self._told > EVERY or progress.done == progress.total:
            self._told = time.monotonic()
            say(str(progress))

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._width:
            print(file=sys.stderr, flush=True)
        self._width = 0


UNMADE = ("refused", "failed", "lost", "missing", "cancelled")
"""Statuses of runs without numbers."""


def summary(ds: xr.Dataset) -> str:
    """Return a table: a line for each run and value of the knobs but seeds, over which it has medians."""
    from gnviz.sweeps.order import REPETITIONS

    knobs = [str(name) for name in ds["final_loss"].dims if name != "run"]
    seeds = [name for name in knobs if name in REPETITIONS]
    shown = [name for name in knobs if name not in REPETITIONS]
    made = ~ds["status"].isin(UNMADE)
    names = ("final_loss", "time_to_loss", "kernel_drift")
    medians = ds[list(names)].median(seeds) if seeds else ds[list(names)]
    counts = made.sum(seeds) if seeds else made.astype(int)
    of = math.prod(ds.sizes[name] for name in seeds)
    unit = "step" if ds.attrs["clock"] == "steps" else "t"
    head = [*shown, "run", "made", "final loss", f"{unit} at {ds.attrs['level']:g}", "kernel change"]
    rows = [head]
    for index in np.ndindex(*(ds.sizes[name] for name in shown), ds.sizes["run"]):
        where = dict(zip((*shown, "run"), index, strict=True))
        values = [_text(ds[name].values[where[name]]) for name in shown]
        numbers = [_text(float(medians[name].isel(where))) for name in names]
        rows.append([*values, str(ds["run"].values[index[-1]]), f"{int(counts.isel(where))}/{of}", *numbers])
    lines = _aligned(rows[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS + 1:
        lines.append(f"... and {len(rows) - MOST_ROWS - 1} lines more")
    if seeds:
        lines.append(f"medians over {' and '.join(seeds)}")
    return "\n".join([*lines, *_troubles(ds)])


def _troubles(ds: xr.Dataset) -> list[str]:
    """Return a line for each kind of cell that has no numbers, with the sentence of the first."""
    status, texts = ds["status"].isel(run=0).values.ravel(), ds["status_text"].isel(run=0).values.ravel()
    lines = []
    for kind in UNMADE:
        where = np.flatnonzero(status == kind)
        if len(where):
            first = f", the first: {texts[where[0]]}" if texts[where[0]] else ""
            lines.append(f"{kind}: {len(where)} of {len(status)} cells{first}")
    return lines


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return "-" if math.isnan(value) else f"{value:.4g}"
    return str(value)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
