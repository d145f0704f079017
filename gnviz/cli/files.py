"""Where the command line reads experiments and results from, and where it writes to."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gnviz.cli.terminal import NOT_SAVED, OK, say
from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    import xarray as xr


def read_experiment(name: str) -> Experiment:
    """Return the experiment of a JSON file or of a link to the page, or a preset.

    Raises:
        KnobError: There is no such preset, or the file or the link holds no experiment.
        OSError: The file cannot be read.
    """
    if "?" in name:
        return read_link(name)
    if not name.endswith(".json") and not Path(name).is_file():
        return preset(name)
    try:
        return Experiment.from_json(Path(name).read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise KnobError(f"{name} is not a text file; expected an experiment as JSON") from None
    except KnobError as error:
        raise KnobError(f"{name}: {error}") from None


def read_link(link: str) -> Experiment:
    """Return the experiment that the page opens with at a link.

    Raises:
        KnobError: The page would refuse it.
    """
    from gnviz.lab.server.address import INSTEAD, read

    visited = read(urlsplit(link).query)
    if visited.refusal:
        raise KnobError(visited.refusal.removesuffix(f" {INSTEAD}"))
    return visited.experiment


def read_run(name: str, changes: Mapping[str, str]) -> Experiment | xr.Dataset:
    """Return a result (.nc), or the experiment of anything else that `gnviz run` takes.

    Args:
        name: As it is called.
        changes: Knobs of an experiment to change.

    Raises:
        KnobError: The file is no result, or changes are asked for of a run that was made; or as
            `read_experiment`.
        OSError: The file cannot be read.
    """
    if not name.endswith(".nc"):
        return read_experiment(name).replace(changes)
    if changes:
        raise KnobError(f"--set changes an experiment before it is run; {name} is the result of one that was")
    from gnviz import results

    try:
        return results.load(name)
    except ValueError as error:
        raise KnobError(str(error)) from None


def free_name(run: str, ending: str) -> Path:
    """Return a file in this folder, named after a run.

    Raises:
        OSError: There is one of this name.
    """
    path = Path(("run" if "?" in run else Path(run).stem) + ending)
    if path.exists():
        raise FileExistsError(f"{path} is there already; give a file's name: -o {path} replaces it")
    return path


def check_writable(path: Path, option: str = "-o") -> None:
    """Find out before a long run whether its result can be saved.

    Raises:
        OSError: It cannot; the message says why.
    """
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if not os.path.lexists(path):  # its name may be too long, or have letters that none has here
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            path.unlink()
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "no such folder" if missing else getattr(error, "strerror", None) or error
        raise OSError(f"{option} {path} cannot be written ({path.parent}: {reason})") from None
    if path.is_dir():
        raise IsADirectoryError(f"{option} {path} is a folder; give a file's name")
    if path.exists() and not path.is_file():
        raise OSError(f"{option} {path} is not a regular file; give a file's name")


def save(data: memoryview, path: Path) -> int:
    """Write a file; if that fails write it beside, else in the folder for temporary files."""
    from gnviz import results

    try:
        say(f"saved {results.replace_file(path, data)}")
        return OK
    except (OSError, ValueError) as error:
        say(str(error))
    why = ""
    for folder in (path.parent, Path(tempfile.gettempdir())):
        rescue = folder / f"gnviz-{uuid.uuid4().hex[:8]}{path.suffix[:8]}"
        try:
            say(f"saved {results.replace_file(rescue, data)} instead")
            return NOT_SAVED
        except (OSError, ValueError) as error:
            why = str(error)
    say(f"{why}; no other place to save it was found: the result is lost")
    return NOT_SAVED
