"""Where the command line reads experiments and results from, and where it writes to."""

from __future__ import annotations

import os
import tempfile
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
    from gnviz.lab.server.address import read

    visited = read(urlsplit(link).query)
    if visited.refusal:
        raise KnobError(visited.refusal.removesuffix(" Showing the default experiment."))
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
    if path.is_dir():
        raise IsADirectoryError(f"{option} {path} is a folder; give a file's name")
    if path.exists() and not path.is_file():
        raise OSError(f"{option} {path} is not a regular file; give a file's name")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        reason = "no such folder" if isinstance(error, FileNotFoundError) else error.strerror
        raise OSError(f"{option} {path} cannot be written ({path.parent}: {reason})") from None


def save(data: memoryview, path: Path) -> int:
    """Write a file, and if that fails write it in the folder for temporary files."""
    from gnviz import results

    try:
        say(f"saved {results.replace_file(path, data)}")
        return OK
    except OSError as error:
        say(str(error))
    try:
        handle, rescue = tempfile.mkstemp(prefix=f"{path.stem}-", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        say(f"no other place to save it was found ({error}): the result is lost")
        return NOT_SAVED
    try:
        say(f"saved {results.replace_file(rescue, data)} instead")
    except OSError as error:
        Path(rescue).unlink(missing_ok=True)
        say(f"{error}; the result is lost")
    return NOT_SAVED
