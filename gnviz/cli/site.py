"""`gnviz export lessons FOLDER`: the lessons as a site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gnviz.cli.terminal import OK, say
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.lessons import lesson

if TYPE_CHECKING:
    import xarray as xr

KIND = "lessons"
"""What it is called among the kinds of exports."""


def write_site(folder: Path, names: Sequence[str], run: Callable[[Experiment], xr.Dataset]) -> int:
    """Write the pages, each as soon as its lesson's experiments are done; those of before are replaced.

    Args:
        folder: Where to; it is made if need be.
        names: Of the lessons; none: all.
        run: Gives an experiment's Dataset.

    Raises:
        KnobError: There is no such lesson, or `folder` is a file.
        OSError: A file cannot be written.
    """
    chosen = [lesson(name) for name in names] or None
    if folder.exists() and not folder.is_dir():
        raise KnobError(f"{folder} is a file; give a folder's name")
    folder.mkdir(parents=True, exist_ok=True)
    from gnviz import export, results

    for name, text in export.site(run, chosen):
        say(f"saved {results.replace_file(folder / name, memoryview(text.encode()))}")
    return OK
